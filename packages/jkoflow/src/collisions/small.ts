/** Determinants and inverses of matrices of 2 or 3 rows, [d, d] row after row, by cofactors. */
import type { VelocityDimension } from "./kernel.ts";

export function determinantOf(m: ArrayLike<number>, d: VelocityDimension): number {
  if (d === 2) return m[0] * m[3] - m[1] * m[2];
  return m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) + m[2] * (m[3] * m[7] - m[4] * m[6]);
}

/** The transpose of the inverse, cofactors divided by the determinant, into `to`; gives the determinant. */
export function inverseTranspose(m: ArrayLike<number>, d: VelocityDimension, to: Float64Array): number {
  const determinant = determinantOf(m, d);
  if (d === 2) {
    to[0] = m[3] / determinant;
    to[1] = -m[2] / determinant;
    to[2] = -m[1] / determinant;
    to[3] = m[0] / determinant;
    return determinant;
  }
  for (let a = 0; a < 3; a++) {
    const [b, c] = [(a + 1) % 3, (a + 2) % 3];
    for (let k = 0; k < 3; k++) {
      const [l, n] = [(k + 1) % 3, (k + 2) % 3];
      to[a * 3 + k] = (m[b * 3 + l] * m[c * 3 + n] - m[b * 3 + n] * m[c * 3 + l]) / determinant;
    }
  }
  return determinant;
}
