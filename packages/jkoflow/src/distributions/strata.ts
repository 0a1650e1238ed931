/**
 * Points that fill the unit cube evenly, for means with less scatter than that of independent rows:
 *
 *   u_i = ((i + 1/2) / n, frac(a_1 + i / x), frac(a_2 + i / x^2), ...),   x^d = x + 1
 *
 * a Kronecker sequence behind one coordinate in strata (H. Niederreiter, Random Number Generation and Quasi-Monte Carlo Methods,
 * 1992, chapter 3; in the plane x is the golden ratio). The shifts a are uniform by key: every point is uniform in the cube.
 */
import { type Key, uniform } from "../random/index.ts";

/** n points of the open unit cube: [n, d] */
export function strata(key: Key, n: number, d: number): Float64Array {
  // x^d = x + 1 by fixed-point iteration: for d = 2 the golden ratio.
  let x = 2;
  for (let step = 0; step < 100; step++) x = (1 + x) ** (1 / Math.max(d, 2));
  const shifts = uniform(key, d);
  const points = new Float64Array(n * d);
  for (let i = 0; i < n; i++) {
    points[i * d] = (i + 0.5) / n;
    let rate = 1;
    for (let k = 1; k < d; k++) {
      rate /= x;
      const place = shifts[k] + i * rate;
      points[i * d + k] = Math.min(1 - 2 ** -53, Math.max(2 ** -53, place - Math.floor(place)));
    }
  }
  return points;
}
