/**
 * Sliced Wasserstein-2 distance: the root mean square of W2 between projections on random lines; with permutation test.
 *
 * Source: N. Bonneel, J. Rabin, G. Peyre, H. Pfister, "Sliced and Radon Wasserstein barycenters of measures",
 * J. Math. Imaging Vis. 51 (2015), 22-45.
 *   SW2^2 = E_u W2^2(<u, X>, <u, Y>), u uniform on the sphere; on a line W2^2 is the integral of (F^-1 - G^-1)^2.
 *
 * The test permutes which pooled rows are called x. A line is sorted once; a permutation only deals its sorted values out.
 */

import { InputError } from "../errors/index.ts";
import { fold, type Key, normal, permutation } from "../random/index.ts";
import { countRows, takeRows } from "./rows.ts";

export interface SlicedOptions {
  /** Random lines; default 200. */
  readonly projections?: number;
}

export interface SlicedTestOptions extends SlicedOptions {
  /** Default 200. */
  readonly permutations?: number;
  /** Most rows taken of each sample, a seeded subset; default 5,000. */
  readonly maxRows?: number;
  /** Chance of a false alarm that the threshold stands for; default 0.05. */
  readonly level?: number;
}

/** SW2 of two samples and where it stands among permuted ones. */
export interface SlicedTest {
  /** SW2, in the units of the columns; above 0 even under equality. */
  readonly distance: number;
  /** The (1 - level) quantile of the permuted distances. */
  readonly threshold: number;
  /** (1 + number of permuted distances of at least this one) / (1 + permutations). */
  readonly pValue: number;
  readonly permutations: number;
  /** Rows used of x and of y. */
  readonly rows: readonly [number, number];
}

/**
 * SW2 of x [n, cols] and y [m, cols], in the units of the columns; n and m may differ. In one dimension it is W2 itself.
 *
 * Throws InputError where a shape does not fit or a value is not finite.
 */
export function slicedWasserstein(
  x: Float32Array,
  y: Float32Array,
  cols: number,
  key: Key,
  options: SlicedOptions = {},
): number {
  countRows("x", x, cols, 1);
  countRows("y", y, cols, 1);
  let sum = 0;
  const lines = randomLines(cols, key, options);
  for (const line of lines) {
    sum += squaredDistance(project(x, cols, line).sort(), project(y, cols, line).sort()) / lines.length;
  }
  return Math.sqrt(sum);
}

/**
 * SW2 with permutation test.
 *
 * Throws InputError where a shape does not fit, a value is not finite, or a sample has fewer than two rows.
 */
export function slicedWassersteinTest(
  x: Float32Array,
  y: Float32Array,
  cols: number,
  key: Key,
  options: SlicedTestOptions = {},
): SlicedTest {
  const { permutations = 200, maxRows = 5000, level = 0.05 } = options;
  if (!Number.isInteger(permutations) || permutations < 1 || !(level > 0 && level < 1) || !(maxRows >= 2)) {
    throw new InputError({
      where: "options",
      came: `permutations ${permutations}, maxRows ${maxRows}, level ${level}`,
      expected: "at least 1 permutation, at least 2 rows, a level between 0 and 1",
    });
  }
  const [all, others] = [countRows("x", x, cols, 2), countRows("y", y, cols, 2)];
  const [n, m] = [Math.min(all, maxRows), Math.min(others, maxRows)];
  const pooled = new Float32Array((n + m) * cols);
  pooled.set(takeRows(x, cols, permutation(fold(key, "x"), all).subarray(0, n)));
  pooled.set(takeRows(y, cols, permutation(fold(key, "y"), others).subarray(0, m)), n * cols);
  // Which rows are called x, as they are and permuted: [1 + permutations, n + m]
  const isX = Array.from({ length: permutations + 1 }, (_, p) => {
    const called = new Uint8Array(n + m);
    const order = p === 0 ? undefined : permutation(fold(key, "permutation", p), n + m);
    for (let r = 0; r < n; r++) called[order === undefined ? r : order[r]] = 1;
    return called;
  });
  const sums = new Float64Array(permutations + 1);
  const [a, b] = [new Float64Array(n), new Float64Array(m)];
  for (const line of randomLines(cols, key, options)) {
    const values = project(pooled, cols, line);
    const order = Uint32Array.from(values.keys()).sort((i, j) => values[i] - values[j]);
    const sorted = Float64Array.from(order, (i) => values[i]);
    isX.forEach((called, p) => {
      const ends = [0, 0];
      for (let r = 0; r < sorted.length; r++) {
        if (called[order[r]] === 1) a[ends[0]++] = sorted[r];
        else b[ends[1]++] = sorted[r];
      }
      sums[p] += squaredDistance(a, b);
    });
  }
  const lines = cols === 1 ? 1 : (options.projections ?? LINES);
  const distances = sums.map((sum) => Math.sqrt(sum / lines));
  const permuted = distances.slice(1).sort();
  // Sums over equal partitions differ by rounding.
  const reached = permuted.filter((value) => value >= distances[0] * (1 - 1e-12)).length;
  return {
    distance: distances[0],
    threshold: permuted[Math.ceil((1 - level) * permutations) - 1],
    pValue: (1 + reached) / (1 + permutations),
    permutations,
    rows: [n, m],
  };
}

const LINES = 200;

/** Unit vectors [cols], uniform on the sphere; on a line there is only one. */
function randomLines(cols: number, key: Key, { projections = LINES }: SlicedOptions): Float64Array[] {
  if (!Number.isInteger(projections) || projections < 1) {
    throw new InputError({ where: "projections", came: `${projections}`, expected: "a whole number of at least 1" });
  }
  return Array.from({ length: cols === 1 ? 1 : projections }, (_, line) => {
    const direction = Float64Array.from(normal(fold(key, "line", line), cols));
    const length = Math.hypot(...direction);
    return direction.map((value) => value / length);
  });
}

function project(x: Float32Array, cols: number, direction: Float64Array): Float64Array {
  const out = new Float64Array(x.length / cols);
  for (let r = 0; r < out.length; r++) {
    let sum = 0;
    for (let c = 0; c < cols; c++) sum += direction[c] * x[r * cols + c];
    out[r] = sum;
  }
  return out;
}

/** W2^2 of two sorted samples: both quantile functions are steps, so walk along their joint steps. */
function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  let [i, j, level] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    // (i + 1) / |a| against (j + 1) / |b| in whole numbers, so that equal levels are met exactly.
    const order = (i + 1) * b.length - (j + 1) * a.length;
    const next = order <= 0 ? (i + 1) / a.length : (j + 1) / b.length;
    sum += (next - level) * (a[i] - b[j]) ** 2;
    level = next;
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
  return sum;
}
