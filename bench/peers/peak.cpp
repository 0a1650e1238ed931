// Highest rate of fused multiply-adds of one core while THREADS cores compute, in GFLOP per second of CPU time.
// Usage: peak THREADS; then one figure for every line of input. Compile with -O3 -march=native -pthread.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <thread>
#include <vector>

#if defined(__AVX512F__)
enum { WIDTH = 16 };
#elif defined(__AVX__)
enum { WIDTH = 8 };
#else
enum { WIDTH = 4 };
#endif
typedef float Vector __attribute__((vector_size(WIDTH * 4)));

// Twelve independent chains hide the latency of every core that exists.
enum { CHAINS = 12, ROUNDS = 1000000 };

static double cpu_seconds() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

static double rate() {
  volatile float unknown = 0.5f;  // or the compiler works chains out beforehand: 1 * 0.999 + 0.001 stays 1
  const float given = unknown;
  Vector sums[CHAINS], factor = given - (Vector){}, term = given - (Vector){};
  for (int i = 0; i < CHAINS; i++) sums[i] = given * (float)i - (Vector){};
  const double start = cpu_seconds();
  for (int r = 0; r < ROUNDS; r++) {
#pragma GCC unroll 12
    for (int i = 0; i < CHAINS; i++) sums[i] = sums[i] * factor + term;
  }
  const double seconds = cpu_seconds() - start;
  volatile float keep = 0;
  for (int i = 0; i < CHAINS; i++) keep = keep + sums[i][0];
  return 2e-9 * ROUNDS * CHAINS * WIDTH / seconds;
}

int main(int argc, char **argv) {
  const int threads = argc > 1 ? std::atoi(argv[1]) : 1;
  char line[64];
  while (std::fgets(line, sizeof line, stdin)) {
    std::vector<double> best(threads, 0.);
    std::vector<std::thread> running;
    for (int t = 0; t < threads; t++)
      running.emplace_back([&best, t] {
        for (int again = 0; again < 10; again++) best[t] = std::max(best[t], rate());
      });
    for (std::thread &thread : running) thread.join();
    std::printf("%g\n", *std::min_element(best.begin(), best.end()));
    std::fflush(stdout);
  }
}
