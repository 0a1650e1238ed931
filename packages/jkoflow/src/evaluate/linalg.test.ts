import { expect, test } from "vitest";
import { createKey, normal } from "../random/index.ts";
import { cholesky, invertLower, logDetCholesky, solveCholesky, symmetricEigen } from "./linalg.ts";

const n = 7;
/** A A^T + I / 10 for a random A: positive definite. */
function definite(): Float64Array {
  const a = normal(createKey(3), n * n);
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      for (let k = 0; k < n; k++) out[i * n + j] += a[i * n + k] * a[j * n + k];
    }
    out[i * n + i] += 0.1;
  }
  return out;
}
const times = (a: Float64Array, x: ArrayLike<number>): number[] =>
  Array.from({ length: n }, (_, i) => Array.from(x).reduce((sum, value, j) => sum + a[i * n + j] * value, 0));

test("the Cholesky factor solves the system and inverts", () => {
  const matrix = definite();
  const lower = cholesky(matrix, n)!;
  const x = Float64Array.from({ length: n }, (_, i) => i - 2.5);
  const solved = Float64Array.from(times(matrix, x));
  solveCholesky(lower, n, solved);
  solved.forEach((value, i) => {
    expect(value).toBeCloseTo(x[i], 9);
  });
  times(lower, times(invertLower(lower, n), x)).forEach((value, i) => {
    expect(value).toBeCloseTo(x[i], 10);
  });
});

test("a matrix that is not positive definite has no factor", () => {
  expect(cholesky(Float64Array.of(1, 2, 2, 1), 2)).toBeUndefined();
  expect(cholesky(Float64Array.of(Number.NaN), 1)).toBeUndefined();
});

test("eigenvectors are orthonormal, reproduce the matrix and give its determinant", () => {
  const matrix = definite();
  const { values, vectors } = symmetricEigen(matrix, n);
  for (let j = 0; j < n; j++) {
    const v = vectors.subarray(j * n, j * n + n);
    times(matrix, v).forEach((value, i) => {
      expect(value).toBeCloseTo(values[j] * v[i], 10);
    });
    for (let k = 0; k < n; k++) {
      const inner = v.reduce((sum, value, i) => sum + value * vectors[k * n + i], 0);
      expect(inner).toBeCloseTo(j === k ? 1 : 0, 12);
    }
    if (j > 0) expect(values[j]).toBeGreaterThanOrEqual(values[j - 1]);
  }
  const logDet = values.reduce((sum, value) => sum + Math.log(value), 0);
  expect(logDetCholesky(cholesky(matrix, n)!, n)).toBeCloseTo(logDet, 9);
});
