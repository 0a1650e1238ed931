import { describe, expect, it } from "vitest";
import { createTable } from "../../packages/jkoflow/src/data/index.ts";
import type { Settings } from "../../packages/jkoflow/src/systems/index.ts";
import { shortened, withinBudget } from "./budget.ts";
import { blockTable, fitTable, fixed, secondsTo, targetTable, timeToTarget } from "./figures.ts";
import type { BlockLine, Fit } from "./fit.ts";
import { markdownTable } from "./measure.ts";
import { parseCount, parseNames, parseSettings } from "./options.ts";
import { askedNll } from "./targets.ts";
import { shiftToZero, tiedWidths } from "./ties.ts";

const line = (block: number, cpuSeconds: number, testNll: number | null): BlockLine => ({
  block,
  verdict: testNll === null ? "harmful" : "improved",
  accepted: testNll !== null,
  stepSize: 2 ** block,
  updates: 100 * block,
  cpuSeconds,
  validationNll: testNll,
  testNll,
  gap: testNll === null ? null : 1e-4,
});

const fit = (method: string, seed: number, blocks: readonly BlockLine[]): Fit => ({
  method,
  seed,
  detail: "",
  blocks,
  parameters: 10,
  updates: 100 * blocks.length,
  cpuSeconds: 12,
  wallSeconds: 13,
  peakMiB: 100,
  validationNll: 17,
  testNll: 18,
  standardError: 0.3,
  gap: 1e-4,
  inversionError: 2.9e-6,
  integral: null,
  kernel: "test",
  settings: {},
});

describe("options", () => {
  it("reads counts", () => {
    expect(parseCount("seeds", "3")).toBe(3);
    for (const wrong of ["0", "1.5", "-2", "three", ""]) expect(() => parseCount("seeds", wrong)).toThrow(/--seeds/);
  });

  it("reads names, each once, and names an unknown one", () => {
    expect(parseNames("sets", "gas, power,gas", ["power", "gas"])).toEqual(["gas", "power"]);
    expect(() => parseNames("sets", "power,gass", ["power", "gas"])).toThrow(/gass.*power,gas/s);
  });

  it("reads settings as JSON where they are, else as words", () => {
    const settings = parseSettings([
      "blocks=12",
      "stepSizes=[1,2]",
      "transform=quantile",
      "freeBlock=if-not-converged",
    ]);
    expect(settings).toEqual({ blocks: 12, stepSizes: [1, 2], transform: "quantile", freeBlock: "if-not-converged" });
    for (const wrong of ["blocks", "=3", "blocks="]) expect(() => parseSettings([wrong])).toThrow(/key=value/);
  });
});

describe("tables", () => {
  it("are markdown, numbers to the right", () => {
    const rows = [
      ["name", "value"],
      ["a", "1.5"],
      ["long name", "-"],
    ];
    expect(markdownTable(rows)).toBe(
      ["| name      | value |", "| --------- | ----: |", "| a         |   1.5 |", "| long name |     - |"].join("\n"),
    );
  });

  it("write a dash for what is not a number", () => {
    expect([fixed(1.25, 1), fixed(null, 2), fixed(undefined, 2), fixed(Number.NaN, 2)]).toEqual(["1.3", "-", "-", "-"]);
  });

  it("have a line a fit, and a line a try of a block", () => {
    const fits = [fit("Gaussian", 1, []), fit("flow", 2, [line(1, 5, 20), line(2, 9, null)])];
    const table = fitTable(fits).split("\n");
    expect(table).toHaveLength(4);
    expect(table[3]).toMatch(/\| flow +\| +2 \| +1 \| +200 \|.* 18\.000 \|.* 2\.9e-6 \|/);
    const blocks = blockTable(fits).split("\n");
    expect(blocks).toHaveLength(4);
    expect(blocks[3]).toMatch(/\| +9\.0 \| +- \| +- \| +- \| harmful/);
  });
});

describe("time to a target", () => {
  it("is that of the first accepted block that gets there", () => {
    const run = fit("flow", 1, [line(1, 5, 20), line(2, 9, 18.05), line(3, 14, 17.9)]);
    expect(secondsTo(run, 18.1)).toBe(9);
    expect(secondsTo(run, 17)).toBe(Number.POSITIVE_INFINITY);
  });

  it("is a median over seeds, and one that never gets there counts as infinite", () => {
    const ours = [fit("flow", 1, [line(1, 4, 18)]), fit("flow", 2, [line(1, 6, 18)]), fit("flow", 3, [line(1, 5, 19)])];
    const peer = [fit("PyTorch", 1, [line(1, 30, 18)])];
    expect(timeToTarget(ours, peer, 18.1)).toEqual({ target: 18.1, ours: 6, peer: 30 });
    expect(targetTable([timeToTarget(ours, peer, 18.1)])).toContain("0.20");
    expect(targetTable([timeToTarget(ours, peer, 17)])).toContain("not reached");
  });
});

describe("targets and ties", () => {
  it("asks above the entropy or for a number", () => {
    expect(askedNll({ aboveEntropy: 0.03 }, 2.5)).toBeCloseTo(2.53, 12);
    expect(askedNll({ nll: 3.58 }, 2.5)).toBe(3.58);
    expect(askedNll(undefined, 2.5)).toBeUndefined();
  });

  it("gives tied columns the smallest gap, at least a thousandth of their deviation, and leaves the others alone", () => {
    const n = 1000;
    const values = new Float32Array(3 * n);
    for (let i = 0; i < n; i++) {
      values[3 * i] = 0.25 * (i % 20); // a lattice
      values[3 * i + 1] = Math.sqrt(i); // no ties
      values[3 * i + 2] = i < 100 ? 1 : 1 + i * 2 ** -20; // an atom among values at rounding distance
    }
    const table = createTable(values, ["lattice", "smooth", "atom"]);
    const widths = tiedWidths(table);
    expect(Object.keys(widths)).toEqual(["lattice", "atom"]);
    expect(widths.lattice).toBe(0.25);
    expect(widths.atom).toBeCloseTo(2 ** -20, 8);
    expect(shiftToZero(table).values.slice(0, 3)).toEqual(Float32Array.of(0, 0, 0));
  });
});

describe("updates within a budget", () => {
  const costing = (seconds: (updates: number) => number, most = Infinity) => {
    const asked: number[] = [];
    const run = async (settings: Settings): Promise<Fit> => {
      asked.push(settings.updates as number);
      const updates = 2 * Math.min(most, settings.updates as number); // of two blocks
      return { ...fit("flow", 1, [line(1, 0, 1), line(2, 0, 1)]), updates, cpuSeconds: seconds(updates) };
    };
    return { run, asked };
  };

  it("fills it where updates cost the same from the first to the last", async () => {
    const { run } = costing((updates) => 3 + 0.01 * updates);
    const settings = await withinBudget(run, { batchSize: 7 }, 43);
    expect(settings).toEqual({ batchSize: 7, updates: 2000 });
  });

  it("believes the longest trial where the first ones mislead", async () => {
    // The first 500 updates cost a fifth of what the later ones do.
    const seconds = (updates: number): number => 1 + 0.01 * Math.min(500, updates) + 0.05 * Math.max(0, updates - 500);
    const { run, asked } = costing(seconds);
    const { updates } = await withinBudget(run, {}, 60);
    expect(seconds(2 * (updates as number))).toBeGreaterThan(55);
    expect(seconds(2 * (updates as number))).toBeLessThan(65);
    expect(asked.every((count, i) => i === 0 || count > asked[i - 1])).toBe(true);
  });

  it("ends where fits end by themselves, at about the same count", async () => {
    let ends = 400;
    const { run, asked } = costing((updates) => 0.001 * updates);
    const early = (settings: Settings): Promise<Fit> =>
      run({ ...settings, updates: Math.min(settings.updates as number, ends++) });
    const { updates } = await withinBudget(early, {}, 1000);
    expect(updates).toBe(500_000); // by the price of the longest: more than it will take
    expect(asked.length).toBe(4);
  });

  it("takes the price of the longest trial where two took as many updates, or their times are out of order", async () => {
    const equal = costing((updates) => 0.02 * updates, 20);
    expect((await withinBudget(equal.run, {}, 4)).updates).toBe(100);
    const cold = costing((updates) => (updates < 100 ? 9 : 0.02 * updates));
    expect((await withinBudget(cold.run, {}, 20)).updates).toBe(500);
  });

  it("makes a fit shorter that was late, by as much as it was", () => {
    const took = (cpuSeconds: number): Fit => ({ ...fit("flow", 1, []), cpuSeconds });
    expect(shortened({ updates: 1000, retries: 1 }, took(39), 30)).toBeUndefined();
    expect(shortened({ updates: 1000, retries: 1 }, took(60), 30)).toEqual({ updates: 500, retries: 1 });
    expect(shortened({ updates: 1 }, took(600), 30)).toEqual({ updates: 1 });
  });
});
