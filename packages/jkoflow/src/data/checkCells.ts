/** Whether raw rows are what a schema says, and the line that names the first cell that is not. */
import { InputError } from "../errors/errors.ts";
import { shortestWithOffset } from "../numbers/text.ts";
import type { Schema, SchemaColumn } from "./schema.ts";
import type { Table } from "./table.ts";
import { LARGEST_INTEGER, type UnfitReason, unfitReason } from "./unfit.ts";

/**
 * Whether the cells of raw rows are what the schema says. With `missing` "pass" a cell that is missing though the schema
 * knows of none is no fault.
 * @throws InputError naming row and column of the first that is not; `firstRow` is the number of rows before.
 */
export function checkCells(
  schema: Schema,
  table: Table,
  where: string,
  firstRow = 0,
  missing: "refuse" | "pass" = "refuse",
): void {
  schema.columns.forEach((column, k) => {
    checkColumn(table, k, column, where, firstRow);
    if (missing === "refuse" && !column.missing && !column.levels?.includes(null))
      refuseMissing(table, k, where, firstRow);
  });
}

function refuseMissing({ values, rows, columns }: Table, k: number, where: string, firstRow: number): void {
  for (let i = 0; i < rows; i++) {
    if (!Number.isNaN(values[i * columns.length + k])) continue;
    const place = `row ${firstRow + i + 1}, column ${JSON.stringify(columns[k])}`;
    const expected = "a value, as in the training data";
    throw new InputError({ where, place, came: "a missing value", expected, fix: "clean the file" });
  }
}

/**
 * The cells of column `k` of a table, which is a column of the schema; of categories nothing is checked.
 * @throws InputError naming row and column of the first that cannot be one; `firstRow` is the number of rows before.
 */
export function checkColumn(table: Table, k: number, column: SchemaColumn, where: string, firstRow = 0): void {
  if (column.kind === "category") return;
  const width = table.columns.length;
  for (let i = 0; i < table.rows; i++) {
    const x = table.values[i * width + k];
    const reason = unfitReason(column, x);
    if (reason === undefined) continue;
    const place = `row ${firstRow + i + 1}, column ${JSON.stringify(column.name)}`;
    throw new InputError({ where, place, came: shortestWithOffset(x, column.offset ?? 0), ...mend(column, reason) });
  }
}

/** What was expected in the place of an unfit cell, and the likely fix. */
function mend(column: SchemaColumn, reason: UnfitReason): { readonly expected: string; readonly fix?: string } {
  const { kind, name, bounds, support, offset = 0 } = column;
  if (reason === "a fraction among whole numbers") return { expected: "a whole number: the column is one of integers" };
  if (reason === "beyond the largest integer") {
    const fix = "take it as a number, with --dequantize NAME=WIDTH where its values are multiples of a width";
    return { expected: `integers of at most ${LARGEST_INTEGER}${offset === 0 ? "" : ` from ${offset}`}`, fix };
  }
  const [least, most] = [...(bounds ?? support ?? [null, null])].map((end) => (end == null ? null : end + offset));
  const expected = `${declaredText(least, most, kind)}, ${bounds ? "as declared by its bounds" : "as all training rows have"}`;
  if (!bounds) return { expected, fix: `for a column of any sign fit with --numeric ${name}` };
  return reason === "on a bound"
    ? { expected, fix: "a value on a bound has no density there: declare wider bounds" }
    : { expected };
}

function declaredText(low: number | null, high: number | null, kind: SchemaColumn["kind"]): string {
  const whole = kind === "integer";
  const least = low === null ? "" : ` ${whole ? "at least" : "above"} ${low}`;
  const most = high === null ? "" : ` ${whole ? "at most" : "below"} ${high}`;
  return `a value${least}${least && most && " and"}${most}`;
}
