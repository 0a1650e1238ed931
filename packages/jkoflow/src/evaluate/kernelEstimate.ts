/**
 * A kernel density estimate of rows, which particles without a density need to be compared:
 *
 *   p(x) = (1/n) sum_i N(x; x_i, h^2 S),   S the covariance of the rows,   h = n^(-1/(d + 4))
 *
 * the rule of D. Scott, Multivariate Density Estimation, 1992, section 6.3, as scipy.stats.gaussian_kde has it. Its error falls
 * like n^(-4/(d + 4)): slowly in few dimensions, and hardly in many.
 */
import { kernelLogDensity } from "../distributions/index.ts";
import { fold, integers, type Key, log, normal } from "../random/index.ts";
import { cholesky, invertLower, logDetCholesky } from "./linalg.ts";

/** A density with its samples. */
export interface KernelEstimate {
  /** log p of rows [m, d], nats: [m] */
  logDensity(rows: ArrayLike<number>): Float64Array;
  /** [m, d] */
  sample(key: Key, m: number): Float64Array;
}

/**
 * The estimate by rows [n, d], n m d operations for m others. Undefined for rows that are not finite or fill no volume.
 *
 * @example
 * ```ts
 * import { createKey, random } from "jkoflow";
 * import { kernelEstimate } from "jkoflow/evaluate";
 *
 * const kernels = kernelEstimate(random.normal(createKey(0), 500), 1); // [500, 1]
 * console.log(kernels?.logDensity([0])[0].toFixed(1), kernels?.sample(createKey(1), 3).length); // -1.0 3
 * ```
 */
export function kernelEstimate(rows: Float32Array, d: number): KernelEstimate | undefined {
  const n = rows.length / d;
  if (!rows.every(Number.isFinite)) return undefined;
  const mean = Float64Array.from({ length: d }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += rows[i * d + j];
    return sum / n;
  });
  const covariance = new Float64Array(d * d);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) {
      for (let k = 0; k < d; k++) {
        covariance[j * d + k] += ((rows[i * d + j] - mean[j]) * (rows[i * d + k] - mean[k])) / (n - 1);
      }
    }
  }
  const lower = cholesky(covariance, d);
  if (lower === undefined) return undefined;
  const white = invertLower(lower, d);
  const whitened = (x: ArrayLike<number>): Float32Array =>
    Float32Array.from({ length: x.length }, (_, at) => {
      const [i, j] = [Math.floor(at / d), at % d];
      let z = 0;
      for (let k = 0; k <= j; k++) z += white[j * d + k] * (x[i * d + k] - mean[k]);
      return z;
    });
  const width = Math.exp(-log(n) / (d + 4));
  const kernels = { rows: whitened(rows), width };
  const logDet = logDetCholesky(lower, d) / 2;
  return {
    logDensity: (x) => kernelLogDensity(kernels, whitened(x), d).map((value) => value - logDet),
    sample: (key, m) => {
      const chosen = integers(fold(key, "kernel"), m, 0, n);
      const z = normal(fold(key, "noise"), m * d);
      return Float64Array.from({ length: m * d }, (_, at) => {
        const [i, j] = [Math.floor(at / d), at % d];
        let x = rows[chosen[i] * d + j];
        for (let k = 0; k <= j; k++) x += lower[j * d + k] * width * z[i * d + k];
        return x;
      });
    },
  };
}
