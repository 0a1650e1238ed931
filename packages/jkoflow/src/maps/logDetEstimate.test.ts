/** The estimate and its gradient against Cholesky's factor, on the average over all signs or over many. */
import { describe, expect, it } from "vitest";
import { add, createGraph, factorRows, gradient, logDetRows, matmul, type Node, scale, slice } from "../graph/index.ts";
import { createRandom, evaluator, normalOf } from "../graph/values.testing.ts";
import { logDetEstimate } from "./logDetEstimate.ts";

/** H = shift I + spread A A^T / d of n equal rows, with the leaf A [d, d]; d log det H / dA by both ways. */
function both(d: number, spread: number, steps: number, signs: readonly (readonly number[])[]) {
  const random = createRandom(d);
  const graph = createGraph();
  const A = graph.parameter("A", d, d);
  const times = (v: Node): Node => add(v, scale(matmul(matmul(v, A), A, "transposed"), spread / d));
  const v = graph.rows("signs", d);
  const estimate = logDetEstimate(graph, times, v, steps);
  const n = signs.length;
  const leaves = new Map([
    [A, { rows: d, cols: d, data: Float64Array.from({ length: d * d }, () => normalOf(random)) }],
    [v, { rows: n, cols: d, data: Float64Array.from(signs.flat()) }],
  ]);
  // The same H by its entries: products with the rows of the identity.
  const unit = (k: number) => graph.rows(`e${k}`, d);
  const rowsOf = Array.from({ length: d }, (_, k) => times(unit(k)));
  const matrix = rowsOf.map((row) => rowsOf.map((_, j) => slice(row, j, j + 1)));
  for (let k = 0; k < d; k++) {
    const data = Float64Array.from({ length: n * d }, (_, at) => (at % d === k ? 1 : 0));
    leaves.set(unit(k), { rows: n, cols: d, data });
  }
  const exact = logDetRows(factorRows(matrix));
  const mean = (node: Node): Float64Array => {
    const { data } = evaluator(node, n)(leaves);
    const cols = data.length / n;
    return Float64Array.from({ length: cols }, (_, k) => {
      let sum = 0;
      for (let r = 0; r < n; r++) sum += data[r * cols + k] / n;
      return sum;
    });
  };
  const slope = (node: Node): Float64Array => evaluator(gradient(node, [A])[0], n)(leaves).data.map((x) => x / n);
  const values = evaluator(estimate, n)(leaves).data;
  return { value: mean(estimate)[0], exact: mean(exact)[0], values, slopes: [slope(estimate), slope(exact)] };
}

const allSigns = (d: number): number[][] =>
  Array.from({ length: 2 ** d }, (_, code) => Array.from({ length: d }, (_, k) => ((code >> k) % 2 === 0 ? 1 : -1)));

describe("log det by random signs", () => {
  // The mean over all 2^d rows of signs is the trace: no noise is left. K = d is exact, up to the ten points of the logarithm.
  it.each([1, 2, 3, 5])("d = %d: its mean over all signs is the exact value, with K = d", (d) => {
    const { value, exact, slopes } = both(d, 0.5, d, allSigns(d));
    expect(Math.abs(value - exact)).toBeLessThan(1e-9);
    slopes[0].forEach((x, k) => {
      expect(Math.abs(x - slopes[1][k])).toBeLessThan(1e-10);
    });
  });

  it("d = 8: few steps do where eigenvalues lie together, as those of a step of the scheme", () => {
    const { value, exact, slopes } = both(8, 0.1, 4, allSigns(8));
    expect(Math.abs(value - exact)).toBeLessThan(1e-5);
    slopes[0].forEach((x, k) => {
      expect(Math.abs(x - slopes[1][k])).toBeLessThan(1e-4);
    });
  });

  it("steps beyond the dimension do no harm", () => {
    const { value, exact } = both(2, 0.5, 8, allSigns(2));
    expect(Math.abs(value - exact)).toBeLessThan(1e-9);
  });

  it("d = 12: within three standard errors by 300 random rows", () => {
    const random = createRandom(7);
    const signs = Array.from({ length: 300 }, () => Array.from({ length: 12 }, () => (random() < 0.5 ? -1 : 1)));
    const { value, exact, values } = both(12, 0.5, 12, signs);
    const spread = Math.sqrt(values.reduce((sum, x) => sum + (x - value) ** 2, 0)) / values.length;
    expect(spread).toBeGreaterThan(0);
    expect(Math.abs(value - exact)).toBeLessThan(3 * spread);
  });
});
