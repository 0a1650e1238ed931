/**
 * The linear Gaussian model of p(x | y), fitted by least squares: what a conditional model without a network can do, and the
 * floor for one with.
 *
 *   x | y ~ N(m + B^T (y - n), S),   B = (C_yy + r I)^(-1) C_yx,   m, n the means, S the covariance of the residuals
 *
 * One-hot covariates are linearly dependent, so a small ridge r = 1e-6 tr(C_yy) / c makes B unique. All rows share B and S:
 * labels that occur in few rows borrow the strength of the others.
 */
import type { OpeningState } from "../data/index.ts";
import { fitGaussian, type Gaussian } from "./gaussian.ts";
import { cholesky, solveCholesky } from "./linalg.ts";
import { checkRows } from "./rows.ts";

/** A fitted x | y ~ N(m + B^T (y - n), S). */
export interface ConditionalGaussian {
  /** Of the residuals. */
  readonly gaussian: Gaussian;
  /** x less its mean given y. [n, d] */
  residuals(x: Float32Array, y: Float32Array, rows: number): Float32Array;
  /** E[x | y]. [n, d] */
  mean(y: Float32Array, rows: number): Float32Array;
  /** The same residuals as an opening of a flow. */
  opening(): OpeningState;
  /** log p(x | y) of each row, nats. */
  logProb(x: Float32Array, y: Float32Array, rows: number): Float64Array;
}

const RIDGE = 1e-6;

/**
 * Fits x `[rows, cols]` given covariates y `[rows, covariates]`. Throws InputError where a shape does not fit or a value is
 * not finite.
 *
 * @example
 * ```ts
 * import { createKey, random } from "jkoflow";
 * import { fitConditionalGaussian } from "jkoflow/evaluate";
 *
 * const y = random.normal(createKey(0), 100); // [100, 1]
 * const x = y.map((value) => 2 * value); // [100, 1]
 * const noisy = x.map((value, i) => value + 0.1 * random.normalAt(createKey(1), i));
 * console.log(fitConditionalGaussian(noisy, y, 100, 1, 1).mean(Float32Array.of(1), 1)[0].toFixed(1)); // 2.0
 * ```
 */
export function fitConditionalGaussian(
  x: Float32Array,
  y: Float32Array,
  rows: number,
  cols: number,
  covariates: number,
): ConditionalGaussian {
  checkRows("x", x, rows, cols, 1);
  checkRows("y", y, rows, covariates, 1);
  const [mx, my] = [means(x, rows, cols), means(y, rows, covariates)];
  const yy = cross(y, y, rows, my, my);
  const yx = cross(y, x, rows, my, mx);
  let trace = 0;
  for (let k = 0; k < covariates; k++) trace += yy[k * covariates + k];
  // Covariates that do not vary, as a gap that only other rows have, leave the plain Gaussian: B = 0.
  for (let k = 0; k < covariates; k++) yy[k * covariates + k] += trace > 0 ? (RIDGE * trace) / covariates : 1;
  const factor = cholesky(yy, covariates)!; // positive definite by the ridge
  const slopes = new Float64Array(covariates * cols); // B
  for (let j = 0; j < cols; j++) {
    const column = Float64Array.from({ length: covariates }, (_, k) => yx[k * cols + j]);
    solveCholesky(factor, covariates, column);
    for (let k = 0; k < covariates; k++) slopes[k * cols + j] = column[k];
  }
  const mean = (given: Float32Array, count: number): Float32Array => {
    checkRows("y", given, count, covariates, 0);
    return Float32Array.from({ length: count * cols }, (_, at) => {
      const [i, j] = [Math.floor(at / cols), at % cols];
      let value = mx[j];
      for (let k = 0; k < covariates; k++) value += (given[i * covariates + k] - my[k]) * slopes[k * cols + j];
      return value;
    });
  };
  const residuals = (values: Float32Array, given: Float32Array, count: number): Float32Array => {
    checkRows("x", values, count, cols, 0);
    return mean(given, count).map((value, at) => values[at] - value);
  };
  const gaussian = fitGaussian(residuals(x, y, rows), rows, cols);
  return {
    gaussian,
    residuals,
    mean,
    opening: () => ({
      slopes,
      centre: mx.map((value, j) => my.reduce((sum, n, k) => sum - n * slopes[k * cols + j], value)), // m - B^T n
      eigenvalues: new Float64Array(cols).fill(1),
      eigenvectors: Float64Array.from({ length: cols * cols }, (_, at) => (at % (cols + 1) === 0 ? 1 : 0)),
    }),
    logProb: (values, given, count) => gaussian.logProb(residuals(values, given, count), count),
  };
}

function means(values: Float32Array, rows: number, cols: number): Float64Array {
  const sums = new Float64Array(cols);
  for (let at = 0; at < rows * cols; at++) sums[at % cols] += values[at];
  return sums.map((sum) => sum / rows);
}

/** Covariances between the columns of a and of b. [a's, b's] */
function cross(a: Float32Array, b: Float32Array, rows: number, meanA: Float64Array, meanB: Float64Array): Float64Array {
  const [n, m] = [meanA.length, meanB.length];
  const sums = new Float64Array(n * m);
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < n; i++) {
      const value = a[r * n + i] - meanA[i];
      if (value !== 0) for (let j = 0; j < m; j++) sums[i * m + j] += (value * (b[r * m + j] - meanB[j])) / rows;
    }
  }
  return sums;
}
