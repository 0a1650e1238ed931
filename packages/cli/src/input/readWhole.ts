/** A whole table of any format, with its digest. */
import { type data, InputError, io } from "jkoflow";
import type { ReadOptions } from "../config/readOptions.ts";
import { counted } from "../progress/numbers.ts";
import type { Shell } from "../shell.ts";
import { isParquet, type ParquetReading, readParquetBlocks } from "./parquet.ts";
import { refuseInfinite, refuseMissing } from "./rowBlock.ts";
import { type Input, openInput } from "./source.ts";

const POLICY = "choose a policy for missing values: --missing drop, median or indicator";
/** What to do about numbers that are written otherwise. */
export const NUMBER_FIXES = {
  "decimal comma": () => "if all decimals have commas: --decimal ,",
  "decimal point": () => "if all decimals have points: --decimal .",
  comma: () => "say what the comma is: --decimal , or --thousands ,",
  thousands: () => "name what stands between thousands: --thousands MARK",
} as const;
const FIXES = {
  missing: () => `fill it, or ${POLICY}`,
  infinite: () => `it is infinite or too large for float32: rescale the column, or ${POLICY}`,
  text: (column: string) => {
    const name = inShell(column);
    return `for a column of categories name it: --categorical ${name}, or let --columns-as auto find them; or leave it out: --drop ${name}; if such words stand for gaps: --gap WORD`;
  },
  date: (column: string) => {
    const name = inShell(column);
    return `it is a date or a time: leave the column out: --drop ${name}, or write it as a number, such as days or seconds since 1970; for categories in spite of this: --categorical ${name}`;
  },
  ...NUMBER_FIXES,
};

/** A name as it is typed on a command line. */
export const inShell = (name: string): string =>
  /^[\w.:%@/+-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;

export interface WholeTable {
  readonly table: data.Table;
  readonly sha256: string;
  /** Rows of the file that were left out, counted from 0. */
  readonly droppedAt: readonly number[];
  /** Whether categories were read by the coders, as words: an array has numbers only. */
  readonly source: "text" | "numbers";
  /** What was subtracted from columns before their values became float32, by name. */
  readonly offsets: io.Offsets;
  /** What was left out or filled in. */
  readonly notes: readonly string[];
}

/** How the columns of a file are read. */
export interface ColumnReading {
  /** Which columns of a text hold words. */
  readonly coders?: io.Coders | undefined;
  /** What is subtracted from columns; where they are the first of their kind, it is found. */
  readonly offsets: io.OffsetWish;
}

/** @throws InputError for anything that is not a table of numbers and of words that the coders know. */
export async function readWhole(
  path: string,
  options: ReadOptions,
  shell: Shell,
  { coders, offsets }: ColumnReading = { offsets: "find" },
): Promise<WholeTable> {
  const notes: string[] = [];
  let source: WholeTable["source"] = "numbers";
  const missing = options.missing === "indicator" ? "keep" : options.missing;
  const input = await openInput(path, shell);
  const { where } = input;
  const choice = { columns: options.columns ?? undefined, drop: options.drop };
  const read = isParquet(input)
    ? await readParquet(input, missing, choice, offsets, {
        gaps: io.namedGaps(options.dialect?.gaps),
        onNote: (line) => void notes.push(line),
        fixes: FIXES,
        coders: (names, found) => {
          source = "text";
          return coders?.(names, found) ?? new Map();
        },
      })
    : await io.readTable(input.bytes, {
        where,
        ...choice,
        size: isGzip(input) ? undefined : input.size,
        coders: (names, found) => {
          source = "text";
          return coders?.(names, found) ?? new Map();
        },
        missing,
        offsets,
        fixes: FIXES,
        onNote: (line) => void notes.push(line),
        ...(options.dialect ? { dialect: options.dialect } : {}),
        ...(input.readAt ? { readAt: input.readAt } : {}),
        header: options.header,
        delimiter: options.delimiter,
        ...(options.array === null ? {} : { array: options.array }),
      });
  const { values, rows, columns, droppedRows, droppedAt = [], droppedColumns, imputedCells } = read;
  if (rows === 0) throw new InputError({ where, came: "no rows", expected: "rows of numbers" });
  if (offsets === "find") notes.push(...Object.entries(read.offsets ?? {}).map(offsetNote));
  if (droppedRows > 0) notes.push(`${where}: left out ${counted(droppedRows, "row")} with missing values`);
  if (droppedColumns.length > 0) notes.push(`${where}: left out ${droppedColumns.join(", ")} for missing values`);
  if (imputedCells > 0)
    notes.push(`${where}: filled ${counted(imputedCells, "missing value")} with the median of the column`);
  return {
    table: { values, rows, columns },
    offsets: read.offsets ?? {},
    source,
    sha256: await input.digest(),
    droppedAt,
    notes,
  };
}

const offsetNote = ([name, offset]: readonly [string, number]): string =>
  `column ${JSON.stringify(name)} is large beside its spread: read as the difference from ${offset}; scores and samples are of its own values`;

/** The length of a compressed file says little of its content. */
const isGzip = ({ head }: Input): boolean => head[0] === 0x1f && head[1] === 0x8b;

async function readParquet(
  input: Input,
  missing: io.MissingPolicy,
  choice: io.ColumnChoice,
  offsets: io.OffsetWish,
  reading: Required<ParquetReading>,
): Promise<io.ReadTable> {
  const { where } = input;
  const choose = (names: readonly string[], idle: ReadonlySet<number>): readonly number[] => {
    const chosen = io.chooseColumns(names, choice, where);
    const kept = choice.columns === undefined ? chosen.filter((k) => !idle.has(k)) : chosen;
    const left = chosen.filter((k) => !kept.includes(k)).map((k) => names[k]);
    if (left.length > 0 && kept.length > 0)
      reading.onNote(`${where}: left out ${left.join(", ")}, the index of a frame`);
    return kept.length > 0 ? kept : chosen;
  };
  const { numbers } = reading.gaps;
  let buffer: io.RowBuffer | undefined;
  let coded: ReadonlySet<string> = new Set();
  const coders: io.Coders = (names, found) => {
    const all = reading.coders(names, found);
    coded = new Set([...all.keys()].map((k) => names[k]));
    return all;
  };
  for await (const block of readParquetBlocks(input, choose, undefined, { ...reading, coders })) {
    const { values, columns } = block;
    const own = offsets === "find" ? offsets : io.withoutCoded(offsets, coded);
    buffer ??= new io.RowBuffer(new io.FloatBuffer(where), columns, missing, where, own);
    // A code is no gap, whichever number it is.
    const isGap = (at: number): boolean => numbers.has(values[at]) && !coded.has(columns[at % columns.length]);
    if (numbers.size > 0) for (let at = 0; at < values.length; at++) if (isGap(at)) values[at] = Number.NaN;
    if (missing === "error") refuseMissing(block, where, FIXES.missing());
    if (missing === "keep") refuseInfinite(block, where, FIXES.infinite());
    for (const value of values) buffer.push(Math.abs(value) <= io.LARGEST_FLOAT32 ? value : Number.NaN);
  }
  return buffer!.finish(where);
}
