/** What holds for every distribution: graph and host agree, the density is that of the samples, mass 1. */
import { describe, expect, it } from "vitest";
import { createGraph } from "../graph/index.ts";
import { evaluator } from "../graph/values.testing.ts";
import { createKey } from "../random/index.ts";
import {
  banana,
  barenblatt,
  bkw,
  type Distribution,
  eightModes,
  equalMixture,
  funnel,
  gaussianMixture,
  mustache,
  normalDistribution,
  standardNormal,
  uniformBox,
} from "./index.ts";

const all: readonly Distribution[] = [
  standardNormal(3),
  normalDistribution([1, -2], Float64Array.of(2, 0.6, 0.6, 0.5)),
  gaussianMixture(
    [1, 3],
    [normalDistribution([-2], Float64Array.of(0.3)), normalDistribution([1], Float64Array.of(1))],
  ),
  equalMixture(
    [
      [0, 0],
      [2, 1],
      [-3, 4],
    ],
    0.5,
  ),
  barenblatt(1, 2, 0.7),
  barenblatt(2, 3, 1.2),
  barenblatt(3, 1.5, 1),
  bkw(2, 0.6),
  bkw(3, 0.8),
  uniformBox(2, -1, 3),
  banana(),
  mustache(),
  funnel(3),
  eightModes(),
];

describe.each(all.map((p) => [p.title, p] as const))("%s", (_, p) => {
  const n = 4000;
  const d = p.dimension;
  const rows = p.sample!(createKey(5), n);
  const rowAt = (r: number) => rows.subarray(r * d, (r + 1) * d);

  it("has one density in the graph and on the host", () => {
    const x = createGraph().rows("x", d);
    const data = Float64Array.from(rows);
    const values = evaluator(p.logDensity(x), n)(new Map([[x, { rows: n, cols: d, data }]])).data;
    for (let r = 0; r < n; r++) {
      const host = p.logDensityAt(rowAt(r));
      expect(Math.abs(values[r] - host)).toBeLessThan(1e-9 * (1 + Math.abs(host)));
    }
  });

  it("gives samples of its density: E[q / p] = 1 for a density q inside of it", () => {
    // q: uniform on a box in which p is well above 0, about the median of the samples, and smaller than the spread
    const middle = Array.from(
      { length: d },
      (_, k) => Float32Array.from({ length: n }, (_, r) => rows[r * d + k]).sort()[n / 2],
    );
    const centre = p.logDensityAt(middle) > -8 ? middle : Array.from(rowAt(0));
    const half = 0.08;
    let [sum, squares] = [0, 0];
    const many = 200_000;
    const fresh = p.sample!(createKey(6), many);
    for (let r = 0; r < many; r++) {
      const row = fresh.subarray(r * d, (r + 1) * d);
      if (row.some((v, k) => Math.abs(v - centre[k]) > half)) continue;
      const ratio = Math.exp(-d * Math.log(2 * half) - p.logDensityAt(row) + (p.logZ ?? 0));
      sum += ratio;
      squares += ratio * ratio;
    }
    const mean = sum / many;
    const error = Math.sqrt(squares / many - mean * mean) / Math.sqrt(many);
    expect(error).toBeLessThan(0.25);
    expect(Math.abs(mean - 1)).toBeLessThan(4.5 * error);
  });
});

describe.each(all.flatMap((p) => (p.stratified ? [[p.title, p] as const] : [])))("rows in strata: %s", (_, p) => {
  it("have its means, with a third of the scatter of independent rows", () => {
    const [n, d, many] = [500, p.dimension, 20_000];
    const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
    const sets = seeds.map((seed) => p.stratified!(createKey(seed), n));
    const independent = p.sample!(createKey(9), many);
    const looks: readonly ((rows: ArrayLike<number>, at: number) => number)[] = [
      (rows, at) => rows[at],
      (rows, at) => rows[at + d - 1] ** 2,
      (rows, at) => Math.cos(rows[at] + rows[at + d - 1]),
    ];
    const mean = (of: readonly number[]): number => of.reduce((sum, v) => sum + v, 0) / of.length;
    const deviation = (of: readonly number[]): number => {
      const middle = mean(of);
      return Math.sqrt(mean(of.map((v) => (v - middle) ** 2)));
    };
    for (const look of looks) {
      const values = (of: ArrayLike<number>) => Array.from({ length: of.length / d }, (_, i) => look(of, i * d));
      const reference = values(independent);
      const spread = deviation(reference);
      const means = sets.map((rows) => mean(values(rows)));
      expect(deviation(means)).toBeLessThan((0.33 * spread) / Math.sqrt(n));
      // 4.5 standard errors of the reference
      expect(Math.abs(mean(means) - mean(reference))).toBeLessThan((4.5 * spread) / Math.sqrt(many));
    }
  });
});

describe("the BKW solution", () => {
  // E|v|^4 and H by adaptive quadrature in scipy; K = 1 - exp(-t/8)/2 in the plane, 1 - exp(-t/6) in space
  it.each([
    [2, 0, 6, -2.721946],
    [2, 1, 6.442398, -2.789049],
    [2, 3, 7.055267, -2.825636],
    [2, 10, 7.83583, -2.837642],
    [3, 5.5, undefined, -4.193052],
    [3, 7, 13.545, -4.241518],
    [3, 10, undefined, -4.25534],
  ])("d = %d, t = %d: E|v|^4 and H", (d, t, fourth, energy) => {
    const p = bkw(d, d === 2 ? 1 - Math.exp(-t / 8) / 2 : 1 - Math.exp(-t / 6));
    if (fourth !== undefined) expect(Math.abs(p.fourthMoment - fourth)).toBeLessThan(d === 2 ? 6e-7 : 6e-4);
    expect(Math.abs(p.energy - energy)).toBeLessThan(6e-7);
  });
  it("refuses K without a density, and other dimensions", () => {
    expect(() => bkw(2, 0.4)).toThrow("BKW solution: K = 0.4, expected from 2 / 4 to 1");
    expect(() => bkw(4, 0.9)).toThrow("4 columns, expected 2 or 3");
  });
});

describe("constants of Barenblatt profiles", () => {
  it.each([
    [1, 2, 0.36056239, 2.080084],
    [2, 2, 0.19947114, 1.786488],
    [3, 2, 0.13481014, 1.642012],
    [6, 2, 0.06971527, 1.493616],
    [1, 3, 0.1837763, 1.48503],
    [2, 3, 0.08894317, 1.265297],
    [1, 1.5, 0.56698329, 2.91629],
  ])("d = %d, m = %d", (d, m, constant, radius) => {
    const p = barenblatt(d, m, 1);
    expect(Math.abs(p.constant - constant)).toBeLessThan(6e-9);
    expect(Math.abs(p.radius - radius)).toBeLessThan(6e-7);
    // the identity d (m - 1) F(1) / E|y|^2 = alpha / d ties energy and second moment together
    expect(Math.abs((d * (m - 1) * p.energy) / p.secondMoment - p.exponent)).toBeLessThan(1e-12);
  });
  it("refuses powers without samples", () => {
    expect(() => barenblatt(1, 1, 1)).toThrow("m = 1, expected m above 1");
    expect(() => barenblatt(1, 2.3, 1)).toThrow("2 / (m - 1) a whole number");
    expect(() => barenblatt(1, 2, 0)).toThrow("scale 0, expected a number above 0");
  });
});

it.each([
  [() => gaussianMixture([1], []), "mixture:components: none"],
  [
    () => gaussianMixture([1, 0], [standardNormal(1), standardNormal(1)]),
    "mixture: weight 1: 0, expected a number above 0",
  ],
  [() => gaussianMixture([1, 1], [standardNormal(1), standardNormal(2)]), "dimensions 1 and 2, expected one dimension"],
  [() => funnel(1), "funnel: 1 dimensions, expected a whole number from 2"],
  [() => uniformBox(1, 1, 1), "box: 1 to 1"],
])("refuses %#", (make, message) => {
  expect(make).toThrow(message);
});
