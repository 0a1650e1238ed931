import { describe, expect, it } from "vitest";
import { createKey } from "../random/index.ts";
import { type Split, splitByChance, splitByPosition, splitMoving, splitTable } from "./split.ts";
import { createTable } from "./table.ts";

const all = (split: Split): number[] => [...split.train, ...split.validation, ...split.test].sort((a, b) => a - b);

describe("splits", () => {
  it("by position take rows 8 and 9 of every ten", () => {
    const split = splitByPosition(23);
    expect(Array.from(split.validation)).toEqual([8, 18]);
    expect(Array.from(split.test)).toEqual([9, 19]);
    expect(all(split)).toEqual(Array.from({ length: 23 }, (_, i) => i));
  });
  it("by chance take the asked shares, each row once, the same for the same key", () => {
    const split = splitByChance(100, createKey(1), { validation: 0.2, test: 0.1 });
    expect([split.train.length, split.validation.length, split.test.length]).toEqual([70, 20, 10]);
    expect(all(split)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(splitByChance(100, createKey(1), { validation: 0.2, test: 0.1 })).toEqual(split);
    expect(splitByChance(100, createKey(2)).test).not.toEqual(splitByChance(100, createKey(1)).test);
    expect(() => splitByChance(10, createKey(1), { validation: 0.5, test: 0.5 })).toThrow("leave a row");
    expect(() => splitByChance(10, createKey(1), { validation: -0.5, test: 0.5 })).toThrow("shares");
  });
  it("of a table", () => {
    const table = createTable(
      Float32Array.from({ length: 20 }, (_, i) => i),
      2,
    );
    const parts = splitTable(table, splitByPosition(10));
    expect(Array.from(parts.test.values)).toEqual([18, 19]);
    expect([parts.train.rows, parts.validation.rows]).toEqual([8, 1]);
  });
  it("moves the training rows inside of the table's own array, to the same parts", () => {
    const make = () =>
      createTable(
        Float32Array.from({ length: 300 }, (_, i) => i),
        3,
      );
    const split = splitByChance(100, createKey(4));
    const table = make();
    const moved = splitMoving(table, split);
    expect(moved).toEqual(splitTable(make(), split));
    expect(moved.train.values.buffer).toBe(table.values.buffer);
  });
});
