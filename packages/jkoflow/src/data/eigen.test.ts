import { describe, expect, it } from "vitest";
import { createKey, normal } from "../random/index.ts";
import { symmetricEigen } from "./eigen.ts";

describe("symmetricEigen", () => {
  it("solves a matrix with known values", () => {
    // Second differences: 2 - 2 cos(k pi / (n + 1)), k = n .. 1.
    const n = 6;
    const matrix = Float64Array.from({ length: n * n }, (_, at) => {
      const distance = Math.abs(Math.floor(at / n) - (at % n));
      return distance === 0 ? 2 : distance === 1 ? -1 : 0;
    });
    const { values } = symmetricEigen(matrix, n);
    values.forEach((value, k) => {
      expect(value).toBeCloseTo(2 - 2 * Math.cos(((n - k) * Math.PI) / (n + 1)), 13);
    });
  });
  for (const n of [1, 2, 5, 20]) {
    it(`gives A = V' L V with orthonormal V, n = ${n}`, () => {
      const g = normal(createKey(n), n * n);
      const matrix = Float64Array.from({ length: n * n }, (_, at) => g[at] + g[(at % n) * n + Math.floor(at / n)]);
      const { values, vectors } = symmetricEigen(matrix, n);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          let a = 0;
          let dot = 0;
          for (let k = 0; k < n; k++) {
            a += vectors[k * n + i] * values[k] * vectors[k * n + j];
            dot += vectors[i * n + k] * vectors[j * n + k];
          }
          expect(a).toBeCloseTo(matrix[i * n + j], 12);
          expect(dot).toBeCloseTo(i === j ? 1 : 0, 13);
        }
      }
      for (let k = 1; k < n; k++) expect(values[k]).toBeLessThanOrEqual(values[k - 1]);
    });
  }
});
