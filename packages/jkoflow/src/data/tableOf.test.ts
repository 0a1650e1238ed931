import { describe, expect, it } from "vitest";
import { type Row, rowsOf, tableOf } from "./tableOf.ts";

describe("a table of rows", () => {
  it("of arrays, of typed arrays, of objects", () => {
    const wanted = { values: Float32Array.of(1, 2, 3, 4.5), rows: 2, columns: ["x", "y"] };
    const columns = ["x", "y"];
    expect(tableOf([[1, 2], [3, 4.5]], { columns })).toEqual(wanted); // biome-ignore format: a table
    expect(tableOf([Float64Array.of(1, 2), Float32Array.of(3, 4.5)], { columns })).toEqual(wanted);
    expect(
      tableOf([
        { x: 1, y: 2 },
        { y: 4.5, x: 3 },
      ]),
    ).toEqual(wanted);
    expect(tableOf([[1, 2]]).columns).toEqual(["x1", "x2"]);
    expect(rowsOf(tableOf([{ x: 1, y: 2 }]))).toEqual([{ x: 1, y: 2 }]);
  });

  it("takes the named columns of objects, in their order, and null for a missing cell", () => {
    const table = tableOf([{ a: 1, b: null, c: 3 }], { columns: ["c", "b"] });
    expect(table.columns).toEqual(["c", "b"]);
    expect(Array.from(table.values)).toEqual([3, Number.NaN]);
  });

  it("takes names that every object inherits for names like others", () => {
    expect(tableOf([{ constructor: 1 }], { columns: ["constructor"] }).values[0]).toBe(1);
    expect(() => tableOf([{ x: 1 }], { columns: ["toString"] })).toThrow('rows: row 1, column "toString": nothing');
  });

  it("subtracts offsets in float64, and says which to take", () => {
    const seconds = [1_700_000_000.25, 1_700_000_000.5, 1_700_000_001.75].map((time) => ({ time, y: time % 2 }));
    const { values } = tableOf(seconds, { offset: { time: 1_700_000_000 } });
    expect(Array.from(values)).toEqual([0.25, 0.25, 0.5, 0.5, 1.75, 1.75]);
    expect(() => tableOf(seconds)).toThrow(
      /^rows: column "time": values up to 1700000001.75 with a standard deviation of 0.656, expected a spread that float32 resolves; take their difference from an offset: { offset: { "time": 1700000001 } }$/,
    );
    expect(() => tableOf(seconds, { offset: { tiem: 1 } })).toThrow('an offset of "tiem", expected columns time, y');
  });

  const refused: readonly (readonly [string, unknown, string])[] = [
    ["no array", "rows", 'rows: "rows" for rows, expected an array of rows'],
    ["no rows", [], "rows: no rows, expected at least one"],
    ["a number for a row", [1, 2], "rows: 1 for row 1, expected an array or an object"],
    ["nothing for a later row", [{ x: 1 }, null], "rows: row 2: null, expected an array or an object"],
    ["a short row", [[1, 2], [3]], "rows: row 2: 1 numbers, expected 2, one for each column"],
    ["a column less", [{ x: 1, y: 2 }, { x: 1 }], 'rows: row 2, column "y": nothing, expected a number, or null'],
    ["a column more", [{ x: 1 }, { x: 1, z: 2 }], 'rows: row 2: a column "z", expected those of the first row, x'],
    [
      "a word",
      [{ x: 1 }, { x: "2" }],
      'rows: row 2, column "x": "2", expected a number, or null for a missing one; convert',
    ],
    ["a truth value", [[true]], 'rows: row 1, column "x1": true, expected a number'],
    ["a bigint", [[1n]], "convert it: Number(value)"],
    ["a number too large", [[1e39]], 'rows: row 1, column "x1": 1e+39, expected a number that float32 holds'],
    ["a doubled name", [[1, 2]], "each name once"],
  ];
  it.each(refused)("refuses %s", (name, rows, message) => {
    const columns = name === "a doubled name" ? { columns: ["a", "a"] } : {};
    expect(() => tableOf(rows as Row[], columns)).toThrow(message);
  });
});
