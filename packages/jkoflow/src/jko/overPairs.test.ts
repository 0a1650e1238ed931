/** Partners of rows: drawn anew at each update, and many for each row where F is reported. */
import { describe, expect, it } from "vitest";
import { standardNormal } from "../distributions/index.ts";
import { createReferenceEngine } from "../engine/index.ts";
import { interaction, kl, sum } from "../functionals/index.ts";
import { squaredNorm } from "../graph/index.ts";
import { type GradientConfig, gradientMap } from "../maps/index.ts";
import { createKey } from "../random/index.ts";
import { createMapPrograms } from "./mapPrograms.ts";
import { overPairs } from "./overPairs.ts";
import { disposeRows } from "./rowSet.ts";

const configOf = (dimension: number): GradientConfig => ({
  kind: "gradient",
  dimension,
  width: 4,
  rank: 2,
  convexity: 1e-3,
});

it("goes through blocks and partners of them", () => {
  const seen: number[][] = [];
  const { values, error } = overPairs(16 * 200, ({ from, rows, beside }) => {
    seen.push([from, rows, beside]);
    return { total: Float32Array.of(Math.floor(from / 200) + beside), other: Float32Array.of(beside) };
  });
  expect(seen.length).toBe(16 * 64);
  expect(seen[64 + 3]).toEqual([200, 137, 3]);
  for (const [from, rows, beside] of seen)
    expect(from + beside + rows).toBeLessThanOrEqual((Math.floor(from / 200) + 1) * 200);
  expect(values).toEqual({ total: 7.5 + 31.5, other: 31.5 });
  // blocks of 0 ... 15: their variance is 17 * 16 / 12
  expect(error).toBeCloseTo(Math.sqrt((17 * 16) / 12 / 16), 12);
  expect(overPairs(2, () => ({ total: Float32Array.of(1) })).values.total).toBe(1);
});

describe("F of an interaction", () => {
  it("W = |x - y|^2 / 2 of N(0, I): within four standard errors, which are those of many partners", () => {
    const engine = createReferenceEngine();
    const functional = interaction((z) => squaredNorm(z));
    const programs = createMapPrograms(engine, gradientMap, configOf(2), standardNormal(2), functional);
    const rows = programs.draw(createKey(1), 3200);
    const { energy, energyError, moved } = programs.measure(rows);
    // E |x - y|^2 / 2 = d; one partner each would leave an error of sqrt(Var |x - y|^2 / 4 / n) = 0.035
    expect(Math.abs(energy - 2)).toBeLessThan(4 * energyError);
    expect(energyError).toBeLessThan(0.035);
    expect(moved).toBe(0);
    // After a map: the same as of rows that were moved by it.
    const weights = gradientMap.init(configOf(2), createKey(2), 1);
    const after = programs.measure(rows, weights);
    programs.push(rows, weights, 1);
    expect(programs.measure(rows).energy).toBe(after.energy);
    expect(after.moved).toBeGreaterThan(0);
    disposeRows(rows);
    programs.dispose();
    engine.dispose();
  });

  it("another block of partners at each update, and none beyond the pool", () => {
    const engine = createReferenceEngine();
    const alone = createMapPrograms(engine, gradientMap, configOf(1), standardNormal(1), kl(standardNormal(1)));
    const functional = sum([1, interaction((z) => squaredNorm(z))], [1, kl(standardNormal(1))]);
    const paired = createMapPrograms(engine, gradientMap, configOf(1), standardNormal(1), functional);
    const draws = Array.from({ length: 200 }, (_, k) => paired.batch(createKey(k), 100, 30));
    expect(new Set(draws.map(({ beside }) => beside)).size).toBeGreaterThan(50);
    for (const { beside } of draws) expect(beside >= 0 && beside <= 70).toBe(true);
    expect(alone.batch(createKey(1), 100, 30)).toEqual({ indices: draws[1].indices, beside: 0 });
    expect(alone.batch(createKey(1), 20, 30).indices.length).toBe(30);
    expect(() => paired.batch(createKey(1), 20, 30)).toThrow("rows of a step: 20, expected at least the 30 of a batch");
    const rows = paired.draw(createKey(1), 100);
    const player = paired.player("step", rows, 0.1, () => 1e-3);
    const start = gradientMap.init(configOf(1), createKey(2), 1);
    const lossOf = (beside: number): number => {
      paired.parameters.write(start);
      return player.update({ indices: draws[0].indices, beside }, { learningRate: 1e-3 }).values.loss[0];
    };
    expect(lossOf(5)).toBe(lossOf(5));
    expect(lossOf(5)).not.toBe(lossOf(6));
    disposeRows(rows);
    alone.dispose();
    paired.dispose();
    engine.dispose();
  });
});
