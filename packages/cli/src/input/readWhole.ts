/** A whole table, and what was left out of it or filled in on the way. */
import { type data, InputError, type io } from "jkoflow";
import type { ReadOptions } from "../config/readOptions.ts";
import { counted } from "../progress/numbers.ts";
import { trainingFixes } from "./cellFixes.ts";
import { joinGiven, readGiven } from "./conditionRows.ts";
import type { TableFile } from "./tableFile.ts";

export interface WholeTable {
  /** Without the given columns. */
  readonly table: data.Table;
  readonly given?: data.ConditionRows;
  readonly sha256: string;
  /** Whether categories were read by the coders, as words: an array has numbers only. */
  readonly source: TableFile["cells"];
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
  /** Columns that are given, each NAME, NAME:category or NAME:number; the file is opened for several passes then. */
  readonly condition?: readonly string[] | undefined;
  /** What their kinds are like; else they are found. */
  readonly like?: data.ConditionRows | undefined;
}

/**
 * @throws InputError for anything that is not a table of numbers and of words that the coders know, for an unknown given column
 * and for a missing value in one.
 */
export async function readWhole(
  file: TableFile,
  options: ReadOptions,
  { coders, offsets, condition, like }: ColumnReading = { offsets: "find" },
): Promise<WholeTable> {
  const { where } = file;
  const { columns: wanted, drop, missing: policy, header, delimiter, dialect, array } = options;
  const written = { header, delimiter, array, ...(dialect ? { dialect } : {}) };
  const words = condition && (await readGiven(file, written, condition));
  const notes: string[] = [];
  const read = await file.whole({
    columns: wanted ?? undefined,
    drop: [...drop, ...(words?.columns ?? []).map(({ name }) => name)],
    missing: policy === "indicator" ? "keep" : policy,
    coders,
    offsets,
    fixes: trainingFixes,
    onNote: (line) => void notes.push(line),
    ...written,
  });
  const { values, rows, columns, droppedRows, droppedAt = [], droppedColumns, imputedCells } = read;
  if (rows === 0) throw new InputError({ where, came: "no rows", expected: "rows of numbers" });
  if (offsets === "find") notes.push(...Object.entries(read.offsets ?? {}).map(offsetNote));
  if (droppedRows > 0) notes.push(`${where}: left out ${counted(droppedRows, "row")} with missing values`);
  if (droppedColumns.length > 0) notes.push(`${where}: left out ${droppedColumns.join(", ")} for missing values`);
  if (imputedCells > 0)
    notes.push(`${where}: filled ${counted(imputedCells, "missing value")} with the median of the column`);
  const whole = { table: { values, rows, columns }, droppedAt };
  const joined = words && joinGiven(where, words, whole, policy, like);
  return {
    table: joined?.table ?? whole.table,
    ...(joined ? { given: joined.given } : {}),
    offsets: read.offsets ?? {},
    source: file.cells,
    sha256: await file.digest(),
    notes: [...notes, ...(joined?.notes ?? [])],
  };
}

const offsetNote = ([name, offset]: readonly [string, number]): string =>
  `column ${JSON.stringify(name)} is large beside its spread: read as the difference from ${offset}; scores and samples are of its own values`;
