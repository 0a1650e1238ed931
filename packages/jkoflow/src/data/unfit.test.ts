import { expect, it } from "vitest";
import { InputError } from "../errors/index.ts";
import { checkCells } from "./checkCells.ts";
import type { Schema } from "./schema.ts";
import { createTable } from "./table.ts";
import { findUnfit } from "./unfit.ts";

const schema: Schema = {
  columns: [
    { name: "kind", kind: "category", levels: ["b", null, "a"] },
    { name: "count", kind: "integer", bounds: [0, 10], missing: { mean: 5, sd: 2 } },
    { name: "free", kind: "integer" },
    { name: "share", kind: "number", bounds: [0, 1] },
    { name: "above", kind: "number", bounds: [2, null] },
    { name: "any", kind: "number" },
  ],
};
const fine = [2, 0, -7, 0.5, 3, -1e30];
const NA = Number.NaN;

/** Column, value, and what is wrong with it by the definition of the column; undefined where nothing is. */
const cells: readonly (readonly [column: string, value: number, reason: string | undefined])[] = [
  ["kind", 0, undefined],
  ["kind", NA, undefined],
  ["kind", 3, "an unseen category"],
  ["kind", 4, "an unseen category"],
  ["kind", -1, "an unseen category"],
  ["kind", 0.5, "an unseen category"],
  ["count", 10, undefined],
  ["count", NA, undefined],
  ["count", 11, "outside of the bounds"],
  ["count", -1, "outside of the bounds"],
  ["count", 2.5, "a fraction among whole numbers"],
  ["count", Number.POSITIVE_INFINITY, "beyond the largest integer"],
  ["free", 65536, undefined],
  ["free", 65537, "beyond the largest integer"],
  ["free", -65537, "beyond the largest integer"],
  ["free", 1e-3, "a fraction among whole numbers"],
  ["share", 1e-6, undefined],
  ["share", 0, "on a bound"],
  ["share", 1, "on a bound"],
  ["share", 1.5, "outside of the bounds"],
  ["share", Number.NEGATIVE_INFINITY, "outside of the bounds"],
  ["above", 2, "on a bound"],
  ["above", 1, "outside of the bounds"],
  ["above", 1e30, undefined],
  ["any", 1e38, undefined],
];

it.each(cells)("%s = %s: %s", (column, value, reason) => {
  const row = schema.columns.map(({ name }, k) => (name === column ? value : fine[k]));
  const table = createTable(
    Float32Array.from([...fine, ...row]),
    schema.columns.map(({ name }) => name),
  );
  const found = reason === undefined ? [] : [{ row: 1, column, reason, value: Math.fround(value) }];
  expect(findUnfit(schema, table)).toEqual(found);
  // What is refused while a table is read is what has no density afterwards; categories are refused before, as words.
  if (column === "kind") return;
  const check = (): void => checkCells(schema, table, "file");
  if (reason === undefined) expect(check).not.toThrow();
  else expect(check).toThrow(InputError);
});

it("names the first cell of each row", () => {
  const table = createTable(Float32Array.of(...[9, 99, 0.5, 2, 1, 0], ...fine, ...[2, 0, 0, 7, 1, 0]), [..."abcdef"]);
  const named = findUnfit(schema, table).map(({ row, column }) => [row, column]);
  expect(named).toEqual([
    [0, "kind"],
    [2, "share"],
  ]);
});
