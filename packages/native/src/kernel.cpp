// The kernel: runs the three tapes of a program for a job, and the optimiser step. One source for every vector length.
//
// Rows are cut into a fixed number of shards; each shard sums into its own area, and the areas are added in the order of
// the shards. So the bits of a result do not depend on how many threads took the shards.
#include "tape.h"
#include "gemm.h"
#include "elementwise.h"

#ifndef KERNEL
#define KERNEL(name) jko_##name
#endif

INLINE float *floats(char *memory, int32_t line) { return (float *)(memory + (long)(uint32_t)line * 64); }

template <bool CHECK>
static int run(const int32_t *pc, const Bases &bases, char *memory, const int32_t *job, int first_row, int tile_rows) {
#define AT(operand) locate(bases, operand, 0, 0)
  for (;;) {
    switch (*pc) {
      case END:
        return -1;
      case ELEMENTWISE: {
        const int site = elementwise<CHECK>(pc, bases, tile_rows);
        if (CHECK && site >= 0) return site;
        pc += 5 + OPERATION_WORDS * pc[4];
        break;
      }
      case MATMUL: {
        const int rows = pc[1] == ROWS_OF_TILE ? tile_rows : pc[1];
        matmul(rows, AT(pc[2]), pc[3], AT(pc[4]), pc[5], pc[6], AT(pc[7]), pc[8], pc[9] == NO_OPERAND ? 0 : AT(pc[9]));
        if (CHECK)
          for (int r = 0; r < rows; r++)
            if (has_bad(AT(pc[7]) + (long)r * pc[8], pc[6])) return pc[10];
        pc += 11;
        break;
      }
      case OUTER: {
        Word factor;
        factor.i = pc[9];
        outer(tile_rows, AT(pc[1]), pc[2], AT(pc[3]), pc[4], pc[5], pc[6], AT(pc[7]), pc[8], factor.f);
        if (CHECK)
          for (int r = 0; r < pc[5]; r++)
            if (has_bad(AT(pc[7]) + (long)r * pc[8], pc[6])) return pc[10];
        pc += 11;
        break;
      }
      case LOAD:
      case STORE: {
        const int32_t *slot = job + JOB_SLOTS + SLOT_WORDS * pc[1];
        float *table = floats(memory, slot[0]), *tile = AT(pc[2]);
        // Asked by number, not by pointer: memory begins at address 0 in WebAssembly, where a compiler may take
        // memory + x for null because memory is.
        const bool indexed = slot[2] != 0;
        const int32_t *index = (const int32_t *)floats(memory, slot[2]);
        const int stride = pc[3], n = pc[4];
        for (int r = 0; r < tile_rows; r++) {
          const long row = indexed ? index[first_row + r] : (long)slot[3] + first_row + r;
          float *outside = table + row * slot[1], *inside = tile + (long)r * stride;
          if (*pc == LOAD)
            for (int i = 0; i < n; i++) inside[i] = outside[i];
          else
            for (int i = 0; i < n; i++) outside[i] = inside[i];
          if (CHECK && *pc == LOAD && has_bad(inside, n)) return pc[5];
        }
        pc += 6;
        break;
      }
      case PACK:
        pack(AT(pc[1]), pc[2], pc[3], pc[4], pc[5], AT(pc[6]));
        pc += 7;
        break;
      case TRANSPOSE: {
        const float *a = AT(pc[3]);
        float *d = AT(pc[5]);
        for (int r0 = 0; r0 < pc[1]; r0 += 16)
          for (int c = 0; c < pc[2]; c++)
            for (int r = r0; r < pc[1] && r < r0 + 16; r++) d[(long)c * pc[6] + r] = a[(long)r * pc[4] + c];
        pc += 7;
        break;
      }
      case COPY: {
        const float *a = AT(pc[3]), factor = pc[7] == NO_OPERAND ? 1.f : *AT(pc[7]);
        float *d = AT(pc[5]);
        for (int r = 0; r < pc[1]; r++)
          for (int i = 0; i < pc[2]; i++) d[(long)r * pc[6] + i] = factor * a[(long)r * pc[4] + i];
        pc += 8;
        break;
      }
      case CLEAR: {
        const int rows = pc[1] == ROWS_OF_TILE ? tile_rows : pc[1];
        float *d = AT(pc[3]);
        for (int r = 0; r < rows; r++)
          for (int i = 0; i < pc[2]; i++) d[(long)r * pc[4] + i] = 0.f;
        pc += 5;
        break;
      }
      default:
        return -2;
    }
  }
#undef AT
}

static Bases bases_of(char *memory, const int32_t *job, int shard, int thread) {
  float *tile = floats(memory, job[JOB_TILE] + job[JOB_TILE_STRIDE] * thread);
  Bases bases;
  bases.at[BASE_TILE] = tile;
  bases.at[BASE_SCRATCH] = tile + job[JOB_SCRATCH];
  bases.at[BASE_SUM] = floats(memory, job[JOB_SUM] + job[JOB_SUM_STRIDE] * shard);
  bases.at[BASE_PARAMETER] = floats(memory, job[JOB_PARAMETER]);
  bases.at[BASE_COMMON] = floats(memory, job[JOB_COMMON]);
  bases.at[BASE_GRADIENT] = floats(memory, job[JOB_GRADIENT]);
  bases.at[6] = bases.at[7] = 0;
  return bases;
}

static void run_tape(const int32_t *tape, char *memory, int32_t *job, int shard, int thread, int first_row, int rows) {
  const Bases bases = bases_of(memory, job, shard, thread);
  if (!job[JOB_CHECK]) {
    run<false>(tape, bases, memory, job, first_row, rows);
  } else if (job[JOB_SITE] < 0) {
    job[JOB_SITE] = run<true>(tape, bases, memory, job, first_row, rows);
  }
}

// Rows in units of ROW_UNIT: part `i` of `parts` begins at this row.
INLINE int part_begin(int units, int i, int parts, int rows) {
  const long row = (long)units * i / parts * ROW_UNIT;
  return row < rows ? (int)row : rows;
}
INLINE int units_of(const int32_t *job) { return (job[JOB_ROWS] + ROW_UNIT - 1) / ROW_UNIT; }

static void run_shard(char *memory, int32_t *job, int shard, int thread) {
  const int32_t *tape = (const int32_t *)floats(memory, job[JOB_ROW_TAPE]);
  float *sums = floats(memory, job[JOB_SUM] + job[JOB_SUM_STRIDE] * shard);
  for (int i = 0; i < job[JOB_SUM_FLOATS]; i++) sums[i] = 0.f;
  const int units = units_of(job), shards = job[JOB_SHARDS];
  const int begin = (int)((long)units * shard / shards), end = (int)((long)units * (shard + 1) / shards), mine = end - begin;
  const int tiles = (mine + job[JOB_TILE_UNITS] - 1) / job[JOB_TILE_UNITS];
  for (int t = 0; t < tiles; t++) {
    const int from = (begin + (int)((long)mine * t / tiles)) * ROW_UNIT;
    int to = (begin + (int)((long)mine * (t + 1) / tiles)) * ROW_UNIT;
    if (to > job[JOB_ROWS]) to = job[JOB_ROWS];
    run_tape(tape, memory, job, shard, thread, from, to - from);
  }
}

INLINE int chunks(int n) { return (n + CHUNK_FLOATS - 1) / CHUNK_FLOATS; }
INLINE int chunk_end(int chunk, int n) { return (chunk + 1) * CHUNK_FLOATS < n ? (chunk + 1) * CHUNK_FLOATS : n; }

static void reduce_chunk(char *memory, const int32_t *job, int chunk) {
  float *sum = floats(memory, job[JOB_SUM]);
  const int begin = chunk * CHUNK_FLOATS, end = chunk_end(chunk, job[JOB_SUM_FLOATS]);
  for (int s = 1; s < job[JOB_SHARDS]; s++) {
    const float *part = floats(memory, job[JOB_SUM] + job[JOB_SUM_STRIDE] * s);
    for (int i = begin; i < end; i++) sum[i] += part[i];
  }
}

static void norm_chunk(char *memory, const int32_t *job, int chunk) {
  const float *g = floats(memory, job[JOB_GRADIENT]);
  double s = 0;
  for (int i = chunk * CHUNK_FLOATS, end = chunk_end(chunk, job[JOB_PARAMETER_FLOATS]); i < end; i++) s += (double)g[i] * g[i];
  ((double *)floats(memory, job[JOB_PARTIALS]))[1 + chunk] = s;
}

// The loss and the squared norm of the gradient are both finite.
static bool is_finite(char *memory, const int32_t *job, double squared) {
  const double loss = job[JOB_LOSS] < 0 ? 0. : floats(memory, job[JOB_COMMON])[job[JOB_LOSS]];
  return squared - squared == 0 && loss - loss == 0;
}

// Adam with decoupled weight decay (Loshchilov and Hutter, ICLR 2019, arXiv:1711.05101, algorithm 2) after clipping by the
// global norm. Nothing is updated when the loss or the gradient is not finite.
static void update_chunk(char *memory, int32_t *job, int chunk) {
  double *partials = (double *)floats(memory, job[JOB_PARTIALS]), squared = 0;
  for (int i = 0; i < chunks(job[JOB_PARAMETER_FLOATS]); i++) squared += partials[1 + i];
  if (chunk == 0) {
    partials[0] = squared;
    job[JOB_STATUS] = !is_finite(memory, job, squared);
  }
  if (!is_finite(memory, job, squared)) return;
  const float *o = floats(memory, job[JOB_OPTIMISER]);
  const double norm = __builtin_sqrt(squared);
  const float rate = o[0], decay = o[1], beta1 = o[2], beta2 = o[3], epsilon = o[4], fix1 = o[6], fix2 = o[7];
  const float factor = o[5] > 0 && norm > o[5] ? (float)(o[5] / norm) : 1.f;
  float *w = floats(memory, job[JOB_PARAMETER]), *m = floats(memory, job[JOB_MOMENT1]), *v = floats(memory, job[JOB_MOMENT2]);
  const float *g = floats(memory, job[JOB_GRADIENT]);
  for (int i = chunk * CHUNK_FLOATS, end = chunk_end(chunk, job[JOB_PARAMETER_FLOATS]); i < end; i++) {
    const float gi = factor * g[i];
    m[i] = beta1 * m[i] + (1.f - beta1) * gi;
    v[i] = beta2 * v[i] + (1.f - beta2) * gi * gi;
    w[i] -= rate * ((m[i] / fix1) / (__builtin_sqrtf(v[i] / fix2) + epsilon) + decay * w[i]);
  }
}

extern "C" {
// How many independent tasks a phase of the job has. Phases run one after another.
int KERNEL(tasks)(char *memory, int32_t job_line, int phase) {
  const int32_t *job = (const int32_t *)floats(memory, job_line);
  const bool sums = job[JOB_SUM_FLOATS] > 0;
  switch (phase) {
    case 0: return job[JOB_PROLOGUE] != 0;
    case 1: return sums ? job[JOB_SHARDS] : (units_of(job) + job[JOB_TILE_UNITS] - 1) / job[JOB_TILE_UNITS];
    case 2: return sums ? chunks(job[JOB_SUM_FLOATS]) : 0;
    case 3: return job[JOB_EPILOGUE] != 0;
    case 4:
    case 5: return job[JOB_OPTIMISE] ? chunks(job[JOB_PARAMETER_FLOATS]) : 0;
  }
  return 0;
}

void KERNEL(task)(char *memory, int32_t job_line, int phase, int task, int thread) {
  int32_t *job = (int32_t *)floats(memory, job_line);
  switch (phase) {
    case 0: return run_tape((const int32_t *)floats(memory, job[JOB_PROLOGUE]), memory, job, 0, thread, 0, 0);
    case 1: {
      if (job[JOB_SUM_FLOATS] > 0) return run_shard(memory, job, task, thread);
      const int tiles = KERNEL(tasks)(memory, job_line, 1), units = units_of(job), rows = job[JOB_ROWS];
      const int from = part_begin(units, task, tiles, rows), to = part_begin(units, task + 1, tiles, rows);
      return run_tape((const int32_t *)floats(memory, job[JOB_ROW_TAPE]), memory, job, 0, thread, from, to - from);
    }
    case 2: return reduce_chunk(memory, job, task);
    case 3: return run_tape((const int32_t *)floats(memory, job[JOB_EPILOGUE]), memory, job, 0, thread, 0, 0);
    case 4: return norm_chunk(memory, job, task);
    case 5: return update_chunk(memory, job, task);
  }
}
}
