// The kernel as a Node addon: one reserved range of memory per engine, addressed in lines of 64 bytes as the WASM build
// addresses its linear memory, and a pool of threads that share the tasks of each phase.
#include <node_api.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#ifdef _WIN32
#include <windows.h>
#else
#include <sys/mman.h>
#endif

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

#include "tape.h"

#define DECLARE(isa)                                             \
  extern "C" int jko_tasks_##isa(char *, int32_t, int);          \
  extern "C" void jko_task_##isa(char *, int32_t, int, int, int);
DECLARE(portable)
#ifdef HAVE_X86
DECLARE(avx2)
DECLARE(avx512)
#endif

struct Isa {
  const char *name;
  int (*tasks)(char *, int32_t, int);
  void (*task)(char *, int32_t, int, int, int);
};

static std::vector<Isa> available() {
  std::vector<Isa> list;
#ifdef HAVE_X86
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl"))
    list.push_back({"avx512", jko_tasks_avx512, jko_task_avx512});
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) list.push_back({"avx2", jko_tasks_avx2, jko_task_avx2});
#endif
  list.push_back({"portable", jko_tasks_portable, jko_task_portable});
  return list;
}

// Address space is reserved once; the system gives pages when they are first written.
static const size_t RESERVED = (size_t)1 << 36;

static char *reserve_memory() {
#ifdef _WIN32
  return (char *)VirtualAlloc(nullptr, RESERVED, MEM_RESERVE, PAGE_NOACCESS);
#else
  void *p = mmap(nullptr, RESERVED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return p == MAP_FAILED ? nullptr : (char *)p;
#endif
}
static bool commit_memory(char *memory, size_t bytes) {
#ifdef _WIN32
  return VirtualAlloc(memory, bytes, MEM_COMMIT, PAGE_READWRITE) != nullptr;
#else
  (void)memory;
  return bytes <= RESERVED;
#endif
}
static void release_memory(char *memory) {
#ifdef _WIN32
  VirtualFree(memory, 0, MEM_RELEASE);
#else
  munmap(memory, RESERVED);
#endif
}

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
  Engine(Isa isa, int threads) : memory(reserve_memory()), isa_(isa), threads_(threads) {
    for (int i = 1; i < threads; i++) workers_.emplace_back([this, i] { work(i); });
  }
  ~Engine() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      stop_ = true;
      generation_++;
    }
    wake_.notify_all();
    for (auto &worker : workers_) worker.join();
    if (memory) release_memory(memory);
  }
  void execute(int32_t job) {
    const FlushTiny flush;
    for (int phase = 0; phase < PHASES; phase++) {
      const int count = isa_.tasks(memory, job, phase);
      if (threads_ == 1 || count <= 1) {
        for (int t = 0; t < count; t++) isa_.task(memory, job, phase, t, 0);
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
  char *memory;
  size_t committed = 0;

 private:
  void take(int thread) {
    for (int t; (t = next_.fetch_add(1)) < count_;) isa_.task(memory, job_, phase_, t, thread);
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
  Isa isa_;
  int threads_;
  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<int> generation_{0}, next_{0}, busy_{0};
  std::atomic<bool> stop_{false};
  int32_t job_ = 0;
  int phase_ = 0, count_ = 0;
};

static napi_value fail(napi_env env, const char *message) {
  napi_throw_error(env, nullptr, message);
  return nullptr;
}
static Engine *engine_of(napi_env env, napi_value value) {
  void *data = nullptr;
  if (napi_get_value_external(env, value, &data) != napi_ok || !data || !*(Engine **)data) return nullptr;
  return *(Engine **)data;
}
struct Call {
  napi_value args[3];
  size_t count = 3;
  Engine *engine = nullptr;
  Call(napi_env env, napi_callback_info info) {
    napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
    if (count > 0) engine = engine_of(env, args[0]);
  }
};

static napi_value isas(napi_env env, napi_callback_info) {
  napi_value list;
  napi_create_array(env, &list);
  uint32_t i = 0;
  for (const Isa &isa : available()) {
    napi_value name;
    napi_create_string_utf8(env, isa.name, NAPI_AUTO_LENGTH, &name);
    napi_set_element(env, list, i++, name);
  }
  return list;
}

// create(isa, threads) -> engine
static napi_value create(napi_env env, napi_callback_info info) {
  napi_value args[2];
  size_t count = 2;
  napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
  char name[32] = {0};
  int32_t threads = 0;
  if (count < 2 || napi_get_value_string_utf8(env, args[0], name, sizeof name, nullptr) != napi_ok ||
      napi_get_value_int32(env, args[1], &threads) != napi_ok || threads < 1 || threads > 1024)
    return fail(env, "create(isa, threads): expected a name and 1 to 1024 threads");
  for (const Isa &isa : available()) {
    if (std::string(isa.name) != name) continue;
    auto **box = new Engine *(new Engine(isa, threads));
    if (!(*box)->memory) {
      delete *box;
      delete box;
      return fail(env, "out of address space for an engine");
    }
    napi_value external;
    napi_create_external(
        env, box,
        [](napi_env, void *data, void *) {
          delete *(Engine **)data;
          delete (Engine **)data;
        },
        nullptr, &external);
    return external;
  }
  return fail(env, "this processor does not have the instruction set that was asked for");
}

// dispose(engine): ends the threads and gives the memory back; a second call does nothing.
static napi_value dispose(napi_env env, napi_callback_info info) {
  napi_value args[1];
  size_t count = 1;
  napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
  void *data = nullptr;
  if (count == 1 && napi_get_value_external(env, args[0], &data) == napi_ok && data) {
    delete *(Engine **)data;
    *(Engine **)data = nullptr;
  }
  return nullptr;
}

// reserve(engine, bytes): make the first `bytes` of memory usable.
static napi_value reserve(napi_env env, napi_callback_info info) {
  Call call(env, info);
  double bytes = 0;
  if (!call.engine || napi_get_value_double(env, call.args[1], &bytes) != napi_ok) return fail(env, "engine is disposed");
  if (bytes > call.engine->committed) {
    if (bytes > (double)RESERVED || !commit_memory(call.engine->memory, (size_t)bytes)) return fail(env, "out of engine memory");
    call.engine->committed = (size_t)bytes;
  }
  return nullptr;
}

// write(engine, line, typed array) and read(engine, line, typed array)
template <bool WRITE>
static napi_value transfer(napi_env env, napi_callback_info info) {
  Call call(env, info);
  double line = 0;
  void *data = nullptr;
  size_t length = 0;
  napi_typedarray_type type;
  if (!call.engine) return fail(env, "engine is disposed");
  if (napi_get_value_double(env, call.args[1], &line) != napi_ok ||
      napi_get_typedarray_info(env, call.args[2], &type, &length, &data, nullptr, nullptr) != napi_ok)
    return fail(env, "expected (engine, line, typed array)");
  const size_t width = type == napi_float64_array ? 8 : type == napi_uint8_array ? 1 : 4, bytes = length * width;
  const size_t offset = (size_t)line * 64;
  if (offset + bytes > call.engine->committed) return fail(env, "outside of engine memory");
  if (WRITE) memcpy(call.engine->memory + offset, data, bytes);
  else memcpy(data, call.engine->memory + offset, bytes);
  return nullptr;
}

static napi_value execute(napi_env env, napi_callback_info info) {
  Call call(env, info);
  double line = 0;
  if (!call.engine || napi_get_value_double(env, call.args[1], &line) != napi_ok) return fail(env, "engine is disposed");
  call.engine->execute((int32_t)(uint32_t)line);
  return nullptr;
}

static napi_value init(napi_env env, napi_value exports) {
  const struct {
    const char *name;
    napi_callback call;
  } all[] = {{"isas", isas},       {"create", create},         {"dispose", dispose},       {"reserve", reserve},
             {"execute", execute}, {"write", transfer<true>},  {"read", transfer<false>}};
  for (const auto &entry : all) {
    napi_value function;
    napi_create_function(env, entry.name, NAPI_AUTO_LENGTH, entry.call, nullptr, &function);
    napi_set_named_property(env, exports, entry.name, function);
  }
  return exports;
}
NAPI_MODULE(jkoflow_kernel, init)
