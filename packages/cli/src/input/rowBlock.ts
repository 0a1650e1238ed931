/** Consecutive rows of a table, for files that need not fit into memory. */
import { InputError } from "jkoflow";

export interface RowBlock {
  readonly columns: readonly string[];
  readonly firstRow: number;
  readonly rows: number;
  /** [rows, columns]; NaN for a missing value. */
  readonly values: Float32Array;
}

/** @throws InputError naming the first value that is missing or infinite. */
export const refuseMissing = (block: RowBlock, where: string, fix: string): void =>
  refuse(block, (x) => x - x !== 0, where, fix);

/** @throws InputError naming the first value that is infinite. */
export const refuseInfinite = (block: RowBlock, where: string, fix: string): void =>
  refuse(block, (x) => x - x !== 0 && !Number.isNaN(x), where, fix);

function refuse(
  { values, columns, firstRow }: RowBlock,
  isFault: (x: number) => boolean,
  where: string,
  fix: string,
): void {
  for (let i = 0; i < values.length; i++) {
    if (!isFault(values[i])) continue;
    const row = firstRow + Math.floor(i / columns.length) + 1;
    throw new InputError({
      where,
      place: `row ${row}, column ${JSON.stringify(columns[i % columns.length])}`,
      came: Number.isNaN(values[i]) ? "a missing value" : "infinity (or a value too large for float32)",
      expected: "a finite number",
      fix,
    });
  }
}
