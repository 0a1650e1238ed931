/** The residual map on the host against the graph, and its determinant against central differences. */
import { describe, expect, it } from "vitest";
import { createGraph, createProgram } from "../graph/index.ts";
import { createRandom, evaluator, normalOf } from "../graph/values.testing.ts";
import { createKey } from "../random/index.ts";
import { type ResidualConfig, residualMap, withUnits } from "./residualMap.ts";

const configOf = (dimension: number): ResidualConfig => ({ kind: "residual", dimension, hidden: [7, 5] });

describe.each([1, 2, 5])("a row plus a network, d = %d", (d) => {
  const config = configOf(d);
  const random = createRandom(3);
  const draw = (): Float64Array => Float64Array.from({ length: d }, () => 2 * normalOf(random));
  const rows = Array.from({ length: 20 }, draw);
  const scale = Array.from({ length: d }, (_, k) => 0.5 + k);
  const start = residualMap.init(config, createKey(d), 1);
  // A linear part that is not symmetric.
  for (let i = 0; i < d * d; i++) start[2 * d + i] = 0.1 * normalOf(random);
  const weights = withUnits(start, draw(), scale);
  const host = residualMap.open!(config, weights);

  it("has as many weights as the graph has parameters, and the graph's values on the host", () => {
    const graph = createGraph();
    const { parameters, at } = residualMap.build(graph, config);
    const x = graph.rows("x", d);
    const { y, logDet } = at(x);
    expect(parameters.reduce((sum, p) => sum + Number(p.rows) * p.cols, 0)).toBe(residualMap.size(config));
    let place = 0;
    const leaves = new Map(
      parameters.map((p) => {
        const size = Number(p.rows) * p.cols;
        place += size;
        const data = Float64Array.from(weights.subarray(place - size, place));
        return [p, { rows: Number(p.rows), cols: p.cols, data }];
      }),
    );
    leaves.set(x, { rows: rows.length, cols: d, data: Float64Array.from(rows.flatMap((row) => [...row])) });
    const images = evaluator(y, rows.length)(leaves).data;
    const logDets = evaluator(logDet!, rows.length)(leaves).data;
    rows.forEach((row, i) => {
      const image = new Float64Array(d);
      // float64 on both sides, sums in another order
      expect(Math.abs(host.push(row, image) - logDets[i])).toBeLessThan(1e-10);
      for (let k = 0; k < d; k++) expect(Math.abs(image[k] - images[i * d + k])).toBeLessThan(1e-10);
    });
  });

  it("its determinant is that of its derivative, by central differences", () => {
    const h = 1e-5;
    const push = (x: Float64Array): Float64Array => {
      const y = new Float64Array(d);
      host.push(x, y);
      return y;
    };
    for (const row of rows.slice(0, 5)) {
      const columns = Array.from({ length: d }, (_, k) => {
        const shifted = (by: number) => push(row.map((v, i) => (i === k ? v + by : v)));
        const [up, down] = [shifted(h), shifted(-h)];
        return Array.from(up, (v, i) => (v - down[i]) / (2 * h));
      });
      // error h^2 T'''/6, about 1e-9 here
      expect(Math.abs(host.push(row, new Float64Array(d)) - Math.log(Math.abs(determinant(columns))))).toBeLessThan(
        1e-6,
      );
    }
  });

  it("is the identity at scale 0, in any units", () => {
    const still = residualMap.open!(config, withUnits(residualMap.init(config, createKey(1), 0), draw(), scale));
    const y = new Float64Array(d);
    expect(Math.abs(still.push(rows[0], y))).toBe(0);
    expect([...y]).toEqual([...rows[0]]);
  });

  it("has no inverse, and units that no training moves", () => {
    expect(host.invert).toBeUndefined();
    const graph = createGraph();
    const { parameters, at } = residualMap.build(graph, config);
    const { y } = at(graph.rows("x", d));
    const loss = graph.make("rowSum", [y], "B", 1);
    const { gradients } = createProgram({ name: "test", parameters, loss });
    for (const gradient of gradients.slice(0, 2)) expect(isZero(gradient)).toBe(true);
    expect(isZero(gradients[2])).toBe(false);
  });
});

/** A repeated constant 0, times anything. */
function isZero(node: {
  readonly op: string;
  readonly inputs: readonly unknown[];
  readonly at: { readonly value?: number };
}): boolean {
  if (node.op === "constant") return node.at.value === 0;
  if (node.op !== "mul" && node.op !== "broadcast") return false;
  return node.inputs.some((input) => isZero(input as typeof node));
}

it("a description that is none is refused", () => {
  const fail = (place: string, came: string, expected: string): never => {
    throw new Error(`${place}: ${came}, expected ${expected}`);
  };
  expect(residualMap.check({ ...configOf(2) }, fail)).toEqual(configOf(2));
  for (const [wrong, message] of [
    [{ dimension: 65 }, "map.dimension: 65, expected a whole number from 1 to 64"],
    [{ hidden: [] }, "map.hidden: an array"],
    [{ hidden: [8, 0] }, "map.hidden: an array"],
    [{ hidden: 8 }, "map.hidden: 8, expected 1 to 16 whole numbers"],
  ] as const) {
    expect(() => residualMap.check({ ...configOf(2), ...wrong }, fail)).toThrow(message);
  }
  expect(() => residualMap.check(null, fail)).toThrow("map: null, expected an object");
});

/** By expansion along the first row. */
function determinant(matrix: readonly (readonly number[])[]): number {
  if (matrix.length === 1) return matrix[0][0];
  return matrix[0].reduce((sum, value, k) => {
    const minor = matrix.slice(1).map((row) => row.filter((_, j) => j !== k));
    return sum + (k % 2 === 0 ? 1 : -1) * value * determinant(minor);
  }, 0);
}
