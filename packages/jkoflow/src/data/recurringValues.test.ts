import { describe, expect, it } from "vitest";
import { createKey, fold, normal, uniform } from "../random/index.ts";
import { decodeTable, encodeTable } from "./encode.ts";
import { nearestOf, recurringValues } from "./recurringValues.ts";
import { fitSchema } from "./schemaFit.ts";
import { parseSchema } from "./schemaState.ts";
import { columnValues, createTable } from "./table.ts";
import { countValues } from "./valueCounts.ts";

/** 40 values with two decimals, unevenly spaced over a range of 25, drawn again and again. */
const prices = Array.from({ length: 40 }, (_, k) =>
  Math.fround(Number((3 + 0.6 * k + 0.13 * ((7 * k) % 5)).toFixed(2))),
);
const rows = 2000;
const table = createTable(
  Float32Array.from({ length: 2 * rows }, (_, at) => {
    const u = uniform(fold(createKey(1), "pick"), rows)[at >> 1];
    return at % 2 === 0 ? prices[Math.floor(40 * u)] : normal(fold(createKey(1), "noise"), rows)[at >> 1];
  }),
  ["price", "free"],
);

describe("values that recur", () => {
  it("are kept where decimals do not say it all, and nowhere else", () => {
    const { schema, notes } = fitSchema(table, {}, { columnsAs: "auto", discrete: "apart" }, "file");
    expect(schema.columns[0]).toMatchObject({ kind: "number", values: [...prices].sort((a, b) => a - b) });
    expect(schema.columns[1].values).toBe(undefined);
    expect(notes.join()).toContain('column "price" holds 40 values again and again: samples take these');
    expect(parseSchema(JSON.parse(JSON.stringify(schema)))).toEqual(schema);
    const tenths = countValues(Float64Array.from(normal(createKey(2), 2000), (z) => Math.round(10 * z) / 10));
    expect(recurringValues(tenths, 1)).toBe(undefined); // nearly every tenth occurs
  });

  it("are all that is drawn, and every row of the table comes back", () => {
    const { schema } = fitSchema(table, {}, { columnsAs: "auto", discrete: "apart" }, "file");
    const { table: encoded, cells } = encodeTable(schema, table, createKey(3));
    expect(decodeTable(schema, encoded, cells)).toEqual(table);
    const drawn = { ...encoded, values: encoded.values.map((x, at) => x + 0.2 * Math.sin(at)) };
    const seen = new Set(columnValues(decodeTable(schema, drawn, cells), 0));
    expect([...seen].every((x) => prices.includes(x))).toBe(true);
    expect(seen.size).toBeGreaterThan(30);
  });

  it("are kept of whole numbers too, where most between are never taken", () => {
    const ages = [1, 3, 7, 14, 28, 56, 90, 91, 100, 120, 180, 270, 360, 365];
    const u = uniform(createKey(5), 1400);
    const days = createTable(
      Float32Array.from(u, (x) => ages[Math.floor(14 * x * x)]),
      ["days"],
    );
    const { schema } = fitSchema(days, {}, { columnsAs: "auto", discrete: "apart" }, "file");
    expect(schema.columns[0].kind).toBe("integer");
    const { values = [] } = schema.columns[0];
    expect(values.length).toBeGreaterThan(5);
    expect(values.every((x) => ages.includes(x))).toBe(true);
    const { table: encoded, cells } = encodeTable(schema, days, createKey(6));
    expect(decodeTable(schema, encoded, cells)).toEqual(days);
    const moved = { ...encoded, values: encoded.values.map((x, i) => x + 9 * Math.sin(i)) };
    const drawn = columnValues(decodeTable(schema, moved, cells), 0);
    expect(drawn.every((x) => ages.includes(x))).toBe(true);
  });

  it("is the nearest one, at the ends too", () => {
    const values = [-3, 0, 1, 10];
    const nearest = (x: number): number => values.reduce((a, b) => (Math.abs(b - x) < Math.abs(a - x) ? b : a));
    for (let x = -20; x < 20; x += 0.37) expect(nearestOf(values, x)).toBe(nearest(x));
    expect(nearestOf(values, 0.5)).toBe(0);
  });

  it("are refused from a file unless they rise", () => {
    const column = (values: unknown) => ({ columns: [{ name: "x", kind: "number", values }] });
    for (const values of [[1], [2, 1], [1, 1], ["a", "b"], [1, Number.NaN], 3])
      expect(() => parseSchema(column(values))).toThrow("rising values");
  });
});
