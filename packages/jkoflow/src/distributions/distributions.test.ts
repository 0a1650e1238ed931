/** What holds for every distribution: graph and host agree, the density is that of the samples, mass 1. */
import { describe, expect, it } from "vitest";
import { createGraph } from "../graph/index.ts";
import { evaluator } from "../graph/values.testing.ts";
import { createKey } from "../random/index.ts";
import {
  banana,
  barenblatt,
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
