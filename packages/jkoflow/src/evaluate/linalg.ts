/**
 * Positive definite matrices in float64: Cholesky factor, its inverse, linear systems.
 *
 * A matrix is a row-major `Float64Array` of n * n numbers. Sizes here are the number of columns of a table (below a few
 * hundred), so the plain loops are fast enough and easy to check.
 */

/** Lower factor L [n, n] with L L^T = `matrix`, or undefined where the matrix is not positive definite in float64. */
export function cholesky(matrix: Float64Array, n: number): Float64Array | undefined {
  const factor = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j];
      for (let k = 0; k < j; k++) sum -= factor[i * n + k] * factor[j * n + k];
      if (i === j) {
        // Written as a negation so that NaN is refused as well.
        if (!(sum > 0) || sum === Number.POSITIVE_INFINITY) return undefined;
        factor[i * n + i] = Math.sqrt(sum);
      } else {
        factor[i * n + j] = sum / factor[j * n + j];
      }
    }
  }
  return factor;
}

/** Inverse of a lower triangular matrix [n, n]; lower triangular again. The diagonal must not contain zero. */
export function invertLower(lower: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  for (let column = 0; column < n; column++) {
    inverse[column * n + column] = 1 / lower[column * n + column];
    for (let i = column + 1; i < n; i++) {
      let sum = 0;
      for (let k = column; k < i; k++) sum -= lower[i * n + k] * inverse[k * n + column];
      inverse[i * n + column] = sum / lower[i * n + i];
    }
  }
  return inverse;
}

/** Solves L L^T x = `rhs` in place, `lower` being the Cholesky factor [n, n]. */
export function solveCholesky(lower: Float64Array, n: number, rhs: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let sum = rhs[i];
    for (let k = 0; k < i; k++) sum -= lower[i * n + k] * rhs[k];
    rhs[i] = sum / lower[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = rhs[i];
    for (let k = i + 1; k < n; k++) sum -= lower[k * n + i] * rhs[k];
    rhs[i] = sum / lower[i * n + i];
  }
}

/** log det of L L^T, from the factor L [n, n]. */
export function logDetCholesky(lower: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += 2 * Math.log(lower[i * n + i]);
  return sum;
}
