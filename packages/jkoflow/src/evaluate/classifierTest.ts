/**
 * Classifier two-sample test: can a classifier tell generated rows from true ones?
 *
 * Source: D. Lopez-Paz and M. Oquab, "Revisiting classifier two-sample tests", ICLR 2017, arXiv:1610.06545.
 * The classifier is ridge regression of the labels +-1 on the columns and random Fourier features of them (A. Rahimi and
 * B. Recht, NIPS 2007), scored by cross-validation.
 *
 * Deviation: least squares instead of a network, and permuted labels instead of the binomial law. Least squares shares
 * one factorisation among all permutations, and the p-value is exact although the folds depend on each other.
 */

import { InputError } from "../errors/index.ts";
import { fold, type Key, normal, permutation, uniform } from "../random/index.ts";
import { cholesky, solveCholesky } from "./linalg.ts";
import { countRows, takeRows } from "./rows.ts";

export interface ClassifierTestOptions {
  /** Default 200. */
  readonly permutations?: number;
  /** Most rows taken of each sample, a seeded subset; both give equally many. Default 5,000. */
  readonly maxRows?: number;
  /** Random features; default 96. */
  readonly features?: number;
  readonly folds?: number;
}

/** How well held-out rows of two samples are told apart, and how well permuted ones. */
export interface ClassifierTest {
  /** Share of held-out rows whose origin was told correctly: 0.5 where the samples are alike, 1 where they are apart. */
  readonly accuracy: number;
  /** 95th percentile of the accuracies with permuted labels. */
  readonly threshold: number;
  /** (1 + number of permutations at least as accurate) / (1 + permutations). */
  readonly pValue: number;
  /** Rows used of each sample. */
  readonly rows: number;
}

/** Added to the diagonal of the normal equations, per row: below it a feature's variance counts as noise. */
const RIDGE = 1e-3;
/** Frequencies of the features in units of 1 / standard deviation: coarse shape and details. */
const FREQUENCIES: readonly number[] = [0.5, 1, 2, 4];

/**
 * Tests x [n, cols] against y [m, cols].
 *
 * Throws InputError where a shape does not fit, a value is not finite, or a sample has fewer rows than two folds need.
 *
 * @example
 * ```ts
 * import { createKey, random } from "jkoflow";
 * import { boostedTreesTest, classifierTest, detectableAccuracy } from "jkoflow/evaluate";
 *
 * const [x, y] = [random.normal(createKey(0), 200), random.normal(createKey(1), 200).map((value) => value + 2)]; // [100, 2]
 * console.log(classifierTest(x, y, 2, createKey(2)).accuracy > 0.8); // true
 * console.log(boostedTreesTest(x, y, 2, createKey(3), { trees: 20 }).pValue < 0.05); // true
 * // what a classifier must reach to be found in 100 rows
 * console.log(detectableAccuracy(100, 0.05, 0.8).toFixed(2)); // 0.63
 * ```
 */
export function classifierTest(
  x: Float32Array,
  y: Float32Array,
  cols: number,
  key: Key,
  options: ClassifierTestOptions = {},
): ClassifierTest {
  const { permutations = 200, maxRows = 5000, features = 96, folds = 5 } = options;
  countRows("x", x, cols, 2 * folds);
  countRows("y", y, cols, 2 * folds);
  if (!(folds >= 2) || !(permutations >= 1)) {
    throw new InputError({
      where: "options",
      came: `folds ${folds}, permutations ${permutations}`,
      expected: "at least 2 folds and 1 permutation",
    });
  }
  const rows = Math.min(maxRows, x.length / cols, y.length / cols);
  const pooled = new Float32Array(2 * rows * cols);
  pooled.set(takeRows(x, cols, permutation(fold(key, "x"), x.length / cols).subarray(0, rows)));
  pooled.set(takeRows(y, cols, permutation(fold(key, "y"), y.length / cols).subarray(0, rows)), rows * cols);
  const { values, width } = featureMatrix(pooled, cols, features, key); // [2 rows, width]
  const labels = permutedLabels(2 * rows, permutations, key); // [2 rows, 1 + permutations]
  const place = permutation(fold(key, "folds"), 2 * rows);
  const correct = crossValidate(values, width, labels, permutations + 1, (r) => place[r] % folds, folds);
  const accuracies = correct.map((count) => count / (2 * rows));
  const permuted = accuracies.slice(1).sort();
  return {
    accuracy: accuracies[0],
    threshold: permuted[Math.ceil(0.95 * permutations) - 1],
    pValue: (1 + permuted.filter((value) => value >= accuracies[0]).length) / (1 + permutations),
    rows,
  };
}

/** 1, the standardised columns, and cos(<w, column> + phase): [rows, 1 + cols + features] */
function featureMatrix(
  x: Float32Array,
  cols: number,
  features: number,
  key: Key,
): { values: Float64Array; width: number } {
  const rows = x.length / cols;
  const width = 1 + cols + features;
  const values = new Float64Array(rows * width);
  for (let c = 0; c < cols; c++) {
    let [mean, square] = [0, 0];
    for (let r = 0; r < rows; r++) mean += x[r * cols + c] / rows;
    for (let r = 0; r < rows; r++) square += (x[r * cols + c] - mean) ** 2 / rows;
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let r = 0; r < rows; r++) values[r * width + 1 + c] = (x[r * cols + c] - mean) * scale;
  }
  const directions = normal(fold(key, "directions"), features * cols);
  const phases = uniform(fold(key, "phases"), features);
  for (let r = 0; r < rows; r++) {
    const at = r * width;
    values[at] = 1;
    for (let f = 0; f < features; f++) {
      let sum = 0;
      for (let c = 0; c < cols; c++) sum += directions[f * cols + c] * values[at + 1 + c];
      const frequency = FREQUENCIES[f % FREQUENCIES.length] / Math.sqrt(cols);
      values[at + 1 + cols + f] = Math.cos(frequency * sum + 2 * Math.PI * phases[f]);
    }
  }
  return { values, width };
}

/** +1 for the first half of the rows and -1 for the second, column 0 unpermuted: [rows, 1 + permutations] */
function permutedLabels(rows: number, permutations: number, key: Key): Float64Array {
  const columns = permutations + 1;
  const out = new Float64Array(rows * columns);
  for (let p = 0; p < columns; p++) {
    const order = p === 0 ? undefined : permutation(fold(key, "labels", p), rows);
    for (let r = 0; r < rows; r++) out[(order === undefined ? r : order[r]) * columns + p] = 2 * r < rows ? 1 : -1;
  }
  return out;
}

/** Held-out rows told correctly, for every column of labels. */
function crossValidate(
  values: Float64Array,
  width: number,
  labels: Float64Array,
  columns: number,
  foldOf: (row: number) => number,
  folds: number,
): Float64Array {
  const rows = values.length / width;
  const correct = new Float64Array(columns);
  const fitted = new Float64Array(columns);
  for (let held = 0; held < folds; held++) {
    const gram = new Float64Array(width * width);
    const right = new Float64Array(width * columns); // features^T labels
    let training = 0;
    for (let r = 0; r < rows; r++) {
      if (foldOf(r) === held) continue;
      training++;
      for (let i = 0; i < width; i++) {
        const value = values[r * width + i];
        for (let j = 0; j <= i; j++) gram[i * width + j] += value * values[r * width + j];
        addRow(right, i * columns, labels, r * columns, value, columns);
      }
    }
    for (let i = 0; i < width; i++) gram[i * width + i] += RIDGE * training;
    const factor = cholesky(gram, width)!; // reads the lower triangle, definite by the ridge
    const column = new Float64Array(width);
    for (let p = 0; p < columns; p++) {
      for (let i = 0; i < width; i++) column[i] = right[i * columns + p];
      solveCholesky(factor, width, column);
      for (let i = 0; i < width; i++) right[i * columns + p] = column[i];
    }
    for (let r = 0; r < rows; r++) {
      if (foldOf(r) !== held) continue;
      fitted.fill(0);
      for (let i = 0; i < width; i++) addRow(fitted, 0, right, i * columns, values[r * width + i], columns);
      for (let p = 0; p < columns; p++) if (fitted[p] * labels[r * columns + p] > 0) correct[p]++;
    }
  }
  return correct;
}

function addRow(to: Float64Array, at: number, from: Float64Array, start: number, factor: number, n: number): void {
  for (let i = 0; i < n; i++) to[at + i] += factor * from[start + i];
}
