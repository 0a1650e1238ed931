import { describe, expect, it } from "vitest";
import { createGraph } from "../graph/index.ts";
import { createRandom, evaluator, normalOf } from "../graph/values.testing.ts";
import { createKey } from "../random/index.ts";
import { type GradientConfig, gradientMap, INVERSE_TOLERANCE } from "./gradientMap.ts";

const configOf = (dimension: number): GradientConfig => ({
  kind: "gradient",
  dimension,
  width: 8,
  rank: 2,
  convexity: 1e-3,
});

describe.each([1, 2, 5])("the gradient of a convex potential, d = %d", (d) => {
  const config = configOf(d);
  const weights = gradientMap.init(config, createKey(d), 1);
  const host = gradientMap.open!(config, weights);
  const random = createRandom(3);
  const rows = Array.from({ length: 20 }, () => Float64Array.from({ length: d }, () => 2 * normalOf(random)));
  const push = (x: Float64Array): Float64Array => {
    const y = new Float64Array(d);
    host.push(x, y);
    return y;
  };

  it("has as many weights as the graph has parameters, and the graph's values on the host", () => {
    const graph = createGraph();
    const { parameters, at } = gradientMap.build(graph, config);
    const x = graph.rows("x", d);
    const { y, logDet } = at(x);
    expect(parameters.reduce((sum, p) => sum + Number(p.rows) * p.cols, 0)).toBe(gradientMap.size(config));
    let place = 0;
    const leaves = new Map(
      parameters.map((p) => {
        const size = Number(p.rows) * p.cols;
        place += size;
        return [
          p,
          { rows: Number(p.rows), cols: p.cols, data: Float64Array.from(weights.subarray(place - size, place)) },
        ];
      }),
    );
    leaves.set(x, { rows: rows.length, cols: d, data: Float64Array.from(rows.flatMap((row) => [...row])) });
    const images = evaluator(y, rows.length)(leaves).data;
    const logDets = evaluator(logDet!, rows.length)(leaves).data;
    rows.forEach((row, i) => {
      const image = new Float64Array(d);
      // float64 on both sides, sums in another order
      expect(Math.abs(host.push(row, image) - logDets[i])).toBeLessThan(1e-10);
      for (let k = 0; k < d; k++)
        expect(Math.abs(image[k] - images[i * d + k])).toBeLessThan(1e-10 * (1 + Math.abs(image[k])));
    });
  });

  it("its Hessian is the derivative of its gradient: log det by central differences", () => {
    const h = 1e-5;
    for (const row of rows.slice(0, 5)) {
      const jacobian = Array.from({ length: d }, (_, k) => {
        const shifted = (by: number) => push(row.map((v, i) => (i === k ? v + by : v)));
        const [up, down] = [shifted(h), shifted(-h)];
        return up.map((v, i) => (v - down[i]) / (2 * h));
      });
      // error h^2 T'''/6, about 1e-9 here
      expect(Math.abs(host.push(row, new Float64Array(d)) - Math.log(Math.abs(determinant(jacobian))))).toBeLessThan(
        1e-6,
      );
    }
  });

  it("comes back to 1e-8, and with the log-determinant of the row", () => {
    for (const row of rows) {
      const y = push(row);
      const x = new Float64Array(d);
      const logDet = host.invert!(y, x);
      const again = push(x);
      const miss = Math.hypot(...again.map((v, k) => v - y[k]));
      expect(miss).toBeLessThan(INVERSE_TOLERANCE * (1 + Math.hypot(...y)));
      expect(Math.abs(logDet - host.push(x, new Float64Array(d)))).toBeLessThan(1e-12);
    }
  });

  it("starts as the identity at scale 0", () => {
    const still = gradientMap.open!(config, gradientMap.init(config, createKey(1), 0));
    const y = new Float64Array(d);
    expect(Math.abs(still.push(rows[0], y))).toBeLessThan(1e-6);
    for (let k = 0; k < d; k++) expect(Math.abs(y[k] - rows[0][k])).toBeLessThan(1e-6);
  });
});

it("a description that is none is refused", () => {
  const fail = (place: string, came: string, expected: string): never => {
    throw new Error(`${place}: ${came}, expected ${expected}`);
  };
  expect(gradientMap.check({ ...configOf(2) }, fail)).toEqual(configOf(2));
  for (const [wrong, message] of [
    [{ dimension: 33 }, "map.dimension: 33, expected a whole number from 1 to 32"],
    [{ width: 0 }, "map.width: 0"],
    [{ rank: 1.5 }, "map.rank: 1.5"],
    [{ convexity: 0 }, "map.convexity: 0"],
  ] as const) {
    expect(() => gradientMap.check({ ...configOf(2), ...wrong }, fail)).toThrow(message);
  }
  expect(() => gradientMap.check(null, fail)).toThrow("map: null, expected an object");
});

/** By elimination with pivots. */
function determinant(matrix: readonly Float64Array[]): number {
  const m = matrix.map((row) => Float64Array.from(row));
  let product = 1;
  for (let k = 0; k < m.length; k++) {
    const best = m.slice(k).reduce((b, row, i) => (Math.abs(row[k]) > Math.abs(m[k + b][k]) ? i : b), 0) + k;
    if (best !== k) {
      [m[k], m[best]] = [m[best], m[k]];
      product = -product;
    }
    product *= m[k][k];
    for (let i = k + 1; i < m.length; i++) {
      const factor = m[i][k] / m[k][k];
      for (let j = k; j < m.length; j++) m[i][j] -= factor * m[k][j];
    }
  }
  return product;
}
