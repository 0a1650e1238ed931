import { describe, expect, it } from "vitest";
import { createTable, drawInCells, tiedColumns } from "../data/index.ts";
import { createKey, fold, normal, uniform } from "../random/index.ts";
import { cellLogProb } from "./roundingCells.ts";

const column = (values: ArrayLike<number>, name = "x") => createTable(Float32Array.from(values), [name]);
const rounded = (n: number, decimals: number, seed = 1) =>
  Float64Array.from(normal(createKey(seed), n), (z) => Number((50 + 10 * z).toFixed(decimals)));

describe("tiedColumns", () => {
  it("finds the step of decimals, halves and whole numbers, and how many rows repeat", () => {
    for (const [decimals, step] of [
      [0, 1],
      [1, 0.1],
      [2, 0.01],
    ]) {
      const { grids, spikes } = tiedColumns(column(rounded(20_000, decimals)));
      expect(spikes).toEqual([]);
      expect(grids).toHaveLength(1);
      expect(grids[0].step).toBeCloseTo(step, 6);
      expect(grids[0].repeated).toBeGreaterThan(0.9);
    }
    const halves = column(rounded(2000, 0).map((x) => x / 2));
    expect(tiedColumns(halves).grids[0].step).toBeCloseTo(0.5, 9);
  });

  it("says by the share of rows, not by a count of values, what repeats", () => {
    const percent = column(Float64Array.from(uniform(createKey(3), 20_000), (u) => Math.floor(150 * u)));
    expect(tiedColumns(percent).grids[0]).toMatchObject({ name: "x", repeated: 1 });
    expect(tiedColumns(column(rounded(50, 3)))).toEqual({ grids: [], spikes: [] }); // 50 rows, hardly two alike
    expect(tiedColumns(column(normal(createKey(4), 5000)))).toEqual({ grids: [], spikes: [] });
  });

  it("knows no grid where a few values recur among others that vary", () => {
    const z = normal(createKey(5), 3000);
    const censored = column(z.map((value) => Math.max(value, 0)));
    const { grids, spikes } = tiedColumns(censored);
    expect(grids).toEqual([]);
    expect(spikes[0].repeated).toBeCloseTo(0.5, 1);
    expect(tiedColumns(censored, { x: { step: 0.25 } }).grids[0].step).toBe(0.25); // who knows the grid need not find it
  });
});

describe("cellLogProb", () => {
  /** Standard normal, and a model that lives on the grid: half its mass in spikes of deviation 1e-4 at the values. */
  const smooth = (x: number): number => Math.exp(-((x - 50) ** 2) / 200) / Math.sqrt(200 * Math.PI);
  const spiked = (x: number): number => {
    const at = Math.round(10 * x) / 10;
    const spike = Math.exp(-(((x - at) / 1e-4) ** 2) / 2) / (1e-4 * Math.sqrt(2 * Math.PI));
    return 0.5 * smooth(x) + 0.5 * smooth(at) * 0.1 * spike;
  };
  const scoreBy =
    (p: (x: number) => number) =>
    ({ values }: { values: Float32Array }) =>
      Float64Array.from(values, (x) => Math.log(p(x)));

  it("sees through spikes on the grid: both models give the cells the same probability", () => {
    const table = column(rounded(1000, 1));
    const { grids } = tiedColumns(table);
    const mean = (values: Float64Array): number => values.reduce((sum, x) => sum + x / values.length, 0);
    const key = fold(createKey(0), "cells");
    expect(mean(scoreBy(spiked)(table)) - mean(scoreBy(smooth)(table))).toBeGreaterThan(4); // by the density
    const [of, against] = [spiked, smooth].map((p) => mean(cellLogProb(scoreBy(p), table, grids, key)));
    expect(of - against).toBeLessThan(0); // the spikes are missed by nearly all draws: their mass is lost
    // Where the density hardly changes inside of a cell its probability over the width is the density.
    expect(against).toBeCloseTo(mean(scoreBy(smooth)(table)), 3);
  });

  it("draws evenly from the cells of an uneven grid", () => {
    const values = [0, 1, 4];
    const table = column(Array.from({ length: 3000 }, (_, i) => values[i % 3]));
    const { grids } = tiedColumns(table, { x: { values } });
    expect(grids).toEqual([{ name: "x", step: 2, values, repeated: 1 }]);
    const drawn = drawInCells(table, grids, createKey(2));
    const ends = [
      [-0.5, 0.5],
      [0.5, 2.5],
      [2.5, 5.5],
    ];
    ends.forEach(([low, high], k) => {
      const own = [...drawn.values.filter((_, i) => i % 3 === k)];
      expect(Math.min(...own)).toBeGreaterThan(low);
      expect(Math.max(...own)).toBeLessThan(high);
      const mean = own.reduce((sum, x) => sum + x / 1000, 0);
      // The mean of 1,000 uniform numbers has a deviation of 0.0092 of their range.
      expect(Math.abs(mean - (low + high) / 2)).toBeLessThan(0.04 * (high - low));
    });
  });

  it("stays inside of bounds, and depends on the key alone", () => {
    const table = column([0.1, 0.2, 0.1, 0.2, 0.3]);
    const grids = [{ name: "x", step: 0.4, repeated: 0.8 }];
    const seen: number[] = [];
    const score = (rows: { values: Float32Array }) => {
      seen.push(...rows.values);
      return new Float64Array(rows.values.length);
    };
    cellLogProb(score, table, grids, createKey(1), { draws: 200, bounds: { x: [0, 0.4] } });
    expect(Math.min(...seen)).toBeGreaterThan(0);
    expect(Math.max(...seen)).toBeLessThan(0.4);
    const again = seen.splice(0);
    cellLogProb(score, table, grids, createKey(1), { draws: 200, bounds: { x: [0, 0.4] } });
    expect(seen).toEqual(again);
  });
});
