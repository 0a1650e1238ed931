// An engine: its memory, and a pool of threads that share the tasks of each phase of a job.
#pragma once
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

#include "isa.h"
#include "memory.h"
#include "tape.h"

// Results below the normal numbers become 0 while this lives. A sharp softplus has slopes of e^-80 on most rows, and the
// products of such slopes take some processors a hundred times as long as others, for sums in which they count for nothing.
// A value that is read stays as it is.
class FlushTiny {
 public:
#if defined(__SSE__)
  FlushTiny() : before_(_mm_getcsr()) { _mm_setcsr(before_ | 0x8000); }  // bit 15: flush to zero
  ~FlushTiny() { _mm_setcsr(before_); }

 private:
  unsigned before_;
#else
  FlushTiny() {}
  ~FlushTiny() {}
#endif
};

// Threads wait for a generation number: spinning first (phases follow one another within microseconds), then asleep.
class Engine {
 public:
  // Throws std::system_error where a thread cannot be started; those that were are ended then.
  Engine(Isa isa, int threads) : isa_(isa), threads_(threads) {
    try {
      workers_.reserve(threads - 1);
      for (int i = 1; i < threads; i++) workers_.emplace_back([this, i] { work(i); });
    } catch (...) {
      end();
      throw;
    }
  }
  ~Engine() { end(); }

  Memory memory;
  int threads() const { return threads_; }

  void execute(int32_t job) {
    const FlushTiny flush;
    char *const at = memory.start();
    for (int phase = 0; phase < PHASES; phase++) {
      const int count = isa_.tasks(at, job, phase);
      if (threads_ == 1 || count <= 1) {
        for (int t = 0; t < count; t++) isa_.task(at, job, phase, t, 0);
        continue;
      }
      job_ = job;
      phase_ = phase;
      count_ = count;
      next_ = 0;
      busy_ = threads_ - 1;
      {
        std::lock_guard<std::mutex> lock(mutex_);
        generation_++;
      }
      wake_.notify_all();
      take(0);
      while (busy_.load(std::memory_order_acquire) > 0) std::this_thread::yield();
    }
  }

 private:
  void take(int thread) {
    for (int t; (t = next_.fetch_add(1)) < count_;) isa_.task(memory.start(), job_, phase_, t, thread);
  }
  void work(int thread) {
    const FlushTiny flush;
    int seen = 0;
    for (;;) {
      for (int spin = 0; generation_.load(std::memory_order_acquire) == seen; spin++) {
        if (spin > 4000) {
          std::unique_lock<std::mutex> lock(mutex_);
          wake_.wait(lock, [&] { return generation_.load() != seen; });
        }
      }
      seen = generation_.load(std::memory_order_acquire);
      if (stop_) return;
      take(thread);
      busy_.fetch_sub(1, std::memory_order_release);
    }
  }
  void end() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      stop_ = true;
      generation_++;
    }
    wake_.notify_all();
    for (auto &worker : workers_) worker.join();
    workers_.clear();
  }
  Isa isa_;
  int threads_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<int> generation_{0}, next_{0}, busy_{0};
  std::atomic<bool> stop_{false};
  int32_t job_ = 0;
  int phase_ = 0, count_ = 0;
  // Last, so that all that the threads use is there before them.
  std::vector<std::thread> workers_;
};
