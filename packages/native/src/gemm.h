// Matrix products on a tile of rows: register blocks of MR rows by NV vectors.
#pragma once
#include "vector.h"

// Registers: MR * NV sums, NV of the second operand, 1 of the first. 32 vector registers for VL 16, else 16.
#ifndef MR
#define MR (VL == 16 ? 12 : VL == 8 ? 6 : 4)
#endif
#ifndef NV
#define NV 2
#endif
#ifndef KC
#define KC 512  // rows of a packed panel used before the next tile rows: KC * NV * VL floats stay in the first cache levels
#endif
enum { PANEL = NV * VL };

static inline int padded(int n) { return (n + 15) & ~15; }

// c[M][N * VL] (+)= a b. Plain: a[i * lda + k]. Transposed: a[k * lda + i], result added to c with a factor.
enum Product { FRESH, BIASED, ADDED, TRANSPOSED };
template <int M, int N, Product P>
static void block(int depth, const float *a, long lda, const float *b, long ldb, float *c, long ldc, const float *bias, float factor) {
  vf s[M][N];
  // The lines of the result arrive while the block is computed: 4 % at H = 256. Not for sums of outer products, which lost
  // as much: their lines come from further away and push the operands out of the first cache level.
  if (P != TRANSPOSED)
    UNROLL for (int i = 0; i < M; i++) UNROLL for (int j = 0; j < N; j++) __builtin_prefetch(c + i * ldc + j * VL, 1);
  UNROLL for (int i = 0; i < M; i++) UNROLL for (int j = 0; j < N; j++) {
    s[i][j] = P == BIASED ? load(bias + j * VL) : P == ADDED ? load(c + i * ldc + j * VL) : all(0.f);
  }
  for (int k = 0; k < depth; k++) {
    vf w[N];
    UNROLL for (int j = 0; j < N; j++) w[j] = load(b + j * VL);
    b += ldb;
    UNROLL for (int i = 0; i < M; i++) {
      const vf x = all(P == TRANSPOSED ? a[i] : a[i * lda]);
      UNROLL for (int j = 0; j < N; j++) s[i][j] += x * w[j];
    }
    a += P == TRANSPOSED ? lda : 1;
  }
  UNROLL for (int i = 0; i < M; i++) UNROLL for (int j = 0; j < N; j++) {
    float *to = c + i * ldc + j * VL;
    store(to, P == TRANSPOSED ? load(to) + all(factor) * s[i][j] : s[i][j]);
  }
}

template <int N, Product P>
static void rows_of_block(int m, int depth, const float *a, long lda, const float *b, long ldb, float *c, long ldc, const float *bias, float factor) {
#define ROWS_CASE(q) \
  case q:            \
    if (q <= MR) block<(q <= MR ? q : 1), N, P>(depth, a, lda, b, ldb, c, ldc, bias, factor); \
    break;
  switch (m) {
    ROWS_CASE(1) ROWS_CASE(2) ROWS_CASE(3) ROWS_CASE(4) ROWS_CASE(5) ROWS_CASE(6)
    ROWS_CASE(7) ROWS_CASE(8) ROWS_CASE(9) ROWS_CASE(10) ROWS_CASE(11) ROWS_CASE(12)
  }
#undef ROWS_CASE
}

// Products with up to NARROW columns are dot products: a panel would multiply mostly padding.
enum { NARROW = 4 };
INLINE bool is_narrow(int k, int n) { return n <= NARROW && k >= 4 * VL; }

// d[rows][N] = a[rows][k] w (+ bias), w column by column; what pads a row of d becomes 0.
template <int N>
static void narrow(int rows, const float *a, int lda, const float *w, int k, float *d, int ldd, const float *bias) {
  const int whole = k - k % VL;
  for (int r = 0; r < rows; r++, a += lda, d += ldd) {
    vf s[N], result = all(0.f);
    UNROLL for (int j = 0; j < N; j++) s[j] = all(0.f);
    for (int i = 0; i < whole; i += VL)
      UNROLL for (int j = 0; j < N; j++) s[j] += load(a + i) * load(w + (long)j * k + i);
    UNROLL for (int j = 0; j < N; j++) {
      float t = sum_of(s[j]);
      for (int i = whole; i < k; i++) t += a[i] * w[(long)j * k + i];
      result[j] = bias ? t + bias[j] : t;
    }
    store(d, result);
  }
}

// w[k][n] (or its transpose) in panels of PANEL columns, padded with zeros to a multiple of 16 columns.
static void pack(const float *w, int ldw, int k, int n, int transposed, float *out) {
  if (is_narrow(k, n)) {
    for (int j = 0; j < n; j++)
      for (int i = 0; i < k; i++) *out++ = transposed ? w[(long)j * ldw + i] : w[(long)i * ldw + j];
    return;
  }
  const int width = padded(n);
  for (int j = 0; j < width; j += PANEL) {
    const int panel = width - j < PANEL ? width - j : PANEL;
    for (int i = 0; i < k; i++)
      for (int q = 0; q < panel; q++)
        *out++ = j + q >= n ? 0.f : transposed ? w[(long)(j + q) * ldw + i] : w[(long)i * ldw + j + q];
  }
}

// d[rows][n] = a[rows][k] w (+ bias), w packed.
template <Product FIRST>
static void matmul_from(int rows, const float *a, int lda, const float *w, int k, int n, float *d, int ldd, const float *bias) {
  const int width = padded(n);
  for (int k0 = 0; k0 < k; k0 += KC) {
    const int depth = k - k0 < KC ? k - k0 : KC;
    for (int j = 0; j < width; j += PANEL) {
      const int panel = width - j < PANEL ? width - j : PANEL;
      const float *b = w + (long)j * k + (long)k0 * panel;
      for (int i = 0; i < rows; i += MR) {
        const int m = rows - i < MR ? rows - i : MR;
        const float *from = a + (long)i * lda + k0;
        float *to = d + (long)i * ldd + j;
        if (panel == PANEL) {
          if (k0) rows_of_block<NV, ADDED>(m, depth, from, lda, b, panel, to, ldd, 0, 1.f);
          else rows_of_block<NV, FIRST>(m, depth, from, lda, b, panel, to, ldd, bias + j, 1.f);
        } else {
          for (int q = 0; q < panel; q += VL) {
            if (k0) rows_of_block<1, ADDED>(m, depth, from, lda, b + q, panel, to + q, ldd, 0, 1.f);
            else rows_of_block<1, FIRST>(m, depth, from, lda, b + q, panel, to + q, ldd, bias + j + q, 1.f);
          }
        }
      }
    }
  }
}

static void matmul(int rows, const float *a, int lda, const float *w, int k, int n, float *d, int ldd, const float *bias) {
  if (is_narrow(k, n)) {
    if (n == 1) narrow<1>(rows, a, lda, w, k, d, ldd, bias);
    else if (n == 2) narrow<2>(rows, a, lda, w, k, d, ldd, bias);
    else if (n == 3) narrow<3>(rows, a, lda, w, k, d, ldd, bias);
    else narrow<4>(rows, a, lda, w, k, d, ldd, bias);
    return;
  }
  if (bias) matmul_from<BIASED>(rows, a, lda, w, k, n, d, ldd, bias);
  else matmul_from<FRESH>(rows, a, lda, w, k, n, d, ldd, w);
}

// sum[m][n] += factor a^T g over the rows of the tile.
//
// Neither operand is packed: packing one lost 1 to 7 %, packing both gained 1 % at H = 512 and lost up to 9 % below. A
// block of columns of `a` is used for all of g before the next one; the next one, which no hardware prefetcher can guess,
// is asked for meanwhile.
static void outer(int rows, const float *a, int lda, const float *g, int ldg, int m, int n, float *sum, int lds, float factor) {
  const int width = padded(n);
  for (int i = 0; i < m; i += MR) {
    const int count = m - i < MR ? m - i : MR;
    for (int j = 0; j < width; j += PANEL) {
      const int panel = width - j < PANEL ? width - j : PANEL;
      if (i + MR < m)
        for (int k = rows * j / width, end = rows * (j + panel) / width; k < end; k++)
          __builtin_prefetch(a + (long)k * lda + i + 2 * MR - 1);
      float *to = sum + (long)i * lds + j;
      if (panel == PANEL) rows_of_block<NV, TRANSPOSED>(count, rows, a + i, lda, g + j, ldg, to, lds, 0, factor);
      else
        for (int q = 0; q < panel; q += VL)
          rows_of_block<1, TRANSPOSED>(count, rows, a + i, lda, g + j + q, ldg, to + q, lds, 0, factor);
    }
  }
}
