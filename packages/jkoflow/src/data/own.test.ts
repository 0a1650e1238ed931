import { describe, expect, it } from "vitest";
import { createKey, normal } from "../random/index.ts";
import { createCondition, drawConditions, fitSchema, fitStandardizer } from "./index.ts";
import { ownValue } from "./own.ts";
import { createTable } from "./table.ts";

const INHERITED = ["constructor", "toString", "valueOf", "hasOwnProperty", "__proto__"];

describe("a name that every object inherits", () => {
  it("is none of a record's own", () => {
    for (const name of INHERITED) {
      expect(ownValue({ x: 1 }, name)).toBeUndefined();
      expect(ownValue(undefined, name)).toBeUndefined();
      expect(ownValue(Object.fromEntries([[name, 7]]), name)).toBe(7);
    }
  });

  const table = createTable(normal(createKey(3), 100 * INHERITED.length), INHERITED);

  it("is a column without a transform or bounds of its own, or with them", () => {
    const kinds = (options: Parameters<typeof fitStandardizer>[1]): string[] =>
      fitStandardizer(table, options)
        .toJSON()
        .transforms.map(({ kind }) => kind);
    expect(kinds({ transform: Object.fromEntries([["toString", "log" as const]]), bounds: {} })).toEqual([
      "none",
      "log",
      "none",
      "none",
      "none",
    ]);
    for (const [k, name] of INHERITED.entries()) {
      const bounds = Object.fromEntries([[name, [-10, 10] as const]]);
      expect(kinds({ bounds })).toEqual(INHERITED.map((_, other) => (other === k ? "bounded" : "none")));
    }
  });

  it("is a column of numbers in a schema unless it is declared", () => {
    const { schema } = fitSchema(table, {}, { columnsAs: "auto" }, "table");
    expect(schema.columns).toEqual(INHERITED.map((name) => ({ name, kind: "number" })));
  });

  it("is a given column that may be left out", () => {
    const columns = INHERITED.map((name) => ({ name, kind: "number", mean: 0, sd: 1 }) as const);
    const pool = Float64Array.from(INHERITED, (_, k) => k);
    const drawn = drawConditions(createCondition(columns), pool, {}, createKey(1), 2);
    expect(drawn.columns.map(({ values }) => [...values])).toEqual(INHERITED.map((_, k) => [k, k]));
  });
});
