import { describe, expect, it } from "vitest";
import { createKey } from "../random/index.ts";
import { dequantize } from "./dequantize.ts";
import { createTable, selectColumns } from "./table.ts";

const rows = 1000;
const table = createTable(
  Float32Array.from({ length: 2 * rows }, (_, at) => (at % 2 === 0 ? Math.floor(at / 2) % 5 : 0.5)),
  ["count", "other"],
);

describe("dequantize", () => {
  it("adds noise in [0, width) to the named columns only", () => {
    const { table: noisy, widths } = dequantize(table, { count: 1 }, createKey(1));
    expect(widths).toEqual({ count: 1 });
    let mean = 0;
    for (let i = 0; i < rows; i++) {
      const noise = noisy.values[2 * i] - table.values[2 * i];
      expect(noise).toBeGreaterThanOrEqual(0);
      expect(noise).toBeLessThanOrEqual(1); // 1 only by rounding to float32
      expect(noisy.values[2 * i + 1]).toBe(0.5);
      mean += noise / rows;
    }
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / rows));
    expect(table.values[0]).toBe(0);
  });
  it("depends on the column's name, not on its place", () => {
    const turned = dequantize(selectColumns(table, ["other", "count"]), { count: 1 }, createKey(1)).table;
    const straight = dequantize(table, { count: 1 }, createKey(1)).table;
    expect(selectColumns(turned, ["count"]).values).toEqual(selectColumns(straight, ["count"]).values);
  });
  it("refuses what cannot work", () => {
    expect(() => dequantize(table, { z: 1 }, createKey(1))).toThrow('no column "z"');
    for (const width of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => dequantize(table, { count: width }, createKey(1))).toThrow("a number > 0");
    }
    const large = createTable(Float32Array.of(1e7, 1e7 + 2), ["t"]);
    expect(() => dequantize(large, { t: 1 }, createKey(1))).toThrow("at most 65536 for width 1");
  });
});
