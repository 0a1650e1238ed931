/** A whole table of any format, with its digest. */
import { type data, InputError, io } from "jkoflow";
import { counted } from "../progress/numbers.ts";
import type { Shell } from "../shell.ts";
import { isParquet, readParquetBlocks } from "./parquet.ts";
import { refuseInfinite, refuseMissing } from "./rowBlock.ts";
import { type Input, openInput } from "./source.ts";

const POLICY = "choose a policy for missing values: --missing drop, median or indicator";
const FIXES = {
  missing: () => `fill it, or ${POLICY}`,
  infinite: () => `it is infinite or too large for float32: rescale the column, or ${POLICY}`,
  text: (column: string) => {
    const name = inShell(column);
    return `for a column of categories name it: --categorical ${name}, or let --columns-as auto find them; or leave it out: --drop ${name}`;
  },
};

/** A name as it is typed on a command line. */
export const inShell = (name: string): string =>
  /^[\w.:%@/+-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;

/** How a file is to be read; part of a run's configuration. */
export interface ReadOptions {
  /** null: all of them. */
  readonly columns: readonly string[] | null;
  readonly drop: readonly string[];
  /** "indicator": missing cells are kept, as NaN. */
  readonly missing: Exclude<io.MissingPolicy, "keep"> | "indicator";
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
  /** Whether words were read by the coders: only text has words. */
  readonly source: "text" | "numbers";
  /** What was left out or filled in. */
  readonly notes: readonly string[];
}

/**
 * `coders` tell which columns of a text file hold words.
 * @throws InputError for anything that is not a table of numbers and such words.
 */
export async function readWhole(
  path: string,
  options: ReadOptions,
  shell: Shell,
  coders?: io.Coders,
): Promise<WholeTable> {
  let source: WholeTable["source"] = "numbers";
  const missing = options.missing === "indicator" ? "keep" : options.missing;
  const input = await openInput(path, shell);
  const { where } = input;
  const choice = { columns: options.columns ?? undefined, drop: options.drop };
  const read = isParquet(input)
    ? await readParquet(input, missing, choice)
    : await io.readTable(input.bytes, {
        where,
        ...choice,
        size: isGzip(input) ? undefined : input.size,
        coders: (names, found) => {
          source = "text";
          return coders?.(names, found) ?? new Map();
        },
        missing,
        fixes: FIXES,
        header: options.header,
        delimiter: options.delimiter,
        ...(options.array === null ? {} : { array: options.array }),
      });
  const { values, rows, columns, droppedRows, droppedAt = [], droppedColumns, imputedCells } = read;
  if (rows === 0) throw new InputError({ where, came: "no rows", expected: "rows of numbers" });
  const notes: string[] = [];
  if (droppedRows > 0) notes.push(`${where}: left out ${counted(droppedRows, "row")} with missing values`);
  if (droppedColumns.length > 0) notes.push(`${where}: left out ${droppedColumns.join(", ")} for missing values`);
  if (imputedCells > 0)
    notes.push(`${where}: filled ${counted(imputedCells, "missing value")} with the median of the column`);
  return { table: { values, rows, columns }, source, sha256: await input.digest(), droppedAt, notes };
}

/** The length of a compressed file says little of its content. */
const isGzip = ({ head }: Input): boolean => head[0] === 0x1f && head[1] === 0x8b;

async function readParquet(input: Input, missing: io.MissingPolicy, choice: io.ColumnChoice): Promise<io.ReadTable> {
  const { where } = input;
  let buffer: io.RowBuffer | undefined;
  for await (const block of readParquetBlocks(input, (names) => io.chooseColumns(names, choice, where))) {
    buffer ??= new io.RowBuffer(new io.FloatBuffer(where), block.columns, missing);
    if (missing === "error") refuseMissing(block, where, FIXES.missing());
    if (missing === "keep") refuseInfinite(block, where, FIXES.infinite());
    for (const value of block.values) buffer.push(Number.isFinite(value) ? value : Number.NaN);
  }
  return buffer!.finish(where);
}
