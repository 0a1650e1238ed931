/**
 * Rows that no row of a schema can be: their density is 0, ln p = -Infinity, whatever the flow is. A cell is unfit where
 *
 *   category   its code is none of a level
 *   integer    it is a fraction, beyond its bounds, or beyond what float32 tells apart together with noise
 *   number     it is beyond its bounds or on one of them, where a density is not defined
 *
 * A missing cell (NaN) is no unfit one: what it means is for whoever reads the table.
 */
import { stateOf } from "./cells.ts";
import type { Schema, SchemaColumn } from "./schema.ts";
import type { Table } from "./table.ts";

/** float32 has 24 bits; with less than 8 of them for the noise of a whole number it would be ties again. */
export const LARGEST_INTEGER: number = 2 ** 16;

/** Why a cell cannot be one of its column. */
export type UnfitReason =
  | "an unseen category"
  | "outside of the bounds"
  | "on a bound"
  | "a fraction among whole numbers"
  | "beyond the largest integer";

/** A cell that cannot be one of its column. */
export interface UnfitCell {
  /** Counted from 0. */
  readonly row: number;
  readonly column: string;
  readonly reason: UnfitReason;
  /** As the table has it: of a category its code. */
  readonly value: number;
}

/** Why a value cannot be one of a column; undefined where it can, and for NaN. */
export function unfitReason(column: SchemaColumn, x: number): UnfitReason | undefined {
  const { kind, levels, bounds, support } = column;
  if (Number.isNaN(x) || stateOf(column, x) > 0) return undefined;
  if (kind === "category") {
    return Number.isInteger(x) && x >= 0 && x < levels!.length ? undefined : "an unseen category";
  }
  if (kind === "integer" && !Number.isInteger(x) && Number.isFinite(x)) return "a fraction among whole numbers";
  if (kind === "integer" && Math.abs(x) > LARGEST_INTEGER) return "beyond the largest integer";
  const [low, high] = bounds ?? support ?? [null, null];
  if ((low !== null && x < low) || (high !== null && x > high)) return "outside of the bounds";
  return kind === "number" && (x === low || x === high) ? "on a bound" : undefined;
}

/**
 * The first unfit cell of each row of a raw table that has one, in the order of the rows; columns as the schema has them.
 *
 * @example
 * ```ts
 * import { findUnfit, isBounds, tableOf, unfitReason } from "jkoflow/data";
 *
 * const column = { name: "share", kind: "number", bounds: [0, 1] } as const;
 * console.log(findUnfit({ columns: [column] }, tableOf([[0.5], [2]])), isBounds(column.bounds));
 * console.log(unfitReason(column, 1)); // on a bound
 * ```
 */
export function findUnfit({ columns }: Schema, { values, rows }: Pick<Table, "values" | "rows">): UnfitCell[] {
  const width = columns.length;
  const found: UnfitCell[] = [];
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < width; k++) {
      const value = values[row * width + k];
      const reason = unfitReason(columns[k], value);
      if (reason === undefined) continue;
      found.push({ row, column: columns[k].name, reason, value });
      break;
    }
  }
  return found;
}
