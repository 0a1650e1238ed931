import { expect, it } from "vitest";
import { standardNormal } from "../distributions/index.ts";
import { createKey } from "../random/index.ts";
import { gradientMap } from "./gradientMap.ts";
import { openMapFlow } from "./mapFlow.ts";

const config = { kind: "gradient", dimension: 2, width: 6, rank: 2, convexity: 1e-3 } as const;
const maps = [1, 2, 3].map((seed) => gradientMap.open!(config, gradientMap.init(config, createKey(seed), 0.3)));
const flow = openMapFlow(standardNormal(2), maps);

it("scores its own samples as it made them, at every step", () => {
  for (const step of [0, 1, 3]) {
    const { x, logDensity } = flow.sample(createKey(4), 50, step);
    const scores = flow.logDensity(x, step);
    scores.forEach((score, i) => {
      expect(Math.abs(score - logDensity[i])).toBeLessThan(1e-6);
    });
    const back = flow.invert(x, step);
    const start = standardNormal(2).sample(createKey(4), 50);
    back.forEach((v, i) => {
      expect(Math.abs(v - start[i])).toBeLessThan(1e-7);
    });
  }
});

it("comes back within 1e-8 through all maps: the largest |T(T^-1 y) - y| of 300 rows", () => {
  const { x } = flow.sample(createKey(9), 300, 3);
  const back = flow.invert(x, 3);
  let worst = 0;
  for (let r = 0; r < 300; r++) {
    let row = back.slice(2 * r, 2 * r + 2);
    for (const map of maps) {
      const next = new Float64Array(2);
      map.push(row, next);
      row = next;
    }
    worst = Math.max(worst, Math.hypot(row[0] - x[2 * r], row[1] - x[2 * r + 1]));
  }
  expect(worst).toBeLessThan(1e-8);
});

it("has mass 1: the mean of p / q over a wide Gaussian q", () => {
  const n = 4000;
  const q = standardNormal(2)
    .sample(createKey(5), n)
    .map((v) => 12 * v);
  const logs = flow.logDensity(q, 3);
  const ratios = logs.map((log, i) => {
    const squares = (q[2 * i] ** 2 + q[2 * i + 1] ** 2) / 144;
    return Math.exp(log + squares / 2 + Math.log(2 * Math.PI * 144));
  });
  const mean = ratios.reduce((sum, v) => sum + v / n, 0);
  const error = Math.sqrt(ratios.reduce((sum, v) => sum + (v - mean) ** 2, 0)) / n;
  expect(error).toBeLessThan(0.12);
  expect(Math.abs(mean - 1)).toBeLessThan(4 * error);
});

it("says what it cannot", () => {
  const { sample: _, ...still } = standardNormal(2);
  expect(() => openMapFlow(still, maps).sample(createKey(1), 1, 0)).toThrow("expected a start that gives samples");
  const oneWay = openMapFlow(standardNormal(2), [{ push: maps[0].push }]);
  expect(() => oneWay.logDensity([0, 0], 1)).toThrow("a map without inverse, expected one that can be inverted");
});
