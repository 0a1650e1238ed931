/**
 * Quadratic two-sample statistics with a permutation test: the loop behind MMD and energy distance.
 *
 * With weights w = 1/N on the rows of x and -1/M on those of y the statistic is
 *
 *     w^T K w = mean k(x, x') + mean k(y, y') - 2 mean k(x, y)            (V-statistic)
 *
 * so a permutation of the pooled rows is a permutation of w, and all permutations share one pass over K. K is never
 * held: the pass makes it row by row.
 *
 * Beyond {@link MOST_CELLS} pooled rows, rows of one sample are tied into cells of equal size and the cells are permuted.
 * Such permutations form a subgroup, so the test keeps its level exactly; the threshold moves by about 1 / MOST_CELLS of
 * itself, since only pairs inside a cell stay together. It makes 1,000 permutations of 20,000 rows cost a second.
 */

import { InputError } from "../errors/index.ts";
import { fold, type Key, permutation } from "../random/index.ts";
import { countRows, takeRows } from "./rows.ts";

/** k(a, b) as a function of the distance: exp(-alpha |a - b|^2), or -|a - b|. */
export type Kernel = { readonly kind: "gaussian"; readonly alpha: number } | { readonly kind: "distance" };

export interface TwoSampleOptions {
  /** Default 1,000. */
  readonly permutations?: number;
  /** Most rows taken of each sample, a seeded subset; default 10,000. */
  readonly maxRows?: number;
  /** Chance of a false alarm that the threshold stands for; default 0.05. */
  readonly level?: number;
}

/** Statistic of two samples and where it stands among permuted ones. */
export interface TwoSampleResult {
  /** V-statistic; never negative. */
  readonly biased: number;
  /** U-statistic; mean 0 where the distributions are equal. */
  readonly unbiased: number;
  /** The (1 - level) quantile of the permuted V-statistics; NaN without permutations. */
  readonly threshold: number;
  /** (1 + number of permuted values of at least `biased`) / (1 + permutations); 1 without permutations. */
  readonly pValue: number;
  readonly permutations: number;
  /** Rows used of x and of y. */
  readonly rows: readonly [number, number];
}

const MOST_CELLS = 1024;
/** Of a sum of kernel values, relative: what rounding may change. */
const ROUNDING = 1e-13;

/**
 * Statistic and permutation test of x [n, cols] against y [m, cols].
 *
 * Throws InputError where a shape does not fit, a value is not finite, or a sample has fewer than two rows.
 */
export function twoSampleTest(
  x: Float32Array,
  y: Float32Array,
  cols: number,
  kernel: Kernel,
  key: Key,
  options: TwoSampleOptions = {},
): TwoSampleResult {
  return twoSampleTests(x, y, cols, [kernel], key, options)[0];
}

/** The same for several kernels: each as if alone, but the distances, most of the work beyond a few columns, are shared. */
export function twoSampleTests(
  x: Float32Array,
  y: Float32Array,
  cols: number,
  kernels: readonly Kernel[],
  key: Key,
  options: TwoSampleOptions = {},
): TwoSampleResult[] {
  const { permutations = 1000, maxRows = 10_000, level = 0.05 } = options;
  if (!Number.isInteger(permutations) || permutations < 0 || !(level > 0 && level < 1) || !(maxRows >= 2)) {
    throw new InputError({
      where: "options",
      came: `permutations ${permutations}, maxRows ${maxRows}, level ${level}`,
      expected: "a whole number of permutations, at least 2 rows, a level between 0 and 1",
    });
  }
  const [all, others] = [countRows("x", x, cols, 2), countRows("y", y, cols, 2)];
  const pooled = Math.min(all, maxRows) + Math.min(others, maxRows);
  // Without permutations there is nothing to tie; a cell may not swallow a whole small sample either.
  const wanted = permutations === 0 ? 1 : Math.ceil(pooled / MOST_CELLS);
  const size = Math.min(wanted, Math.max(1, Math.floor(Math.min(all, others, maxRows) / 8)));
  const wholeCells = (rows: number): number => Math.floor(Math.min(rows, maxRows) / size);
  const counts: readonly [number, number] = [wholeCells(all), wholeCells(others)];
  const [n, m] = [counts[0] * size, counts[1] * size];
  const z = new Float64Array((n + m) * cols); // pooled rows, those of x first
  z.set(takeRows(x, cols, permutation(fold(key, "x"), all).subarray(0, n)));
  z.set(takeRows(y, cols, permutation(fold(key, "y"), others).subarray(0, m)), n * cols);

  const weights = permutedWeights(counts, [1 / n, -1 / m], permutations, key); // [cells, 1 + permutations]
  const forms = quadraticForms(z, cols, size, counts[0], kernels, weights, permutations + 1);
  return forms.map(({ values, within: [xx, yy] }, k) => {
    const own = kernels[k].kind === "gaussian" ? 1 : 0; // k(a, a)
    const cross = (xx / n ** 2 + yy / m ** 2 - values[0]) / 2; // mean k(x, y)
    const permuted = values.slice(1).sort();
    // Rounding may separate equal partitions by a few units in the last place of the sums that are taken apart.
    const size = Math.abs(xx) / n ** 2 + Math.abs(yy) / m ** 2;
    const reached = permuted.filter((value) => value >= values[0] - ROUNDING * size).length;
    return {
      biased: Math.max(0, values[0]),
      unbiased: (xx - n * own) / (n * (n - 1)) + (yy - m * own) / (m * (m - 1)) - 2 * cross,
      threshold: permutations === 0 ? Number.NaN : permuted[Math.ceil((1 - level) * permutations) - 1],
      pValue: (1 + reached) / (1 + permutations),
      permutations,
      rows: [n, m],
    };
  });
}

/** The weight of each cell in each permutation, column 0 unpermuted: [cells, 1 + permutations]. */
function permutedWeights(
  counts: readonly [number, number],
  weights: readonly [number, number],
  permutations: number,
  key: Key,
): Float64Array {
  const cells = counts[0] + counts[1];
  const columns = permutations + 1;
  const out = new Float64Array(cells * columns);
  for (let p = 0; p < columns; p++) {
    const order = p === 0 ? undefined : permutation(fold(key, "permutation", p), cells);
    for (let c = 0; c < cells; c++) {
      out[(order === undefined ? c : order[c]) * columns + p] = weights[c < counts[0] ? 0 : 1];
    }
  }
  return out;
}

interface QuadraticForms {
  /** w^T K w for every column of the weights. */
  readonly values: Float64Array;
  /** Sums of K within x and within y. */
  readonly within: [number, number];
}

/** The forms of each kernel. */
function quadraticForms(
  z: Float64Array,
  cols: number,
  size: number,
  cellsOfX: number,
  kernels: readonly Kernel[],
  weights: Float64Array,
  columns: number,
): QuadraticForms[] {
  const cells = z.length / cols / size;
  const forms = kernels.map((): QuadraticForms => ({ values: new Float64Array(columns), within: [0, 0] }));
  const inner = new Float64Array(columns); // sum_j>i K_ij w_j
  const sums = kernels.map(() => new Float64Array(cells)); // row i of each K, summed over cells
  for (let i = 0; i < cells; i++) {
    cellSums(z, cols, size, i, kernels, sums);
    const group = i < cellsOfX ? 0 : 1;
    const last = group === 0 ? cellsOfX : cells;
    forms.forEach(({ values, within }, k) => {
      const row = sums[k];
      within[group] += row[i];
      for (let j = i + 1; j < last; j++) within[group] += 2 * row[j];
      inner.fill(0);
      for (let j = i + 1; j < cells; j++) addScaled(inner, weights, j * columns, row[j]);
      for (let p = 0; p < columns; p++) {
        const w = weights[i * columns + p];
        values[p] += w * (w * row[i] + 2 * inner[p]);
      }
    });
  }
  return forms;
}

function addScaled(to: Float64Array, from: Float64Array, at: number, factor: number): void {
  for (let p = 0; p < to.length; p++) to[p] += factor * from[at + p];
}

/** sums[k][j] = sum of kernel k over the rows of cell i and those of cell j, for all j >= i. */
function cellSums(
  z: Float64Array,
  cols: number,
  size: number,
  i: number,
  kernels: readonly Kernel[],
  sums: readonly Float64Array[],
): void {
  const squares = new Float64Array(size * size);
  for (let j = i; j < sums[0].length; j++) {
    let at = 0;
    for (let a = i * size; a < (i + 1) * size; a++) {
      for (let b = j * size; b < (j + 1) * size; b++) {
        let square = 0;
        for (let c = 0; c < cols; c++) {
          const difference = z[a * cols + c] - z[b * cols + c];
          square += difference * difference;
        }
        squares[at++] = square;
      }
    }
    for (let k = 0; k < kernels.length; k++) sums[k][j] = kernelSum(kernels[k], squares);
  }
}

function kernelSum(kernel: Kernel, squares: Float64Array): number {
  let sum = 0;
  if (kernel.kind === "gaussian") for (const square of squares) sum += Math.exp(-kernel.alpha * square);
  else for (const square of squares) sum -= Math.sqrt(square);
  return sum;
}
