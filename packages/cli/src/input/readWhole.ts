/** A whole table of any format, with its digest. */
import { type data, InputError, io } from "jkoflow";
import type { Shell } from "../shell.ts";
import { isParquet, readParquetBlocks } from "./parquet.ts";
import { refuseMissing } from "./rowBlock.ts";
import { type Input, openInput } from "./source.ts";

/** How a file is to be read; part of a run's configuration. */
export interface ReadOptions {
  /** null: all of them. */
  readonly columns: readonly string[] | null;
  readonly drop: readonly string[];
  readonly missing: io.MissingPolicy;
  readonly header: "present" | "absent" | "detect";
  readonly delimiter: io.Delimiter | "detect";
  /** Which array of an NPZ file; null where there is one. */
  readonly array: string | null;
}

export interface WholeTable {
  readonly table: data.Table;
  readonly sha256: string;
  /** Rows of the file that were left out, counted from 0. */
  readonly droppedAt: readonly number[];
  /** What was left out or filled in. */
  readonly notes: readonly string[];
}

/** @throws InputError for anything that is not a table of numbers. */
export async function readWhole(path: string, options: ReadOptions, shell: Shell): Promise<WholeTable> {
  const input = await openInput(path, shell);
  const { where } = input;
  const choice = { columns: options.columns ?? undefined, drop: options.drop };
  const read = isParquet(input)
    ? await readParquet(input, options, choice)
    : await io.readTable(input.bytes, {
        where,
        ...choice,
        missing: options.missing,
        header: options.header,
        delimiter: options.delimiter,
        ...(options.array === null ? {} : { array: options.array }),
      });
  const { values, rows, columns, droppedRows, droppedAt = [], droppedColumns, imputedCells } = read;
  if (rows === 0) throw new InputError({ where, came: "no rows", expected: "rows of numbers" });
  const notes: string[] = [];
  if (droppedRows > 0) notes.push(`${where}: left out ${droppedRows} rows with missing values`);
  if (droppedColumns.length > 0) notes.push(`${where}: left out ${droppedColumns.join(", ")} for missing values`);
  if (imputedCells > 0) notes.push(`${where}: filled ${imputedCells} missing values with the median of their column`);
  return { table: { values, rows, columns }, sha256: await input.digest(), droppedAt, notes };
}

async function readParquet(input: Input, options: ReadOptions, choice: io.ColumnChoice): Promise<io.ReadTable> {
  const { where } = input;
  let buffer: io.RowBuffer | undefined;
  for await (const block of readParquetBlocks(input, (names) => io.chooseColumns(names, choice, where))) {
    buffer ??= new io.RowBuffer(new io.FloatBuffer(where), block.columns, options.missing);
    if (options.missing === "error") refuseMissing(block, where);
    for (const value of block.values) buffer.push(Number.isFinite(value) ? value : Number.NaN);
  }
  return buffer!.finish(where);
}
