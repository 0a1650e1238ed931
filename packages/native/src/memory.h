// The memory of one engine: addressed in lines of 64 bytes from its start, zero until it is written.
//
// On Linux it grows with what is reserved and may move then, which moves page tables and copies nothing; so an engine takes
// little more address space than memory, under `ulimit -v` and with strict accounting of memory too. Elsewhere there is no
// such move: address space is taken once, and the system gives pages when they are first written.
#pragma once
#include <cstddef>

#ifdef _WIN32
#include <windows.h>
#else
#include <sys/mman.h>
#endif

class Memory {
 public:
  static constexpr size_t LARGEST = (size_t)1 << 36;

  Memory() = default;
  Memory(const Memory &) = delete;
  Memory &operator=(const Memory &) = delete;
  ~Memory() { release(); }

  char *start() const { return start_; }
  size_t bytes() const { return bytes_; }

  // Makes the first `bytes` usable; false where the system gives no more, and then all stays as it was.
  bool reserve(size_t bytes) {
    if (bytes <= bytes_) return true;
    if (bytes > LARGEST || !provide(bytes)) return false;
    bytes_ = bytes;
    return true;
  }

 private:
  char *start_ = nullptr;
  // Usable, and mapped.
  size_t bytes_ = 0, mapped_ = 0;

#if defined(__linux__)
  static constexpr size_t STEP = (size_t)1 << 21;

  // By half at least, so that an engine that grows line by line moves seldom; exactly where there is no room for that.
  bool provide(size_t bytes) {
    if (bytes <= mapped_) return true;
    const size_t half = mapped_ + mapped_ / 2;
    return map(half > bytes ? half : bytes) || map(bytes);
  }
  bool map(size_t bytes) {
    const size_t whole = (bytes + STEP - 1) / STEP * STEP;
    void *p = mapped_ == 0 ? mmap(nullptr, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
                           : mremap(start_, mapped_, whole, MREMAP_MAYMOVE);
    if (p == MAP_FAILED) return false;
    start_ = (char *)p;
    mapped_ = whole;
    return true;
  }
  void release() {
    if (mapped_) munmap(start_, mapped_);
  }
#elif defined(_WIN32)
  bool provide(size_t bytes) {
    if (!mapped_) {
      start_ = (char *)VirtualAlloc(nullptr, LARGEST, MEM_RESERVE, PAGE_NOACCESS);
      if (!start_) return false;
      mapped_ = LARGEST;
    }
    return VirtualAlloc(start_, bytes, MEM_COMMIT, PAGE_READWRITE) != nullptr;
  }
  void release() {
    if (mapped_) VirtualFree(start_, 0, MEM_RELEASE);
  }
#else
  bool provide(size_t) {
    if (mapped_) return true;
    void *p = mmap(nullptr, LARGEST, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) return false;
    start_ = (char *)p;
    mapped_ = LARGEST;
    return true;
  }
  void release() {
    if (mapped_) munmap(start_, mapped_);
  }
#endif
};
