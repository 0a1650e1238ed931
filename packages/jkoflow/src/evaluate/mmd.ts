/**
 * Maximum mean discrepancy with a Gaussian kernel.
 *
 * Source: A. Gretton, K. Borgwardt, M. Rasch, B. Schoelkopf, A. Smola, "A kernel two-sample test", JMLR 13 (2012).
 *   MMD^2 = mean k(x, x') + mean k(y, y') - 2 mean k(x, y),    k(a, b) = exp(-|a - b|^2 / (2 gamma^2))
 * The squared value is what papers on flows report as "MMD" (V-statistic, `biased`). Under equal distributions its mean
 * is (1/N + 1/M)(1 - E k(x, x')), not zero, so read it against the threshold.
 */

import { InputError } from "../errors/index.ts";
import { fold, type Key, permutation } from "../random/index.ts";
import { countRows, takeRows } from "./rows.ts";
import { type TwoSampleOptions, type TwoSampleResult, twoSampleTest } from "./twoSample.ts";

/**
 * gamma: "median" distance between rows of x, a "tenth" of it (fine detail of pictures in the plane), "unit" for 1, or a
 * number in the units of the columns.
 */
export type Bandwidth = "median" | "tenth" | "unit" | number;

export interface MmdOptions extends TwoSampleOptions {
  /** Default "median". */
  readonly bandwidth?: Bandwidth;
}

/** MMD^2 of two samples. */
export interface Mmd {
  /** V-statistic, the value papers report; never negative. */
  readonly biased: number;
  /** U-statistic; mean 0 where the distributions are equal, may be negative. */
  readonly unbiased: number;
  /** gamma, in the units of the columns. */
  readonly bandwidth: number;
  /** Rows used of x and of y. */
  readonly rows: readonly [number, number];
}

/** MMD^2 with its permutation threshold (of the V-statistic) and p-value. */
export interface MmdTest extends TwoSampleResult {
  readonly bandwidth: number;
}

/** Rows among which the median distance is taken: two million pairs fix it to about 1 %. */
const MEDIAN_ROWS = 2000;

/**
 * MMD^2 of true rows x [n, cols] and generated rows y [m, cols]; 10,000 rows each cost a few seconds.
 *
 * Throws InputError as `mmdTest`.
 *
 * @example
 * ```ts
 * import { createKey, random } from "jkoflow";
 * import { energyDistance, medianDistance, mmd, slicedWasserstein, slicedWassersteinTest } from "jkoflow/evaluate";
 *
 * const [key, x] = [createKey("test"), random.normal(createKey(0), 400)]; // [200, 2]
 * const y = random.normal(createKey(1), 400).map((value) => value + 1);
 * console.log(medianDistance(x, 2, key) > 1, mmd(x, y, 2, key).unbiased > mmd(x, x, 2, key).unbiased); // true true
 * console.log(energyDistance(x, y, 2, key).pValue < 0.05, slicedWasserstein(x, y, 2, key) > 0.5); // true true
 * console.log(slicedWassersteinTest(x, y, 2, key).pValue < 0.05); // true
 * ```
 */
export function mmd(
  x: Float32Array,
  y: Float32Array,
  cols: number,
  key: Key,
  options: Omit<MmdOptions, "permutations" | "level"> = {},
): Mmd {
  const { biased, unbiased, bandwidth, rows } = mmdTest(x, y, cols, key, { ...options, permutations: 0 });
  return { biased, unbiased, bandwidth, rows };
}

/**
 * MMD^2 with permutation test. Throws InputError where a shape does not fit, a value is not finite, a sample has fewer
 * than two rows or the bandwidth is not positive.
 *
 * @example
 * ```ts
 * import { createKey, random } from "jkoflow";
 * import { mmdTest } from "jkoflow/evaluate";
 *
 * const [rows, samples] = [random.normal(createKey(0), 400), random.normal(createKey(1), 400)]; // [200, 2] each
 * const { biased, threshold, pValue } = mmdTest(rows, samples, 2, createKey("test"));
 * console.log(biased < threshold, pValue > 0.05); // true true
 * ```
 */
export function mmdTest(x: Float32Array, y: Float32Array, cols: number, key: Key, options: MmdOptions = {}): MmdTest {
  const bandwidth = resolveBandwidth(x, cols, key, options.bandwidth ?? "median");
  const kernel = { kind: "gaussian", alpha: 1 / (2 * bandwidth ** 2) } as const;
  return { ...twoSampleTest(x, y, cols, kernel, key, options), bandwidth };
}

/**
 * Median distance between different rows of x [n, cols], among at most 2,000 of them. Throws InputError below two rows.
 */
export function medianDistance(x: Float32Array, cols: number, key: Key): number {
  countRows("x", x, cols, 2);
  const chosen = permutation(fold(key, "median"), x.length / cols).subarray(0, MEDIAN_ROWS);
  const rows = takeRows(x, cols, chosen);
  const n = chosen.length;
  const distances = new Float64Array((n * (n - 1)) / 2);
  let at = 0;
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < a; b++) {
      let square = 0;
      for (let c = 0; c < cols; c++) square += (rows[a * cols + c] - rows[b * cols + c]) ** 2;
      distances[at++] = square;
    }
  }
  distances.sort();
  const half = distances.length >> 1;
  const upper = Math.sqrt(distances[half]);
  return distances.length % 2 === 1 ? upper : (Math.sqrt(distances[half - 1]) + upper) / 2;
}

/** gamma as a number. Throws InputError where it is not positive. */
export function resolveBandwidth(x: Float32Array, cols: number, key: Key, bandwidth: Bandwidth): number {
  const gamma =
    typeof bandwidth === "number"
      ? bandwidth
      : bandwidth === "unit"
        ? 1
        : medianDistance(x, cols, key) * (bandwidth === "tenth" ? 0.1 : 1);
  if (!(gamma > 0) || gamma === Number.POSITIVE_INFINITY) {
    throw new InputError({
      where: "bandwidth",
      came: `${gamma}${typeof bandwidth === "string" ? ` as "${bandwidth}"` : ""}`,
      expected: "a positive finite number",
      fix: "more than half of the rows may be equal; give the bandwidth as a number",
    });
  }
  return gamma;
}
