/** Symmetric matrices [d, d] in float64, row after row: products, and functions by their eigenvalues. */
import { symmetricEigen } from "../data/index.ts";

/** f of a symmetric matrix: sum_j f(value_j) v_j v_j^T. */
export function functionOf(matrix: Float64Array, d: number, f: (value: number) => number): Float64Array {
  const { values, vectors } = symmetricEigen(matrix, d);
  const out = new Float64Array(d * d);
  values.forEach((value, j) => {
    const scaled = f(value);
    for (let r = 0; r < d; r++) {
      const factor = scaled * vectors[j * d + r];
      for (let c = 0; c < d; c++) out[r * d + c] += factor * vectors[j * d + c];
    }
  });
  return out;
}

/** a b */
export function product(a: Float64Array, b: Float64Array, d: number): Float64Array {
  const out = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let k = 0; k < d; k++) {
      const factor = a[i * d + k];
      for (let j = 0; j < d; j++) out[i * d + j] += factor * b[k * d + j];
    }
  }
  return out;
}

/** a x */
export const apply = (a: Float64Array, x: ArrayLike<number>, d: number): Float64Array =>
  Float64Array.from({ length: d }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += a[i * d + j] * x[j];
    return sum;
  });

export const identityMatrix = (d: number): Float64Array =>
  Float64Array.from({ length: d * d }, (_, at) => (at % (d + 1) === 0 ? 1 : 0));

export const traceOf = (a: Float64Array, d: number): number => {
  let sum = 0;
  for (let i = 0; i < d; i++) sum += a[i * (d + 1)];
  return sum;
};

/** a + factor * b */
export const plus = (a: Float64Array, b: Float64Array, factor = 1): Float64Array => a.map((v, i) => v + factor * b[i]);

/** log det of a positive definite matrix. */
export function logDetOf(a: Float64Array, d: number): number {
  return symmetricEigen(a, d).values.reduce((sum, value) => sum + Math.log(value), 0);
}
