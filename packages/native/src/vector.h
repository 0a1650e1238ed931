// Vectors of VL floats by the compiler's vector extension, and elementary functions on them (float32, error a few ulp).
#pragma once
#include <stdint.h>

typedef float vf __attribute__((vector_size(VL * 4), aligned(4), may_alias));
typedef int32_t vi __attribute__((vector_size(VL * 4), aligned(4), may_alias));
#define INLINE static inline __attribute__((always_inline))
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

INLINE vf load(const float *p) { return *(const vf *)p; }
INLINE void store(float *p, vf v) { *(vf *)p = v; }
INLINE vf all(float x) { return x - (vf){}; }
INLINE vf choose(vi mask, vf yes, vf no) { return mask ? yes : no; }
INLINE vf magnitude(vf x) { return (vf)((vi)x & 0x7fffffff); }
INLINE vf larger(vf a, vf b) { return choose(a > b, a, b); }
INLINE vf smaller(vf a, vf b) { return choose(a < b, a, b); }
// Sum of the elements: vectors of four first, because one after the other every addition waits for the last.
typedef float v4 __attribute__((vector_size(16)));
INLINE float sum_of(vf v) {
  union {
    vf whole;
    v4 quarter[VL / 4];
  } parts = {v};
  v4 s = parts.quarter[0];
  UNROLL for (int i = 1; i < VL / 4; i++) s += parts.quarter[i];
  return (s[0] + s[2]) + (s[1] + s[3]);
}

// e^x by 2^k e^r, |r| <= log(2)/2. The argument is clamped to [-87, 88.72]; NaN stays NaN.
INLINE vf exp_of(vf x) {
  const vf given = x;
  x = smaller(larger(x, all(-87.f)), all(88.72283f));
  const vf t = x * all(1.44269504f) + all(12582912.f), k = t - all(12582912.f);
  vf r = x - k * all(0.693359375f);
  r = r - k * all(-2.12194440e-4f);
  vf p = all(1.9875691500e-4f);
  p = p * r + all(1.3981999507e-3f);
  p = p * r + all(8.3334519073e-3f);
  p = p * r + all(4.1665795894e-2f);
  p = p * r + all(1.6666665459e-1f);
  p = p * r + all(5.0000001201e-1f);
  p = p * r * r + r + all(1.f);
  // 2^k in two factors, because 2^128 has no float of its own
  const vi n = (vi)t - 0x4b400000, half = n >> 1;
  const vf y = p * (vf)((half + 127) << 23) * (vf)((n - half + 127) << 23);
  return choose(given == given, y, given);
}

// e^x without the clamp: infinity where it overflows, numbers below the normal ones and 0 where it vanishes.
INLINE vf exp_whole(vf x) {
  const vi low = x < all(-87.f);
  const vf y = exp_of(choose(low, x + all(40.f), x));
  return choose(x > all(88.72283f), all(__builtin_inff()), choose(low, y * all(4.24835426e-18f), y));
}

// log x for x > 0 by x = m 2^k, m in [sqrt(1/2), sqrt(2)). 0 gives -infinity, below 0 and NaN give NaN.
INLINE vf log_of(vf x) {
  const vi tiny = x < all(1.17549435e-38f);  // below the normal numbers: times 2^23 first
  const vi bits = (vi)choose(tiny, x * all(8388608.f), x);
  vi k = (bits >> 23) - 126 - (tiny & 23);
  vf m = (vf)((bits & 0x007fffff) | 0x3f000000);
  const vi low = m < all(0.707106781f);
  k = k + low;  // low is -1 where true
  m = choose(low, m + m, m) - all(1.f);
  const vf z = m * m;
  vf p = all(7.0376836292e-2f);
  p = p * m + all(-1.1514610310e-1f);
  p = p * m + all(1.1676998740e-1f);
  p = p * m + all(-1.2420140846e-1f);
  p = p * m + all(1.4249322787e-1f);
  p = p * m + all(-1.6668057665e-1f);
  p = p * m + all(2.0000714765e-1f);
  p = p * m + all(-2.4999993993e-1f);
  p = p * m + all(3.3333331174e-1f);
  p = p * m * z;
  const vf e = __builtin_convertvector(k, vf);
  p = p + e * all(-2.12194440e-4f) - z * all(0.5f);
  vf y = m + p + e * all(0.693359375f);
  const vf infinity = all(__builtin_inff());
  y = choose(x == all(0.f), -infinity, y);
  y = choose(x == infinity, infinity, y);
  return choose(x >= all(0.f), y, all(__builtin_nanf("")));
}

// tanh x: odd polynomial near 0 (where 1 - e^(-2x) would cancel), exponential elsewhere.
INLINE vf tanh_of(vf x) {
  const vf a = magnitude(x), z = x * x;
  vf p = all(-5.70498872745e-3f);
  p = p * z + all(2.06390887954e-2f);
  p = p * z + all(-5.37397155531e-2f);
  p = p * z + all(1.33314422036e-1f);
  p = p * z + all(-3.33332819422e-1f);
  p = p * z * x + x;
  const vf e = exp_of(a * all(-2.f));
  const vf q = (all(1.f) - e) / (all(1.f) + e);
  const vf y = choose(x < all(0.f), -q, q);
  return choose(a < all(0.625f), p, y);
}

// e^x for x <= 0 (clamped to -87), in fewer steps than exp_of; NaN stays NaN.
INLINE vf exp_of_negative(vf x) {
  x = choose(x < all(-87.f), all(-87.f), x);
  const vf t = x * all(1.44269504f) + all(12582912.f), k = t - all(12582912.f);
  vf r = x - k * all(0.693359375f);
  r = r - k * all(-2.12194440e-4f);
  vf p = all(1.9875691500e-4f);
  p = p * r + all(1.3981999507e-3f);
  p = p * r + all(8.3334519073e-3f);
  p = p * r + all(4.1665795894e-2f);
  p = p * r + all(1.6666665459e-1f);
  p = p * r + all(5.0000001201e-1f);
  p = p * r * r + r + all(1.f);
  return p * (vf)(((vi)t << 23) + 0x3f800000);  // the last bits of t are k
}

// 1 / (1 + e^-x), from e = e^-|x|.
INLINE vf sigmoid_of(vf x, vf e) {
  const vf q = all(1.f) / (all(1.f) + e);
  return choose(x < all(0.f), e * q, q);
}

// log(1 + e^x) = max(x, 0) + log(1 + e), e = e^-|x|. On [0, 1] log(1 + e) = e + e^2 P(e), P minimax for the relative error:
// 3.3e-8, and 1.4 units in the last place as evaluated. 2 atanh(e / (2 + e)) needs a division and gave 2.6.
INLINE vf softplus_of(vf x, vf e) {
  vf p = all(5.364825483e-3f);
  p = p * e + all(-3.006579727e-2f);
  p = p * e + all(7.920454443e-2f);
  p = p * e + all(-1.375380307e-1f);
  p = p * e + all(1.915365458e-1f);
  p = p * e + all(-2.485716343e-1f);
  p = p * e + all(3.332132399e-1f);
  p = p * e + all(-4.999964833e-1f);
  return larger(x, all(0.f)) + (p * e * e + e);
}

// sin x, or cos x with QUARTERS = 1, by x = k pi/2 + r, |r| <= pi/4, in float64: pi/2 in two parts of which the first has 25
// bits, so that k times it is exact for |k| < 2^28. The series of r leave out terms below 3e-9, so what rounds is the result.
// Beyond 2^28, where neighbouring numbers are five turns apart, there is no value worth the name: NaN.
typedef double vd __attribute__((vector_size(VL * 8), aligned(8)));
template <int QUARTERS>
INLINE vf turn_of(vf given) {
  const vi fits = magnitude(given) <= all(268435456.f);
  const vd x = __builtin_convertvector(choose(fits, given, all(0.f)), vd);
  const vd k = (x * 0.6366197723675814 + 6755399441055744.0) - 6755399441055744.0;
  const vd r = x - k * 1.5707963109016418 - k * 1.5893254773528196e-08, z = r * r;
  vd s = z * (1 / 362880.) - 1 / 5040.;
  s = s * z + 1 / 120.;
  s = s * z - 1 / 6.;
  s = s * z * r + r;
  vd c = z * (-1 / 3628800.) + 1 / 40320.;
  c = c * z - 1 / 720.;
  c = c * z + 1 / 24.;
  c = c * z - 0.5;
  c = c * z + 1.;
  const vi q = __builtin_convertvector(k, vi) + QUARTERS;
  const vf sine = __builtin_convertvector(s, vf), cosine = __builtin_convertvector(c, vf);
  const vf y = choose((q & 1) != 0, cosine, sine);
  return choose(fits, choose((q & 2) != 0, -y, y), all(__builtin_nanf("")));
}
