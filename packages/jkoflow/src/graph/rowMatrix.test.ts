import { describe, expect, it } from "vitest";
import { cholesky, logDetCholesky, solveCholesky } from "../evaluate/linalg.ts";
import { createGraph, factorRows, logDetRows, slice, solveRows } from "./index.ts";
import { createRandom, evaluator, normalOf } from "./values.testing.ts";

describe("small matrices of rows", () => {
  it.each([1, 2, 3, 6, 12])("log det and solution of Cholesky in float64, d = %d", (d) => {
    const random = createRandom(d);
    const batch = 3;
    const data = new Float64Array(batch * d * d);
    for (let b = 0; b < batch; b++) {
      const half = Float64Array.from({ length: d * d }, () => normalOf(random));
      for (let i = 0; i < d; i++) {
        for (let j = 0; j < d; j++) {
          let sum = i === j ? 0.5 : 0;
          for (let k = 0; k < d; k++) sum += half[i * d + k] * half[j * d + k];
          data[(b * d + i) * d + j] = sum;
        }
      }
    }
    const rhs = Float64Array.from({ length: batch * d }, () => normalOf(random));
    const graph = createGraph();
    const [m, r] = [graph.rows("M", d * d), graph.rows("r", d)];
    const range = Array.from({ length: d }, (_, k) => k);
    const factor = factorRows(range.map((i) => range.map((j) => slice(m, i * d + j, i * d + j + 1))));
    const solution = solveRows(
      factor,
      range.map((k) => slice(r, k, k + 1)),
    );
    const leaves = new Map([
      [m, { rows: batch, cols: d * d, data }],
      [r, { rows: batch, cols: d, data: rhs }],
    ]);
    const logDet = evaluator(logDetRows(factor), batch)(leaves).data;
    const solved = solution.map((node) => evaluator(node, batch)(leaves).data);
    for (let b = 0; b < batch; b++) {
      const lower = cholesky(data.slice(b * d * d, (b + 1) * d * d), d)!;
      expect(Math.abs(logDet[b] - logDetCholesky(lower, d))).toBeLessThan(1e-10);
      const x = rhs.slice(b * d, (b + 1) * d);
      solveCholesky(lower, d, x);
      for (let k = 0; k < d; k++) expect(Math.abs(solved[k][b] - x[k])).toBeLessThan(1e-9);
    }
  });

  it("refuses what would outgrow a program", () => {
    const x = createGraph().rows("x", 1);
    expect(() => factorRows(Array.from({ length: 13 }, () => Array.from({ length: 13 }, () => x)))).toThrow(
      "13 rows and columns, expected 1 to 12",
    );
  });
});
