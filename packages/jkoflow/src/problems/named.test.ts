/** Flows by name: what is known of them, against formulas written out here. */
import { describe, expect, it } from "vitest";
import { createKey } from "../random/index.ts";
import { namedProblem, namedProblems, publishedOf } from "./named.ts";
import { namedTargets } from "./targets.ts";

describe("Ornstein-Uhlenbeck", () => {
  it("on the line: moments, energy and floor by their formulas", () => {
    const { exact, functional, start } = namedProblem("ou:1", createKey(4));
    // The target, from its density: log p is a parabola.
    const [low, mid, high] = [-1, 0, 1].map((x) => exact!.logDensityAt!([x], 60));
    const precision = 2 * mid - low - high;
    const b = (high - low) / 2 / precision;
    const at = (t: number): readonly [mean: number, variance: number] => {
      const decay = Math.exp(-precision * t);
      return [b * (1 - decay), 1 / precision + decay ** 2 * (1 - 1 / precision)];
    };
    for (const t of [0, 0.3, 1]) {
      const [mean, variance] = at(t);
      const expected = -((0.4 - mean) ** 2) / (2 * variance) - Math.log(2 * Math.PI * variance) / 2;
      expect(exact!.logDensityAt!([0.4], t)).toBeCloseTo(expected, 9);
      const kl = (precision * (variance + (mean - b) ** 2) - 1 - Math.log(precision * variance)) / 2;
      expect(exact!.energyAt!(t)).toBeCloseTo(kl, 9);
    }
    // One exact step: s' = (s + sqrt(s^2 + 4 h (1 + h a))) / (2 (1 + h a)) from s = 1, the mean h a b / (1 + h a).
    const [h, a] = [0.1, precision];
    const s = (1 + Math.sqrt(1 + 4 * h * (1 + h * a))) / (2 * (1 + h * a));
    const m = (h * a * b) / (1 + h * a);
    const [mean, variance] = at(h);
    const ratio = s ** 2 / variance;
    const symKl = (ratio + 1 / ratio - 2 + (m - mean) ** 2 * (1 / variance + 1 / s ** 2)) / 2;
    expect(exact!.floorAt!(h, h)).toBeCloseTo(symKl, 10);
    expect(start.dimension).toBe(1);
    expect(functional.terms.map(({ name }) => name)).toEqual(["entropy", "potential"]);
  });

  it("is random by its key, and its samples are of its density", () => {
    const [one, same, other] = [1, 1, 2].map((seed) => namedProblem("ou:3", createKey(seed)).exact!);
    expect(one.energyAt!(0)).toBe(same.energyAt!(0));
    expect(one.energyAt!(0)).not.toBe(other.energyAt!(0));
    const rows = one.sample!(createKey(9), 4000, 1);
    let [total, squares] = [0, 0];
    for (let i = 0; i < 4000; i++) {
      const value = one.logDensityAt!(rows.subarray(3 * i, 3 * i + 3), 1);
      total += value / 4000;
      squares += value ** 2 / 4000;
    }
    // The mean log-density of a Gaussian lies 3/2 below its mode, with variance 3/2; the mode is where the gradient is 0.
    expect(squares - total ** 2).toBeGreaterThan(1.2);
    expect(squares - total ** 2).toBeLessThan(1.8);
  });
});

it("every name makes a problem in each of its dimensions, a whole number of steps long", () => {
  for (const [catalogue, names] of [
    [namedProblems, Object.entries(namedProblems)],
    [namedTargets, Object.entries(namedTargets)],
  ] as const) {
    for (const [name, { dimensions, times }] of names) {
      for (const d of new Set(dimensions)) {
        const problem = namedProblem(`${name}:${d}`, createKey(0), {}, undefined, catalogue);
        expect([problem.dimension, problem.columns.length, problem.start.dimension]).toEqual([d, d, d]);
        expect({ time: problem.time, step: problem.step }).toEqual(times);
        expect(problem.start.sample?.(createKey(1), 3).every(Number.isFinite)).toBe(true);
      }
    }
  }
});

it.each(Object.entries(namedProblems))("%s says what is known of it", (_, { oracle }) => {
  expect(oracle ?? "").toMatch(/\w/);
});

it("steady states have the published energies", () => {
  const leastOf = (name: string): number => namedProblem(name, createKey(0)).exact!.leastEnergy!;
  expect(leastOf("aggregation")).toBeCloseTo(0.5482867951, 9);
  expect(leastOf("disk")).toBe(0.375);
  expect(leastOf("ring")).toBeCloseTo(-1 / 12, 12);
  expect(leastOf("fokker-planck")).toBeCloseTo(0.7862224183, 9);
});

it("porous medium: flow and scheme have the scales of the closed form", () => {
  const { exact, start } = namedProblem("porous:1", createKey(0), { time: 0.1, step: 0.01 });
  // Scales .1 at the start and .46570095 at t = .101 of (1, 2), and .44711684 after ten steps: the energy is F(1) / s.
  const energyOf = (scale: number): number => exact!.energyAt!(0) * (0.1 / scale);
  expect(exact!.energyAt!(0.1)).toBeCloseTo(energyOf(0.46570095), 6);
  expect(exact!.schemeEnergyAt!(0.1, 0.01)).toBeCloseTo(energyOf(0.44711684), 6);
  expect(start.logDensityAt([0])).toBeCloseTo(Math.log(0.36056239 / 0.1), 6);
});

it("knows what is published of a name", () => {
  expect(publishedOf("ou:4")).toEqual([
    { time: 0.5, symKl: 0.0081 },
    { time: 0.9, symKl: 0.0083 },
  ]);
  expect(publishedOf("mixture")).toEqual([{ time: 4, symKl: 0.062 }]);
  for (const name of [undefined, "", "ou:3", "disk", "constructor"]) expect(publishedOf(name)).toEqual([]);
});

it.each([
  ["oo", 'problem: "oo", expected ou, mixture'],
  ["ring:3", 'problem: "ring:3", expected ring:2'],
  ["ou:0", "expected ou:d with d from 1 to 32"],
  ["ou:1.5", "expected ou:d"],
  ["ou:", "expected ou:d"],
  ["constructor", 'problem: "constructor", expected ou'],
])("refuses %s", (name, message) => {
  expect(() => namedProblem(name, createKey(0))).toThrow(message);
});
