import { exp } from "../random/index.ts";

const SQRT_2_PI = 2.5066282746310002;

/** The normal distribution function by its series (Abramowitz and Stegun 26.2.11), for |x| <= 6. Error below 1e-15. */
export function normalCdf(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 3; Math.abs(term) > 1e-18 * Math.abs(sum); k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 + (sum * exp(-0.5 * x * x)) / SQRT_2_PI;
}

/** The normal score of a probability in [1e-8, 1 - 1e-8]: the x with Phi(x) = p, by bisection. Error below 1e-9. */
export function normalQuantile(p: number): number {
  let low = -6;
  let high = 6;
  for (let step = 0; step < 52; step++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
