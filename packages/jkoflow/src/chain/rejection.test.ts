import { describe, expect, it } from "vitest";
import { normalDistribution } from "../distributions/index.ts";
import { createKey, normal } from "../random/index.ts";
import { acceptance, fitRejection, logDensityAfter, passesPerRow, type Rejection } from "./rejection.ts";

/** The trapezium rule over [-14, 14], exact for smooth densities that end inside; the kinks of a cost 1e-9 at this width. */
const CELLS = 400_000;
const nodes = Float64Array.from({ length: CELLS + 1 }, (_, i) => -14 + (28 * i) / CELLS);
const integral = (values: Float64Array): number => (values.reduce((a, b) => a + b, 0) * 28) / CELLS;

describe("a rejection step between two Gaussians on the line, by quadrature", () => {
  const p = normalDistribution([0], Float64Array.of(1));
  const q = normalDistribution([1], Float64Array.of(0.49));
  const logP = nodes.map((x) => p.logDensityAt([x]));
  const logQ = nodes.map((x) => q.logDensityAt([x]));
  const klOf = (l: Float64Array): number => integral(l.map((v, i) => Math.exp(v) * (v - logQ[i])));

  it.each([-2, -0.5, 0, 0.3, 2])("log c = %f: the mass stays 1, KL does not rise, nor at the next one", (logC) => {
    let before = logP;
    for (const c of [logC, logC / 2]) {
      const chance = before.map((l, i) => Math.exp(l) * (1 - Math.min(1, Math.exp(logQ[i] - l - c))));
      const rejection: Rejection = { kind: "rejection", logC: c, mean: integral(chance) };
      const from = before;
      const after = from.map((l, i) => logDensityAfter(l, logQ[i] - l, rejection));
      expect(Math.abs(integral(after.map(Math.exp)) - 1)).toBeLessThan(1e-9);
      expect(klOf(after)).toBeLessThan(klOf(before));
      before = after;
    }
  });
});

describe("the fit of a rejection step", () => {
  it("finds log Z - log(1 - r) where the density is right, and changes nothing", () => {
    for (const [logZ, rate] of [
      [0, 0.2],
      [-529.24, 0.2],
      [37, 0.05],
    ]) {
      const rejection = fitRejection(new Float64Array(100).fill(logZ), rate);
      expect(Math.abs(rejection.logC - (logZ - Math.log(1 - rate)))).toBeLessThan(1e-4);
      expect(Math.abs(logDensityAfter(-3, logZ, rejection) + 3)).toBeLessThan(1e-6);
    }
  });

  it("meets the rate on log-weights of any spread and place", () => {
    for (const [place, spread] of [
      [0, 1e-6],
      [500, 1],
      [-40, 30],
      [0, 2000],
    ]) {
      const weights = normal(createKey(1), 3000).map((z) => place + spread * z);
      const { logC, mean } = fitRejection(weights, 0.2);
      expect(Math.abs(mean - 0.2)).toBeLessThan(1e-4);
      const replaced = weights.reduce((sum, w) => sum + 1 - Math.min(1, Math.exp(w - logC)), 0) / weights.length;
      expect(Math.abs(replaced - mean)).toBeLessThan(1e-12);
    }
  });

  it("counts rows outside of the target as replaced, and says where they are too many", () => {
    const some = Float64Array.from({ length: 100 }, (_, i) => (i < 15 ? Number.NEGATIVE_INFINITY : 0));
    const { logC, mean } = fitRejection(some, 0.2);
    expect([mean.toFixed(6), acceptance(Number.NEGATIVE_INFINITY, { logC })]).toEqual(["0.200000", 0]);
    expect(Math.abs(logC - Math.log(85 / 80))).toBeLessThan(1e-6);
    expect(() => fitRejection(some, 0.1)).toThrow("the target is 0 at 15 of 100 rows");
  });

  it("refuses what is none", () => {
    expect(() => fitRejection([], 0.2)).toThrow("rejection:log-weights: none, expected one per row");
    expect(() => fitRejection([0], 1)).toThrow("rate: 1, expected a number above 0 and below 1");
    expect(() => fitRejection([0, Number.NaN], 0.2)).toThrow("log-weight 1: NaN");
    expect(() => fitRejection([Number.POSITIVE_INFINITY], 0.2)).toThrow("log-weight 0: Infinity");
  });
});

it("the cost of a row is that of the published schedules", () => {
  // Maps before the first rejection, then blocks of a map and three rejections: arXiv:2407.20444.
  const passes = (before: number, blocks: number): number =>
    passesPerRow([
      ...Array.from({ length: before }, () => ({ kind: "map" })),
      ...Array.from({ length: blocks }, () => [
        { kind: "map" },
        ...Array(3).fill({ kind: "rejection", mean: 0.2 }),
      ]).flat(),
    ]);
  expect([passes(2, 4), passes(4, 6), passes(4, 7)].map((cost) => Number(cost.toPrecision(3)))).toEqual([
    36.6, 167, 291,
  ]);
});
