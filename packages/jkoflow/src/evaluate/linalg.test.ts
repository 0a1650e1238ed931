import { expect, test } from "vitest";
import { createKey, normal } from "../random/index.ts";
import { cholesky, invertLower, logDetCholesky, solveCholesky } from "./linalg.ts";

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

test("the log-determinant is that of a product of known factors", () => {
  const lower = Float64Array.of(2, 0, 0, 5, 3, 0, 7, 1, 0.5);
  const matrix = new Float64Array(9);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) for (let k = 0; k < 3; k++) matrix[3 * i + j] += lower[3 * i + k] * lower[3 * j + k];
  }
  expect(cholesky(matrix, 3)).toEqual(lower);
  expect(logDetCholesky(lower, 3)).toBeCloseTo(2 * Math.log(3), 14);
});
