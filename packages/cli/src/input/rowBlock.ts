/** Consecutive rows of a table, for files that need not fit into memory. */
import { InputError, io } from "jkoflow";

export interface RowBlock {
  readonly columns: readonly string[];
  readonly firstRow: number;
  readonly rows: number;
  /** [rows, columns]; NaN for a missing value. */
  readonly values: Float32Array;
}

/** @throws InputError naming the first value that is missing or infinite. */
type Block = Omit<RowBlock, "values"> & { readonly values: Float32Array | Float64Array };

export const refuseMissing = (block: Block, where: string, fix: string): void =>
  refuse(block, (x) => !(Math.abs(x) <= io.LARGEST_FLOAT32), where, fix);

/** @throws InputError naming the first value that is infinite, or so in float32. */
export const refuseInfinite = (block: Block, where: string, fix: string): void =>
  refuse(block, (x) => Math.abs(x) > io.LARGEST_FLOAT32, where, fix);

function refuse(
  { values, columns, firstRow }: Block,
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
