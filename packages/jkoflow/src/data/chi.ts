/** Quantiles of the chi distribution: of the length of a standard normal vector of d columns. */
import { exp, halfLog2Pi, log } from "../random/index.ts";

/** ln Gamma(a), a > 0: Stirling's series from 12 on, and the recurrence below. Relative error below 1e-14 of Gamma. */
function logGamma(a: number): number {
  let shift = 0;
  let x = a;
  for (; x < 12; x++) shift += log(x);
  const t = 1 / (x * x);
  const series = (1 / 12 - t * (1 / 360 - t * (1 / 1260 - t * (1 / 1680 - t / 1188)))) / x;
  return (x - 0.5) * log(x) - x + halfLog2Pi + series - shift;
}

/**
 * P(a, x), the regularised lower incomplete gamma function, and its derivative in x: by its series below a + 1, else by the
 * continued fraction of 1 - P (Abramowitz, Stegun 6.5.29 and 6.5.31, evaluated by Lentz's method).
 */
function lowerGamma(a: number, x: number): { readonly value: number; readonly slope: number } {
  const scale = exp(a * log(x) - x - logGamma(a)); // x^a e^-x / Gamma(a)
  const slope = scale / x;
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; Math.abs(term) > 1e-17 * sum; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return { value: scale * sum, slope };
  }
  let b = x + 1 - a;
  let [c, d] = [1e300, 1 / b];
  let fraction = d;
  for (let n = 1; n < 10_000; n++) {
    const an = -n * (n - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return { value: 1 - scale * fraction, slope };
}

/** The length that a standard normal vector of d columns has not beyond with probability p, 0 < p < 1. */
export function chiQuantile(p: number, d: number): number {
  const a = d / 2;
  let [low, high] = [0, a + 1];
  while (lowerGamma(a, high).value < p) [low, high] = [high, 2 * high];
  let x = (low + high) / 2;
  for (let i = 0; i < 200; i++) {
    const { value, slope } = lowerGamma(a, x);
    if (value < p) low = x;
    else high = x;
    const newton = x - (value - p) / slope;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - x) <= 1e-15 * x) return Math.sqrt(2 * next);
    x = next;
  }
  return Math.sqrt(2 * x);
}
