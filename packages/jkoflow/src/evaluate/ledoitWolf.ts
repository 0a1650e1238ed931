/**
 * How far a covariance is to be drawn towards the ball where rows are few.
 *
 * Source: O. Ledoit, M. Wolf, "A well-conditioned estimator for large-dimensional covariance matrices", J. Multivar. Anal. 88
 * (2004), 365-411, section 3.2. For centred rows z_k [d], S = 1/n sum z_k z_k^T, m = tr S / d and |A|^2 = tr A A^T / d:
 *   d2 = |S - m I|^2,   b2 = min(d2, 1/n^2 sum_k |z_k z_k^T - S|^2),   S* = (1 - b2/d2) S + (b2/d2) m I
 * Here z are the columns on the scale of their own deviations, so that their units do not matter; m is then 1.
 */

/** b2/d2 of `x` [rows, d] with these means and this covariance [d, d], each column divided by its deviation. In [0, 1]. */
export function ledoitWolfShrinkage(
  x: Float32Array,
  rows: number,
  mean: Float64Array,
  covariance: Float64Array,
  deviations: Float64Array,
): number {
  const d = mean.length;
  let frobenius = 0; // sum of the squares of S
  let trace = 0;
  for (let i = 0; i < d; i++) {
    trace += covariance[i * d + i] / deviations[i] ** 2;
    for (let j = 0; j < d; j++) frobenius += (covariance[i * d + j] / (deviations[i] * deviations[j])) ** 2;
  }
  let fourth = 0; // mean of |z|^4, which is tr of (z z^T)^2
  for (let r = 0; r < rows; r++) {
    let square = 0;
    for (let i = 0; i < d; i++) square += ((x[r * d + i] - mean[i]) / deviations[i]) ** 2;
    fourth += (square * square) / rows;
  }
  const distance = (frobenius - trace ** 2 / d) / d;
  const error = (fourth - frobenius) / (rows * d);
  return distance > 0 ? Math.max(0, Math.min(error, distance)) / distance : 0;
}

/** covariance <- (1 - share) covariance + share * diagonal, in place. */
export function shrinkToDiagonal(covariance: Float64Array, d: number, share: number): void {
  for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) if (i !== j) covariance[i * d + j] *= 1 - share;
}
