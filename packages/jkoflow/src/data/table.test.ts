import { describe, expect, it } from "vitest";
import { InputError } from "../errors/errors.ts";
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
    });
    expect(b).toMatchObject({ distinct: 1, sd: 0, commonestShare: 1 });
    expect(constantColumns(mixed)).toEqual(["b"]);
    // 5 % of the rows at the upper end, as of a censored scale
    const censored = createTable(
      Float32Array.from({ length: 2000 }, (_, i) => Math.min(i, 1900)),
      ["price"],
    );
    expect(columnWarnings(describeColumns(censored))[0]).toContain(
      "ends with 1900 in 5.0 % of the rows: is it censored",
    );
  });
  it("warns of ties and constants", () => {
    const [a, b] = columnWarnings(describeColumns(mixed));
    expect(a).toContain("only 3 distinct values (the commonest in 50.0 % of the rows)");
    expect(b).toContain("constant (7)");
    const fine = createTable(
      Float32Array.from({ length: 100 }, (_, i) => i),
      ["x"],
    );
    expect(columnWarnings(describeColumns(fine))).toEqual([]);
  });
});
