/**
 * The Gaussian with full covariance, fitted by maximum likelihood or shrunk: the floor every density model has to beat.
 *
 * log p(x) = -1/2 |L^-1 (x - m)|^2 - sum_i log L_ii - d/2 log 2 pi,   L L^T = S + ridge I
 */

import { InputError } from "../errors/index.ts";
import { ledoitWolfShrinkage, shrinkToDiagonal } from "./ledoitWolf.ts";
import { cholesky, invertLower, logDetCholesky } from "./linalg.ts";
import { checkRows } from "./rows.ts";
import { pairedDifference } from "./score.ts";

/** A fitted Gaussian. Log-densities are in nats, in the units of the rows it was fitted on. */
export interface Gaussian {
  readonly cols: number;
  /** [d] */
  readonly mean: Float64Array;
  /** [d, d], the ridge included. */
  readonly covariance: Float64Array;
  /** Variance added to every column so that the covariance has an inverse; 0 for tables of full rank. */
  readonly ridge: number;
  /** Share by which the correlations were drawn towards 0; 0 by maximum likelihood. */
  readonly shrinkage: number;
  /** L^-1 [d, d], lower triangular: z = L^-1 (x - mean) has unit covariance. */
  readonly whitener: Float64Array;
  /** log |det L^-1|, what whitening adds to a log-density. */
  readonly logDetWhitener: number;
  /** log p of `rows` rows [rows, d]: one number per row, nats. Throws InputError on a shape that does not fit. */
  logProb(x: Float32Array, rows: number): Float64Array;
}

/** How a covariance is estimated. */
export interface GaussianOptions {
  /** "none" is maximum likelihood, the default; "ledoit-wolf" shrinks the correlations as rows are few (ledoitWolf.ts). */
  readonly shrinkage?: "none" | "ledoit-wolf";
}

/** The first ridge that is tried, as a share of the mean variance; float32 input carries no finer information. */
const FIRST_RIDGE = 1e-9;

/**
 * Fits mean and covariance (divided by the number of rows) to `x` [rows, cols].
 *
 * A covariance without full rank (copied or constant columns, fewer rows than columns) gets the smallest ridge of
 * 1e-9, 1e-8, ... times the mean variance that makes it invertible; where all variances are zero the unit is 1. The
 * value used is reported as `ridge`. The result is always finite.
 *
 * Throws InputError where the shape does not fit, a value is not finite, or there is no row.
 *
 * @example
 * ```ts
 * import { createKey, random } from "jkoflow";
 * import { betterGaussian, fitGaussian } from "jkoflow/evaluate";
 *
 * const rows = random.normal(createKey(0), 200); // [100, 2]
 * const plain = fitGaussian(rows, 100, 2);
 * const shrunk = fitGaussian(rows, 100, 2, { shrinkage: "ledoit-wolf" });
 * const held = random.normal(createKey(1), 100);
 * console.log(betterGaussian([plain, shrunk], held) === plain, shrunk.logProb(held, 50).length); // true 50
 * ```
 */
export function fitGaussian(x: Float32Array, rows: number, cols: number, options: GaussianOptions = {}): Gaussian {
  checkRows("x", x, rows, cols, 1);
  const mean = columnMeans(x, rows, cols);
  const covariance = covarianceAround(x, rows, cols, mean);
  const shrinkage = options.shrinkage === "ledoit-wolf" ? shrinkCovariance(x, rows, mean, covariance) : 0;
  let scale = 0;
  for (let i = 0; i < cols; i++) scale += covariance[i * cols + i] / cols;
  if (scale === 0) scale = 1;
  const { factor, ridge } = regularize(covariance, cols, scale);
  const whitener = invertLower(factor, cols);
  const logDetWhitener = -logDetCholesky(factor, cols) / 2;
  const constant = logDetWhitener - (cols / 2) * Math.log(2 * Math.PI);
  return {
    cols,
    mean,
    covariance,
    ridge,
    shrinkage,
    whitener,
    logDetWhitener,
    logProb(y, count) {
      checkRows("x", y, count, cols, 0);
      const z = whitenRows(y, count, cols, mean, whitener); // [count, d]
      const out = new Float64Array(count);
      for (let r = 0; r < count; r++) {
        let square = 0;
        for (let i = r * cols; i < (r + 1) * cols; i++) square += z[i] * z[i];
        out[r] = constant - square / 2;
      }
      return out;
    },
  };
}

/**
 * The Gaussian that `validation` [m, cols] prefers. A later one has to gain more than the standard error of its gain.
 * Throws InputError where a shape does not fit or there is none to choose from.
 */
export function betterGaussian(gaussians: readonly Gaussian[], validation: Float32Array): Gaussian {
  if (gaussians.length === 0) throw new InputError({ where: "gaussians", came: "none", expected: "at least one" });
  const rows = validation.length / gaussians[0].cols;
  checkRows("validation", validation, rows, gaussians[0].cols, 1);
  return gaussians.reduce((best, other) => {
    const { mean, standardError } = pairedDifference(other.logProb(validation, rows), best.logProb(validation, rows));
    return mean < 0 && !(-mean < standardError) ? other : best;
  });
}

/** Shrinks the covariance [d, d] in place; the share is returned. */
function shrinkCovariance(x: Float32Array, rows: number, mean: Float64Array, covariance: Float64Array): number {
  const d = mean.length;
  const deviations = mean.map((_, i) => Math.sqrt(covariance[i * (d + 1)]) || 1);
  const share = ledoitWolfShrinkage(x, rows, mean, covariance, deviations);
  shrinkToDiagonal(covariance, d, share);
  return share;
}

/** z = whitener (x - mean) for each row: [rows, d] in float64. */
export function whitenRows(
  x: Float32Array,
  rows: number,
  cols: number,
  mean: Float64Array,
  whitener: Float64Array,
): Float64Array {
  const z = new Float64Array(rows * cols);
  const centred = new Float64Array(cols);
  for (let r = 0; r < rows; r++) {
    const at = r * cols;
    for (let i = 0; i < cols; i++) centred[i] = x[at + i] - mean[i];
    for (let i = 0; i < cols; i++) {
      let sum = 0;
      for (let j = 0; j <= i; j++) sum += whitener[i * cols + j] * centred[j];
      z[at + i] = sum;
    }
  }
  return z;
}

function columnMeans(x: Float32Array, rows: number, cols: number): Float64Array {
  const mean = new Float64Array(cols);
  for (let r = 0; r < rows; r++) for (let i = 0; i < cols; i++) mean[i] += x[r * cols + i];
  return mean.map((sum) => sum / rows);
}

/** Two passes (mean first), since E[x^2] - m^2 loses everything for columns far from zero. */
function covarianceAround(x: Float32Array, rows: number, cols: number, mean: Float64Array): Float64Array {
  const sums = new Float64Array(cols * cols);
  const centred = new Float64Array(cols);
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < cols; i++) centred[i] = x[r * cols + i] - mean[i];
    for (let i = 0; i < cols; i++) {
      const value = centred[i];
      for (let j = 0; j <= i; j++) sums[i * cols + j] += value * centred[j];
    }
  }
  for (let i = 0; i < cols; i++) {
    for (let j = 0; j <= i; j++) sums[j * cols + i] = sums[i * cols + j] /= rows;
  }
  return sums;
}

/** Adds the smallest ridge of the ladder to `covariance` (in place) for which the factor exists and is not degenerate. */
function regularize(covariance: Float64Array, n: number, scale: number): { factor: Float64Array; ridge: number } {
  const diagonal = Float64Array.from({ length: n }, (_, i) => covariance[i * n + i]);
  for (let ridge = 0; ; ridge = ridge === 0 ? FIRST_RIDGE * scale : ridge * 10) {
    for (let i = 0; i < n; i++) covariance[i * n + i] = diagonal[i] + ridge;
    const factor = cholesky(covariance, n);
    // A pivot at rounding level of its own variance is a rank deficiency that rounding happened to make positive.
    if (factor !== undefined && diagonal.every((d, i) => factor[i * n + i] ** 2 > 1e-13 * (d + ridge))) {
      return { factor, ridge };
    }
  }
}
