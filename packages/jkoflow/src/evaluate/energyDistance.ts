/**
 * Energy distance: a two-sample distance without a bandwidth.
 *
 * Source: G. Szekely and M. Rizzo, "Energy statistics", J. Stat. Plan. Inference 143 (2013), 1249-1272.
 *   D^2 = 2 E|X - Y| - E|X - X'| - E|Y - Y'|, zero exactly where the distributions are equal
 * in the units of the columns. It is the MMD of the kernel -|a - b|.
 */

import type { Key } from "../random/index.ts";
import { type TwoSampleOptions, type TwoSampleResult, twoSampleTest } from "./twoSample.ts";

/**
 * D^2 of x [n, cols] and y [m, cols] with permutation test; `{ permutations: 0 }` for the value alone.
 *
 * Throws InputError where a shape does not fit, a value is not finite, or a sample has fewer than two rows.
 */
export function energyDistance(
  x: Float32Array,
  y: Float32Array,
  cols: number,
  key: Key,
  options: TwoSampleOptions = {},
): TwoSampleResult {
  return twoSampleTest(x, y, cols, { kind: "distance" }, key, options);
}
