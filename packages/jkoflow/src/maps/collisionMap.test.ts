/** The step of a batch: what it keeps, that H cannot rise, and the same step as a stored map of any row. */
import { describe, expect, it } from "vitest";
import type { VelocityDimension } from "../collisions/kernel.ts";
import { type CollisionBatch, forcesOf } from "../collisions/objective.ts";
import { collide } from "../collisions/step.ts";
import { initMlp, openMlp } from "../nn/index.ts";
import { createKey, normal } from "../random/index.ts";
import { type CollisionConfig, collisionMap, collisionWeights, scoreNetwork } from "./collisionMap.ts";

const configOf = (dimension: VelocityDimension, gamma: number, step: number): CollisionConfig => ({
  kind: "collision",
  dimension,
  hidden: [8, 8],
  activation: { kind: "tanh" },
  gamma,
  constant: 0.1,
  separation: 1e-2,
  step,
  particles: 60,
});

/** Particles with the vectors of a network of random weights. */
function batchOf(config: CollisionConfig, seed: number, size = 1): { network: Float32Array; batch: CollisionBatch } {
  const { dimension: d, particles } = config;
  const network = initMlp(scoreNetwork(config), createKey(seed)).map((w) => size * w);
  const v = Float64Array.from(normal(createKey(seed + 100), particles * d));
  const [s, ds] = [new Float64Array(v.length), new Float64Array(v.length * d)];
  const mlp = openMlp(scoreNetwork(config), network);
  for (let i = 0; i < particles; i++)
    mlp.at(v.subarray(i * d, i * d + d), s.subarray(i * d, i * d + d), ds.subarray(i * d * d, (i + 1) * d * d));
  return { network, batch: { d, v, s, ds } };
}

const meanOf = (v: ArrayLike<number>, d: number, k: number): number => {
  let sum = 0;
  for (let i = k; i < v.length; i += d) sum += v[i];
  return (sum * d) / v.length;
};

describe.each<[VelocityDimension, number]>([
  [2, 0],
  [3, 0],
  [2, -3],
  [3, -3],
])("d = %d, gamma = %d", (d, gamma) => {
  it("a step keeps momentum and energy, and J <= 0 for any h and any network: H does not rise", () => {
    for (const [seed, h] of [
      [1, 0.1],
      [2, 1],
      [3, 30],
      [4, 1000],
    ]) {
      const { batch } = batchOf(configOf(d, gamma, h), seed, 2);
      const forces = forcesOf({ ...configOf(d, gamma, h) }, batch);
      const { v, logDet, lambda, objective, leastDeterminant } = collide(batch, forces, h);
      const squares = (of: Float64Array): number => of.reduce((sum, x) => sum + x * x, 0);
      expect(Math.abs(squares(v) / squares(batch.v) - 1)).toBeLessThan(1e-12);
      for (let k = 0; k < d; k++) expect(Math.abs(meanOf(v, d, k) - meanOf(batch.v, d, k))).toBeLessThan(1e-13);
      expect(objective).toBeLessThanOrEqual(0);
      expect(logDet.reduce((sum, x) => sum + x, 0)).toBeGreaterThanOrEqual(0);
      expect(leastDeterminant).toBeGreaterThan(0);
      expect(lambda).toBeGreaterThanOrEqual(0);
      expect(lambda).toBeLessThanOrEqual(1);
    }
  });

  it("vectors against the score are not followed", () => {
    const { batch } = batchOf(configOf(d, gamma, 0.1), 1);
    // Along one axis particles are near each other already; s = grad log f points inwards, this one outwards: it would press them.
    const v = batch.v.map((x, at) => (at % d === 0 ? x / 2 : x));
    const s = v.map((x, at) => (at % d === 0 ? 3 * x : 0));
    const ds = batch.ds.map((_, at) => (at % (d * d) === 0 ? 3 : 0));
    const against = { d, v, s, ds };
    const { lambda, objective } = collide(against, forcesOf(configOf(d, gamma, 0.1), against), 0.1);
    expect(lambda).toBe(0);
    expect(objective).toBe(0);
  });

  it("the stored map has the Jacobian that differences have, and its inverse", () => {
    const config = configOf(d, gamma, 0.5);
    const { network, batch } = batchOf(config, 5);
    const weights = collisionWeights(network, batch.v, { lambda: 0.8, scale: 0.99 });
    expect(weights.length).toBe(collisionMap.size(config));
    const map = collisionMap.open!(config, weights);
    const rows = normal(createKey(9), 20 * d);
    const [y, x] = [new Float64Array(d), new Float64Array(d)];
    const [up, down] = [new Float64Array(d), new Float64Array(d)];
    for (let i = 0; i < 20; i++) {
      const row = Float64Array.from(rows.subarray(i * d, i * d + d));
      const logDet = map.push(row, y);
      expect(Math.abs(map.invert!(y, x) - logDet)).toBeLessThan(1e-6);
      row.forEach((value, k) => {
        expect(Math.abs(x[k] - value)).toBeLessThan(1e-7);
      });
      const columns = Array.from({ length: d }, (_, k) => {
        map.push(
          row.map((value, at) => value + (at === k ? 1e-5 : 0)),
          up,
        );
        map.push(
          row.map((value, at) => value - (at === k ? 1e-5 : 0)),
          down,
        );
        return Array.from(up, (value, a) => (value - down[a]) / 2e-5);
      });
      const [a, b, c = [0, 0, 1]] = columns;
      const determinant =
        d === 2
          ? a[0] * b[1] - a[1] * b[0]
          : a[0] * (b[1] * c[2] - b[2] * c[1]) -
            a[1] * (b[0] * c[2] - b[2] * c[0]) +
            a[2] * (b[0] * c[1] - b[1] * c[0]);
      expect(Math.abs(Math.log(determinant) - logDet)).toBeLessThan(1e-5);
    }
  });
});

it("a map that folds says so", () => {
  const config = configOf(2, 0, 1e4);
  const { network, batch } = batchOf(config, 5);
  const map = collisionMap.open!(config, collisionWeights(network, batch.v, { lambda: 1, scale: 1 }));
  const fold = (): void => {
    for (let i = 0; i < 40; i++) map.push([i / 10 - 2, (i % 7) / 2 - 1], new Float64Array(2));
  };
  expect(fold).toThrow("folds at a row");
});

it("descriptions are checked", () => {
  const fail = (place: string, came: string, expected: string): never => {
    throw new Error(`${place}: ${came}, ${expected}`);
  };
  const config = configOf(2, 0, 0.1);
  expect(collisionMap.check(JSON.parse(JSON.stringify(config)), fail)).toEqual(config);
  const bad: readonly [object, string][] = [
    [{ dimension: 4 }, "map.dimension: 4, 2 or 3"],
    [{ hidden: [] }, "map.hidden"],
    [{ activation: { kind: "relu" } }, "map.activation"],
    [{ step: 0 }, "map.step: 0"],
    [{ particles: 1 }, "map.particles: 1"],
    [{ gamma: 2 }, "gamma: 2, expected a power from -4 to 1"],
    [{ constant: -1 }, "constant: -1, expected C above 0"],
  ];
  for (const [change, message] of bad)
    expect(() => collisionMap.check({ ...config, ...change }, fail)).toThrow(message);
  expect(() => collisionMap.check(undefined, fail)).toThrow("an object");
});
