import { describe, expect, it } from "vitest";
import { createGraph } from "../graph/index.ts";
import { evaluator } from "../graph/values.testing.ts";
import { createKey } from "../random/index.ts";
import {
  normalDistribution,
  standardConstant,
  standardEnergy,
  standardEnergyOf,
  standardLogDensity,
  standardNormal,
} from "./normal.ts";

const nodeAt = (p: ReturnType<typeof normalDistribution>, row: readonly number[]): number => {
  const x = createGraph().rows("x", p.dimension);
  const data = Float64Array.from(row);
  return evaluator(p.logDensity(x), 1)(new Map([[x, { rows: 1, cols: p.dimension, data }]])).data[0];
};

describe("Gaussians", () => {
  // scipy.stats.multivariate_normal([1, -2], [[2, 0.6], [0.6, 0.5]]).logpdf([0.3, 0.4]), scipy 1.x
  const p = normalDistribution([1, -2], Float64Array.of(2, 0.6, 0.6, 0.5));

  it("have the density of scipy.stats.multivariate_normal, in the graph and on the host", () => {
    const at = p.logDensityAt([0.3, 0.4]);
    expect(Math.abs(at - -12.381139765095138)).toBeLessThan(1e-12);
    expect(Math.abs(nodeAt(p, [0.3, 0.4]) - at)).toBeLessThan(1e-12);
  });

  it("N(0, I) is -|x|^2/2 - d ln(2 pi)/2", () => {
    const q = standardNormal(3);
    const exact = -14 / 2 - 1.5 * Math.log(2 * Math.PI);
    expect(Math.abs(q.logDensityAt([1, 2, 3]) - exact)).toBeLessThan(1e-13);
    expect(Math.abs(nodeAt(q, [1, 2, 3]) - exact)).toBeLessThan(1e-13);
  });

  it("the parts of ln N(x; 0, I) agree, in the graph, on the host, of rows and of all rows", () => {
    const x = createGraph().rows("x", 3);
    const data = Float64Array.of(1, 2, 3, -4, 5, -6);
    const of = (node: ReturnType<typeof standardEnergy>): Float64Array =>
      Float64Array.from(evaluator(node, 2)(new Map([[x, { rows: 2, cols: 3, data }]])).data);
    expect(of(standardEnergy(x))).toEqual(Float64Array.of(7, 38.5));
    expect([standardEnergyOf(data, 0, 3), standardEnergyOf(data, 3, 6), standardEnergyOf(data)]).toEqual([
      7, 38.5, 45.5,
    ]);
    expect(standardConstant(3)).toBe(3 * 0.9189385332046727);
    expect(of(standardLogDensity(x))).toEqual(Float64Array.of(-7, -38.5).map((e) => e - standardConstant(3)));
  });

  it("samples have its moments, and any first rows are the same", () => {
    const n = 40_000;
    const rows = p.sample(createKey(1), n);
    expect(p.sample(createKey(1), 10)).toEqual(rows.subarray(0, 20));
    const mean = [0, 1].map((k) => rows.reduce((sum, v, i) => (i % 2 === k ? sum + v / n : sum), 0));
    let cross = 0;
    for (let i = 0; i < n; i++) cross += ((rows[2 * i] - 1) * (rows[2 * i + 1] + 2)) / n;
    // five standard errors: sqrt(2 / n), sqrt(0.5 / n), sqrt((2 * 0.5 + 0.36) / n)
    expect(Math.abs(mean[0] - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    expect(Math.abs(mean[1] + 2)).toBeLessThan(5 * Math.sqrt(0.5 / n));
    expect(Math.abs(cross - 0.6)).toBeLessThan(5 * Math.sqrt(1.36 / n));
  });

  it.each([
    [[0, 0], [1, 2, 2, 1], "covariance: a matrix, expected a positive definite one"],
    [[0, 0], [1, 0.1, 0, 1], "covariance: a matrix, expected a symmetric one"],
    [[0, 0], [1], "covariance: 1 numbers, expected 4, row after row"],
    [[0, Number.NaN], [1, 0, 0, 1], "mean:1: NaN, expected a finite number"],
    [[], [], "mean: no numbers, expected one per column"],
  ])("refuses %j %j", (mean, covariance, message) => {
    expect(() => normalDistribution(mean, Float64Array.from(covariance))).toThrow(message);
  });
});
