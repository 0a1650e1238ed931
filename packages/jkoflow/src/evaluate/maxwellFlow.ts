/**
 * Closed forms of the Landau equation for Maxwell molecules, A(z) = C (|z|^2 I - z z^T), in d dimensions:
 *
 *   BKW          K(t) = 1 - K0 exp(-2 C (d - 1) t) of distributions/bkw.ts
 *   covariance   S(t) = S_inf - (S_inf - S(0)) exp(-4 d C t),   S_inf = (tr S(0) / d) I, whatever the start is
 *
 * The second is the equation of second moments, which is closed for Maxwell molecules (C. Villani, "On the spatially homogeneous
 * Landau equation for Maxwellian molecules", Math. Models Methods Appl. Sci. 8 (1998)). A Gaussian does not stay one on the way.
 */

/** K0 and C. */
export interface BkwFlow {
  readonly dimension: number;
  readonly constant: number;
  readonly K0: number;
}

/**
 * The scale K of the solution of Bobylev, Krook and Wu at a time.
 *
 * @example
 * ```ts
 * import { type BkwFlow, bkwScaleAt, maxwellCovarianceAt } from "jkoflow/evaluate";
 *
 * const flow: BkwFlow = { dimension: 2, constant: 1 / 16, K0: 0.5 };
 * console.log(bkwScaleAt(flow, 0), bkwScaleAt(flow, 1000)); // 0.5 1
 * console.log(maxwellCovarianceAt(Float64Array.of(3, 0, 0, 1), 2, 1 / 16, 1000)[0]); // 2
 * ```
 */
export const bkwScaleAt = ({ dimension: d, constant: C, K0 }: BkwFlow, time: number): number =>
  1 - K0 * Math.exp(-2 * C * (d - 1) * time);

/** Covariance [d, d] at a time after `start`. */
export function maxwellCovarianceAt(start: Float64Array, d: number, constant: number, time: number): Float64Array {
  let trace = 0;
  for (let k = 0; k < d; k++) trace += start[k * (d + 1)];
  const decay = Math.exp(-4 * d * constant * time);
  return start.map((value, at) => {
    const still = at % (d + 1) === 0 ? trace / d : 0;
    return still - (still - value) * decay;
  });
}
