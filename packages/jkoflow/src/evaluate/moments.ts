/** Means and covariances of rows, and rows that have given ones exactly. */
import type { GaussianState } from "./gaussianFlow.ts";
import { functionOf, product } from "./symmetric.ts";

/**
 * Of rows [n, d], the covariance by the mean of squares.
 *
 * @example
 * ```ts
 * import { matchMoments, momentsOf } from "jkoflow/evaluate";
 *
 * const rows = matchMoments([1, 2, 4], { mean: Float64Array.of(0), covariance: Float64Array.of(1) });
 * const { mean, covariance } = momentsOf(rows, 1);
 * console.log(Math.abs(mean[0]) < 1e-12, covariance[0].toFixed(6)); // true 1.000000
 * ```
 */
export function momentsOf(rows: ArrayLike<number>, d: number): GaussianState {
  const n = rows.length / d;
  const mean = new Float64Array(d);
  for (let at = 0; at < rows.length; at++) mean[at % d] += rows[at] / n;
  const covariance = new Float64Array(d * d);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) {
      const away = (rows[i * d + j] - mean[j]) / n;
      for (let k = 0; k < d; k++) covariance[j * d + k] += away * (rows[i * d + k] - mean[k]);
    }
  }
  return { mean, covariance };
}

/**
 * Rows [n, d] moved by the affine map that gives them this mean and covariance: of the smallest change, the optimal map between
 * Gaussians, S^(-1/2) (S^(1/2) C S^(1/2))^(1/2) S^(-1/2). Means of rows over a distribution then have no error for quadratic functions.
 */
export function matchMoments(rows: ArrayLike<number>, { mean, covariance }: GaussianState): Float64Array {
  const d = mean.length;
  const have = momentsOf(rows, d);
  const [root, back] = [
    functionOf(have.covariance, d, Math.sqrt),
    functionOf(have.covariance, d, (v) => 1 / Math.sqrt(v)),
  ];
  const middle = functionOf(product(product(root, covariance, d), root, d), d, Math.sqrt);
  const map = product(product(back, middle, d), back, d);
  return Float64Array.from({ length: rows.length }, (_, at) => {
    const [i, j] = [Math.floor(at / d), at % d];
    let sum = mean[j];
    for (let k = 0; k < d; k++) sum += map[j * d + k] * (rows[i * d + k] - have.mean[k]);
    return sum;
  });
}
