// Replays what trainings asked of the kernel, recorded by run.mjs, on the engine and its pool of threads, all of it compiled
// with ThreadSanitizer. Says how many jobs ran, and a digest of all that was read: it must be the same for any number of
// threads. (It is not that of the recording: other optimisation flags fuse other products.)
//
//   replay TRACE ISA THREADS
#include <cstdio>
#include <cstdlib>
#include <string>

#include "../src/engine.h"
#include "../src/jobCheck.h"

enum Kind { RESERVE = 0, WRITE_BYTES = 1, READ_BYTES = 2, EXECUTE = 3 };

int main(int count, char **words) {
  if (count != 4) return 64;
  FILE *file = fopen(words[1], "rb");
  const int threads = atoi(words[3]);
  if (!file || threads < 1) return 64;
  for (const Isa &isa : available()) {
    if (std::string(isa.name) != words[2]) continue;
    Engine engine(isa, threads);
    long jobs = 0;
    uint64_t digest = 14695981039346656037u;  // FNV-1a
    double head[3];  // kind, bytes or line, bytes that follow
    std::vector<char> data;
    while (fread(head, sizeof head, 1, file) == 1) {
      const size_t line = (size_t)head[1], bytes = (size_t)head[2];
      data.resize(bytes);
      if (bytes && fread(data.data(), bytes, 1, file) != 1) return 65;
      char *at = engine.memory.start() + line * 64;
      switch ((int)head[0]) {
        case RESERVE:
          if (!engine.memory.reserve(line)) return 66;
          break;
        case WRITE_BYTES:
          if (bytes) memcpy(at, data.data(), bytes);
          break;
        case READ_BYTES:
          for (size_t i = 0; i < bytes; i++) digest = (digest ^ (unsigned char)at[i]) * 1099511628211u;
          break;
        case EXECUTE:
          if (const char *problem = JobCheck(engine.memory.start(), engine.memory.bytes(), threads).problem((int64_t)line)) {
            fprintf(stderr, "%s\n", problem);
            return 68;
          }
          engine.execute((int32_t)line);
          jobs++;
          break;
      }
    }
    printf("%ld jobs, results %016llx\n", jobs, (unsigned long long)digest);
    return 0;
  }
  return 69;
}
