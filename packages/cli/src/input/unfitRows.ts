/** Rows that the model gives no density, since a value in them is impossible: found while reading, counted, told in a note. */
import { data, InputError, io } from "jkoflow";
import { count, counted } from "../progress/numbers.ts";
import type { RowBlock, TableFile } from "./tableFile.ts";

/** The first value of a row that keeps it out. */
export interface UnfitRow {
  /** Counted from 0, over the whole file. */
  readonly row: number;
  readonly column: string;
  readonly reason: data.UnfitReason;
  /** As it is in the file. */
  readonly value: string;
}

/** Unfit rows by reason, the first of each. */
export interface UnfitCount {
  readonly rows: number;
  readonly reasons: readonly {
    readonly reason: data.UnfitReason;
    readonly rows: number;
    readonly first: UnfitRow;
  }[];
}

export const noUnfit: UnfitCount = { rows: 0, reasons: [] };

/** `more` come later in the file than those counted. */
export function countUnfit({ rows, reasons }: UnfitCount, more: readonly UnfitRow[]): UnfitCount {
  const all = new Map(reasons.map((one) => [one.reason, one]));
  for (const first of more) {
    const known = all.get(first.reason);
    all.set(first.reason, known ? { ...known, rows: known.rows + 1 } : { reason: first.reason, rows: 1, first });
  }
  return { rows: rows + more.length, reasons: [...all.values()] };
}

/** One clause on a number of unfit rows; `what` became of them. */
export function describeUnfit({ rows, reasons }: UnfitCount, what: string): string {
  const parts = reasons.map(({ reason, rows: n, first }) => {
    const place = `row ${count(first.row + 1)}, column ${JSON.stringify(first.column)}: ${first.value}`;
    return `${reason} in ${counted(n, "row")} (${n === 1 ? "" : "the first: "}${place})`;
  });
  return `${counted(rows, "row")} ${what}: values that no row of the model can have, ${parts.join("; ")}`;
}

/** The words of a file that are no category of their column, by column: level k + i of k levels is word i of them. */
export type UnseenWords = Map<string, string[]>;

/** More words of a column are not kept: they share a code. */
const MOST_UNSEEN = 1000;

/** The categories of a schema, and codes behind those for words that are none of them; these are added to `unseen`. */
export const passingCoders =
  ({ columns }: data.Schema, unseen: UnseenWords): io.Coders =>
  (names) =>
    new Map(
      columns.flatMap(({ name, levels }) => {
        if (!levels) return [];
        const code = passingCode(name, levels, unseen);
        return [[names.indexOf(name), { code, expected: "a word" }] as const];
      }),
    );

function passingCode(name: string, levels: readonly (string | null)[], unseen: UnseenWords): (word: string) => number {
  const { code } = io.knownCoder(levels);
  const words = unseen.get(name) ?? [];
  unseen.set(name, words);
  return (word) => {
    const known = code(word);
    if (known !== undefined) return known;
    const before = words.indexOf(word);
    if (before >= 0) return levels.length + before;
    return levels.length + (words.length < MOST_UNSEEN ? words.push(word) - 1 : MOST_UNSEEN);
  };
}

export interface PassedRows extends RowBlock {
  readonly unfit: readonly UnfitRow[];
}

/**
 * The rows of a block as rows of the schema. Each unfit row is replaced, in place, by a row that fits, where the block has
 * one: whoever scores the block need not know of it, and gives the unfit rows their score afterwards.
 *
 * @throws InputError for a missing cell in a row that else fits, unless `missing` is "pass".
 */
export function passUnfit(
  schema: data.Schema,
  block: RowBlock,
  source: TableFile["cells"],
  where: string,
  missing: "refuse" | "pass",
  unseen: UnseenWords,
): PassedRows {
  const { values, rows, firstRow } = block;
  const width = schema.columns.length;
  if (source === "numbers") codeNumbers(schema, values, unseen);
  const cells = data.findUnfit(schema, block);
  const out = new Set(cells.map(({ row }) => row));
  const levels = new Map(schema.columns.map((column) => [column.name, column.levels]));
  const offsets = new Map(schema.columns.map(({ name, offset = 0 }) => [name, offset]));
  const unfit = cells.map(({ row, column, reason, value }): UnfitRow => {
    const known = levels.get(column);
    const word = known && (unseen.get(column)?.[value - known.length] ?? "another word");
    const text = word === undefined ? io.shortestWithOffset(value, offsets.get(column) ?? 0) : JSON.stringify(word);
    return { row: firstRow + row, column, reason, value: text };
  });
  const standIn = Array.from({ length: rows }, (_, i) => i).find((i) => !out.has(i));
  if (standIn === undefined) return { ...block, unfit };
  for (const row of out) values.copyWithin(row * width, standIn * width, (standIn + 1) * width);
  data.checkCells(schema, block, where, firstRow, missing);
  return { ...block, unfit };
}

/** Of a file of numbers: those of a categorical column become codes, and what is not finite a missing cell, as in text. */
function codeNumbers({ columns }: data.Schema, values: Float32Array, unseen: UnseenWords): void {
  columns.forEach(({ name, levels, offset = 0 }, k) => {
    const code = levels && passingCode(name, levels, unseen);
    for (let at = k; at < values.length; at += columns.length) {
      if (!Number.isFinite(values[at])) values[at] = Number.NaN;
      else if (code) values[at] = code(io.shortestWithOffset(values[at], offset));
    }
  });
}

/** The rows from 0 to below `rows` that are not unfit. @throws InputError where there is none. */
export function fittingRows(rows: number, unfit: ReadonlySet<number>, where: string): Int32Array {
  const kept = Int32Array.from(Array.from({ length: rows }, (_, i) => i).filter((i) => !unfit.has(i)));
  if (kept.length > 0) return kept;
  const expected = "rows with values that the training rows could have";
  throw new InputError({ where, came: "no row that the model could have", expected });
}

export interface FittingTable {
  readonly table: data.Table;
  /** The rows of the file that are in it, counted from 0. */
  readonly kept: Int32Array;
  readonly notes: readonly string[];
}

/** A whole table without its unfit rows. @throws InputError where nothing is left, and for a missing cell where none was. */
export function leaveOutUnfit(
  schema: data.Schema,
  table: data.Table,
  source: TableFile["cells"],
  where: string,
  unseen: UnseenWords,
): FittingTable {
  const { unfit } = passUnfit(schema, { ...table, firstRow: 0 }, source, where, "refuse", unseen);
  const kept = fittingRows(table.rows, new Set(unfit.map(({ row }) => row)), where);
  if (unfit.length === 0) return { table, kept, notes: [] };
  const note = `${where}: ${describeUnfit(countUnfit(noUnfit, unfit), "without a density left out")}`;
  return { table: data.takeRows(table, kept), kept, notes: [note] };
}
