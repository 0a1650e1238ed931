/** Whitening of one standardised row: y = L^(-1/2) V z, and back. */
import { log } from "../random/index.ts";

export interface Whitening {
  /** Writes the whitened row into `y` from `start` on. */
  readonly forward: (z: Float64Array, y: Float32Array | Float64Array, start: number) => void;
  readonly inverse: (y: Float64Array) => Float64Array;
  readonly logDet: number;
}

/** From eigenvalues [d] and unit eigenvectors [d, d] of the correlation matrix, row k for value k. */
export function createWhitening(eigenvalues: readonly number[], vectors: readonly number[]): Whitening {
  const d = eigenvalues.length;
  const roots = eigenvalues.map(Math.sqrt);
  const dot = (z: Float64Array, start: number, step: number): number => {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += vectors[start + j * step] * z[j];
    return sum;
  };
  return {
    forward: (z, y, start) => {
      for (let k = 0; k < d; k++) y[start + k] = dot(z, k * d, 1) / roots[k];
    },
    inverse: (y) => {
      const scaled = y.map((v, k) => v * roots[k]);
      return y.map((_, j) => dot(scaled, j, d));
    },
    logDet: eigenvalues.reduce((sum, value) => sum - 0.5 * log(value), 0),
  };
}
