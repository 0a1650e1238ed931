import { describe, expect, it } from "vitest";
import { InputError } from "../errors/errors.ts";
import { createKey, uniform } from "../random/index.ts";
import { columnWarnings, constantColumns, describeColumns } from "./summary.ts";
import { concatTables, createTable, dropColumns, matchColumns, selectColumns, takeRows } from "./table.ts";

const table = createTable(Float32Array.of(1, 2, 3, 4, 5, 6), ["a", "b", "c"]);

describe("tables", () => {
  it("are made of whole rows", () => {
    expect(table.rows).toBe(2);
    expect(createTable(new Float32Array(4), 2).columns).toEqual(["x1", "x2"]);
    expect(() => createTable(new Float32Array(5), 2)).toThrow("a multiple of 2");
    expect(() => createTable(new Float32Array(5), 0)).toThrow("at least one column");
    expect(() => createTable(new Float32Array(4), ["a", "a"])).toThrow("each name once");
  });
  it("are made of float32 and names, nothing else", () => {
    const refused = (values: unknown, columns: unknown) => () =>
      createTable(values as Float32Array, columns as string[]);
    const four = new Float32Array(4);
    expect(refused([1, 2], 2)).toThrow(
      "table: an array of 2 for values, expected a Float32Array, row after row; convert it: Float32Array.from(values)",
    );
    expect(refused([[1, 2]], 2)).toThrow("for rows of arrays or objects: data.tableOf(rows)");
    expect(refused(new Float64Array(4), 2)).toThrow("a Float64Array for values");
    expect(refused(undefined, 2)).toThrow("table: nothing for values");
    expect(refused(four, "ab")).toThrow(
      'table: "ab" for columns, expected an array of names, or their number; for one column: ["ab"]',
    );
    expect(refused(four, ["a", 2])).toThrow("2 for the name of column 2, expected a word");
    for (const other of [undefined, null, 1.5, -1, Number.NaN, {}]) expect(refused(four, other)).toThrow(InputError);
    expect(createTable(Float32Array.of(Number.NaN, 1), 2).values[0]).toBeNaN(); // a missing cell, for schemas
  });
  it("are told from other things", () => {
    const refused = (other: unknown) => () => matchColumns(other as typeof table, ["a"]);
    expect(refused([[1]])).toThrow("table: an array of 1, expected a table; make one: data.tableOf(rows)");
    expect(refused(undefined)).toThrow("table: nothing, expected a table");
    expect(refused({ ...table, rows: 3 })).toThrow("6 values for 3 rows of 3 columns");
    expect(refused({ ...table, rows: undefined })).toThrow("6 values for nothing rows");
    expect(refused({ ...table, values: [1, 2, 3, 4, 5, 6] })).toThrow(InputError);
  });
  it("select, drop and match columns by name", () => {
    expect(Array.from(selectColumns(table, ["c", "a"]).values)).toEqual([3, 1, 6, 4]);
    expect(dropColumns(table, ["b"]).columns).toEqual(["a", "c"]);
    expect(matchColumns(table, ["a", "b", "c"])).toBe(table);
    expect(Array.from(matchColumns(table, ["c", "b", "a"]).values)).toEqual([3, 2, 1, 6, 5, 4]);
    expect(() => matchColumns(table, ["a", "b"])).toThrow('column "c"');
    expect(() => matchColumns(table, ["a", "b", "c", "d"])).toThrow('no column "d"');
    expect(() => selectColumns(table, ["z"])).toThrow(InputError);
  });
  it("take and join rows", () => {
    expect(Array.from(takeRows(table, [1, 1, 0]).values)).toEqual([4, 5, 6, 4, 5, 6, 1, 2, 3]);
    const joined = concatTables(table, selectColumns(table, ["b", "c", "a"]));
    expect(Array.from(joined.values)).toEqual([1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6]);
  });
});

describe("describeColumns", () => {
  const mixed = createTable(Float32Array.of(1, 7, 2, 7, 2, 7, 3, 7), ["a", "b"]);
  it("counts and measures", () => {
    const [a, b] = describeColumns(mixed);
    expect(a).toEqual({
      name: "a",
      rows: 4,
      minimum: 1,
      maximum: 3,
      mean: 2,
      sd: Math.SQRT1_2,
      distinct: 3,
      commonest: 2,
      commonestShare: 0.5,
      repeatedShare: 0.5,
    });
    expect(b).toMatchObject({ distinct: 1, sd: 0, commonestShare: 1 });
    expect(constantColumns(mixed)).toEqual(["b"]);
    // 101 of 2,000 rows at the upper end, as of a censored scale
    const censored = createTable(
      Float32Array.from({ length: 2000 }, (_, i) => Math.min(i, 1899)),
      ["price"],
    );
    expect(columnWarnings(describeColumns(censored))[0]).toContain(
      "ends with 1899 in 5.05 % of the rows: is it censored there?",
    );
  });
  it("warns of ties and constants", () => {
    const [b, a] = columnWarnings(describeColumns(mixed));
    expect(a).toContain('column "a" (3 values, 50 % of the rows share theirs): values come again');
    expect(b).toContain("constant (7)");
    const fine = createTable(
      Float32Array.from({ length: 100 }, (_, i) => i),
      ["x"],
    );
    expect(columnWarnings(describeColumns(fine))).toEqual([]);
    // 20,000 rows of 150 values, and of 300,000: by the share of repeated ones, not by their number.
    const u = uniform(createKey(3), 20_000);
    const of = (count: number) =>
      columnWarnings(
        describeColumns(
          createTable(
            Float32Array.from(u, (x) => Math.floor(count * x)),
            ["x"],
          ),
        ),
      );
    expect(of(150)[0]).toContain('"x" (150 values, 100 % of the rows share theirs)');
    expect(of(300_000)).toEqual([]); // 1 - exp(-1/15): 6 % of the rows
  });
});
