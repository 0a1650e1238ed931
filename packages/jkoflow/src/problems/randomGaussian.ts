/**
 * A random Gaussian in d dimensions, as the targets of the published Ornstein-Uhlenbeck tests are made (P. Mokrov et al.,
 * NeurIPS 2021, arXiv:2106.00736, with scikit-learn's make_spd_matrix):
 *
 *     mean b ~ N(0, I),    covariance Q (1 1^T + diag(u)) Q^T,    u_i ~ U(0, 1),
 *     Q the eigenvectors of A^T A,  A_ij ~ U(0, 1)
 *
 * One variance lies near d + 1/2, the others between 0 and 1: the flow towards it is stiff.
 */
import { symmetricEigen } from "../data/index.ts";
import { fold, type Key, normal, uniform } from "../random/index.ts";

export interface GaussianMoments {
  /** [d] */
  readonly mean: Float64Array;
  /** [d, d], row after row. */
  readonly covariance: Float64Array;
}

/**
 * The moments of the target of that key in d columns.
 *
 * @example
 * ```ts
 * import { createKey } from "jkoflow";
 * import { randomGaussian } from "jkoflow/problems";
 *
 * const { mean, covariance } = randomGaussian(createKey(0), 3);
 * console.log(mean.length, covariance.length); // 3 9
 * ```
 */
export function randomGaussian(key: Key, d: number): GaussianMoments {
  const a = uniform(fold(key, "matrix"), d * d);
  const product = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) for (let k = 0; k < d; k++) product[i * d + j] += a[k * d + i] * a[k * d + j];
  }
  const { vectors } = symmetricEigen(product, d); // row j is the j-th eigenvector
  const u = uniform(fold(key, "variances"), d);
  const covariance = new Float64Array(d * d);
  for (let p = 0; p < d; p++) {
    for (let q = 0; q < d; q++) {
      const weight = 1 + (p === q ? u[p] : 0);
      for (let i = 0; i < d; i++) {
        for (let j = 0; j < d; j++) covariance[i * d + j] += weight * vectors[p * d + i] * vectors[q * d + j];
      }
    }
  }
  return { mean: Float64Array.from(normal(fold(key, "mean"), d)), covariance };
}
