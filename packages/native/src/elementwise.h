// A group of elementwise operations on the same rows. The group runs chunk by chunk of rows, each operation over a whole
// chunk: values that live only inside the group stay in a small scratch area that is reused by every chunk.
#pragma once
#include "tape.h"
#include "vector.h"

union Word {
  int32_t i;
  float f;
};

struct Bases {
  float *at[8];
};
INLINE float *locate(const Bases &bases, int32_t operand, long row, long stride) {
  const int base = (uint32_t)operand >> 28;
  return bases.at[base] + (operand & 0x0fffffff) + (base == BASE_SCRATCH ? 0 : row) * stride;
}

// True when one of the first n numbers of x is NaN or infinite.
static bool has_bad(const float *x, int n) {
  for (int i = 0; i < n; i++)
    if (!(x[i] - x[i] == 0)) return true;
  return false;
}

#define ROWS_LOOP(...)             \
  for (int r = 0; r < count; r++) { \
    __VA_ARGS__ d += ds;           \
    e += es;                       \
    a += as;                       \
    b += bs;                       \
  }
#define MAP(...)                              \
  ROWS_LOOP(for (int i = 0; i < n; i += VL) {        \
    store(d + i, (__VA_ARGS__));                      \
  })                                                 \
  break;
#define A load(a + i)
#define B load(b + i)
#define E load(e + i)

// One operation over `count` rows of n columns.
INLINE void operate(int code, int count, int n, float *d, long ds, float *e, long es, const float *a, long as, const float *b, long bs, float c0, float c1) {
  const vf x = all(c0), y = all(c1), one = all(1.f), zero = all(0.f);
  switch (code) {
    case ADD_VV: MAP(A + B)
    case ADD_VS: MAP(A + all(*b))
    case SUB_VV: MAP(A - B)
    case SUB_VS: MAP(A - all(*b))
    case SUB_SV: MAP(all(*a) - B)
    case MUL_VV: MAP(A * B)
    case MUL_VS: MAP(A * all(*b))
    case AFFINE: MAP(x * A + y)
    case AXPBY: MAP(x * A + y * B)
    case FMA_VV: MAP(x * A * B + E)
    case FMA_VS: MAP(A * all(c0 * *b) + E)
    case MUL_AFFINE: MAP(x * (A * B) + y)
    case SOFTPLUS_SIGMOID: {
      const vf back = all(1.f / c0);
      ROWS_LOOP(for (int i = 0; i < n; i += VL) {
        const vf u = x * A, t = exp_of_negative(-magnitude(u));
        store(d + i, back * softplus_of(u, t));
        store(e + i, sigmoid_of(u, t));
      })
      break;
    }
    case SOFTPLUS: {
      const vf back = all(1.f / c0);
      ROWS_LOOP(for (int i = 0; i < n; i += VL) {
        const vf u = x * A;
        store(d + i, back * softplus_of(u, exp_of_negative(-magnitude(u))));
      })
      break;
    }
    case SIGMOID: {
      ROWS_LOOP(for (int i = 0; i < n; i += VL) {
        const vf u = x * A;
        store(d + i, sigmoid_of(u, exp_of_negative(-magnitude(u))));
      })
      break;
    }
    case SIGMOID_SLOPE: MAP(x * A * (B * (one - B)))
    case TANH: MAP(tanh_of(A))
    case TANH_SLOPE: MAP(x * A * (one - B * B))
    case EXP: MAP(exp_whole(A))
    case LOG: MAP(log_of(A))
    case SQRT: {
      ROWS_LOOP(for (int i = 0; i < n; i++) d[i] = __builtin_sqrtf(a[i]);)
      break;
    }
    case RECIPROCAL: MAP(one / A)
    case RELU: MAP(choose(A > zero, A, zero + (A - A)))
    case STEP: MAP(choose(A > zero, one, zero))
    case ABS: MAP(magnitude(A))
    case SIN: MAP(turn_of<0>(A))
    case COS: MAP(turn_of<1>(A))
    case SIGN: MAP(choose(A > zero, one, choose(A < zero, -one, zero)))
    case ROW_SUM: {
      ROWS_LOOP(vf s = zero; int i = 0; for (; i + VL <= n; i += VL) s += A; float t = sum_of(s); for (; i < n; i++) t += a[i]; *d = c0 * t;)
      break;
    }
    case ROW_DOT: {
      ROWS_LOOP(vf s = zero; int i = 0; for (; i + VL <= n; i += VL) s += A * B; float t = sum_of(s); for (; i < n; i++) t += a[i] * b[i]; *d = c0 * t;)
      break;
    }
    case COLUMN_SUM: MAP(load(d + i) + x * A)
    case TOTAL: {
      ROWS_LOOP(float t = 0; for (int i = 0; i < n; i++) t += a[i]; *d += c0 * t;)
      break;
    }
    case FILL: MAP(all(*a))
    case COPY_ROW: {
      ROWS_LOOP(for (int i = 0; i < n; i++) d[i] = a[i];)
      break;
    }
  }
}
#undef MAP
#undef A
#undef B
#undef E

INLINE bool gives_one_number(int code) { return code == ROW_SUM || code == ROW_DOT || code == TOTAL; }

// Run the group; with CHECK, the site of the first value that is not finite, else -1.
template <bool CHECK>
static int elementwise(const int32_t *pc, const Bases &bases, int tile_rows) {
  const int rows = pc[1] == ROWS_OF_TILE ? tile_rows : pc[1];
  const int n = pc[2] == ROWS_OF_TILE ? tile_rows : pc[2];
  const int chunk = pc[3], count = pc[4];
  for (int r = 0; r < rows; r += chunk) {
    const int these = rows - r < chunk ? rows - r : chunk;
    const int32_t *o = pc + 5;
    for (int q = 0; q < count; q++, o += OPERATION_WORDS) {
      Word c0, c1;
      c0.i = o[9];
      c1.i = o[10];
      float *d = locate(bases, o[1], r, o[2]), *e = locate(bases, o[3], r, o[4]);
      const float *a = locate(bases, o[5], r, o[6]), *b = locate(bases, o[7], r, o[8]);
      operate(o[0], these, n, d, o[2], e, o[4], a, o[6], b, o[8], c0.f, c1.f);
      if (CHECK) {
        const int width = gives_one_number(o[0]) ? 1 : n;
        for (int i = 0; i < these; i++) {
          if (has_bad(d + (long)i * o[2], width)) return o[11];
          if (o[0] == SOFTPLUS_SIGMOID && has_bad(e + (long)i * o[4], width)) return o[11];
        }
      }
    }
  }
  return -1;
}
