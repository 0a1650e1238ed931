// The kernel as it was compiled for each instruction set, and which of them this processor has.
#pragma once
#include <cstdint>
#include <vector>

#define DECLARE(isa)                                             \
  extern "C" int jko_tasks_##isa(char *, int32_t, int);          \
  extern "C" void jko_task_##isa(char *, int32_t, int, int, int);
DECLARE(portable)
#ifdef HAVE_X86
DECLARE(avx2)
DECLARE(avx512)
#endif
#undef DECLARE

struct Isa {
  const char *name;
  int (*tasks)(char *, int32_t, int);
  void (*task)(char *, int32_t, int, int, int);
};

// Best first.
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
