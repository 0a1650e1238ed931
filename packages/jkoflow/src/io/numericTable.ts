/** What the table readers return, and what they do about values that are missing or not finite. */
import { InputError } from "../errors/errors.ts";
import type { FloatBuffer } from "./floatBuffer.ts";
import { findOffsets, type OffsetFinder, type Offsets, offsetsOf } from "./offsets.ts";

/** Rows of float32 numbers with named columns, stored row after row: `values[row * columns.length + column]`. */
export interface NumericTable {
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: readonly string[];
}

/** A table as read: with what the missing-value policy took out or put in. */
export interface ReadTable extends NumericTable {
  readonly droppedRows: number;
  /** Which rows of the file those were, counted from 0. */
  readonly droppedAt?: readonly number[];
  readonly droppedColumns: readonly string[];
  readonly imputedCells: number;
  /** The words of columns that were read as such, by their codes: 0 is the first that occurs. */
  readonly words?: Readonly<Record<string, readonly string[]>>;
  /** What was subtracted from columns, where it was asked for. */
  readonly offsets?: Offsets;
}

/** What is subtracted from columns before their values become float32: what is known, or what is found to be needed. */
export type OffsetWish = "find" | Offsets;

/**
 * What to do with a cell that is empty, NaN, infinite or too large for float32: stop with its place (the default), leave
 * out its row, leave out its column, put in the median of its column, or keep it as NaN; to keep is for cells that hold
 * nothing, and still stops at an infinite one.
 */
export type MissingPolicy = "error" | "drop-rows" | "drop-columns" | "median" | "keep";

/** A table has at most so many columns; a header that claims more is damaged, and its names alone would fill the memory. */
export const MOST_COLUMNS: number = 2 ** 20;
/** Values at or above this round to infinity in float32: 2^128 - 2^103. */
export const LARGEST_FLOAT32 = 3.4028235677973362e38;

const namesOf = (columns: readonly string[] | number): readonly string[] =>
  typeof columns === "number" ? defaultColumns(columns) : columns;

/** Names of columns that have none: x1, x2, ... */
export function defaultColumns(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `x${i + 1}`);
}

/**
 * Gathers rows under a policy. Cells come in row order; a missing one comes as NaN, and under "error" never comes.
 * `push` throws InputError when memory runs out, `finish` when the policy leaves nothing.
 *
 * @example
 * ```ts
 * import { FloatBuffer, RowBuffer } from "jkoflow/io";
 *
 * const rows = new RowBuffer(new FloatBuffer("cells"), ["a", "b"], "drop-rows");
 * for (const cell of [1, 2, 3, NaN, 5, 6]) rows.push(cell);
 * const { values, droppedRows } = rows.finish("cells");
 * console.log(values, droppedRows);
 * ```
 */
export class RowBuffer {
  readonly #cells: FloatBuffer;
  readonly #columns: readonly string[] | number;
  readonly #width: number;
  readonly #policy: MissingPolicy;
  readonly #finder: OffsetFinder | undefined;
  readonly #shifts: readonly number[] | undefined;
  readonly #known: Offsets;
  #inRow = 0;
  #missingInRow = 0;
  #missing = 0;
  #rows = 0;
  readonly #droppedAt: number[] = [];

  /** `columns` are names, or how many there are without: these are named when the table is there. */
  constructor(
    cells: FloatBuffer,
    columns: readonly string[] | number,
    policy: MissingPolicy,
    where: string = "table",
    offsets: OffsetWish = {},
  ) {
    this.#cells = cells;
    this.#columns = columns;
    this.#width = typeof columns === "number" ? columns : columns.length;
    this.#policy = policy;
    this.#finder = offsets === "find" ? findOffsets(this.#width, where) : undefined;
    this.#known = offsets === "find" ? {} : offsets;
    this.#shifts = Object.keys(this.#known).length > 0 ? offsetsOf(namesOf(columns), this.#known) : undefined;
  }

  /** Adds the next cell of the current row, in float64. */
  push(value: number): void {
    this.#cells.push(this.#shifts === undefined ? value : value - this.#shifts[this.#inRow]);
    this.#finder?.add(value, this.#inRow);
    if (Number.isNaN(value)) this.#missingInRow++;
    if (++this.#inRow === this.#width) this.#endRow();
  }

  #endRow(): void {
    if (this.#missingInRow > 0 && this.#policy === "drop-rows") {
      this.#cells.truncate(this.#cells.length - this.#inRow);
      this.#finder?.dropRow();
      this.#droppedAt.push(this.#rows);
    } else {
      this.#missing += this.#missingInRow;
    }
    this.#rows++;
    this.#inRow = 0;
    this.#missingInRow = 0;
  }

  /** @throws InputError when the policy leaves no row or no column, or "median" finds a column without a value. */
  finish(where: string): ReadTable {
    const values = this.#cells.finish();
    const columns = namesOf(this.#columns);
    const offsets = this.#finder?.finish(values, columns) ?? this.#known;
    const table: ReadTable = {
      values,
      rows: values.length / this.#width,
      columns,
      droppedRows: this.#droppedAt.length,
      ...(this.#droppedAt.length > 0 ? { droppedAt: this.#droppedAt } : {}),
      droppedColumns: [],
      imputedCells: 0,
      ...(Object.keys(offsets).length > 0 ? { offsets } : {}),
    };
    if (table.rows === 0 && this.#droppedAt.length > 0) {
      throw new InputError({ where, came: "a missing value in every row", expected: "a complete row" });
    }
    if (this.#missing === 0 || this.#policy === "keep") return table;
    return this.#policy === "median" ? imputeMedians(table, where) : dropColumns(table, where);
  }
}

function dropColumns(table: ReadTable, where: string): ReadTable {
  const width = table.columns.length;
  const missing = missingColumns(table);
  const kept = table.columns.map((_, k) => k).filter((k) => missing[k] === 0);
  if (kept.length === 0) {
    throw new InputError({ where, came: "a missing value in every column", expected: "a complete column" });
  }
  const values = new Float32Array(table.rows * kept.length);
  let at = 0;
  for (let i = 0; i < table.rows; i++) for (const k of kept) values[at++] = table.values[i * width + k];
  const droppedColumns = table.columns.filter((_, k) => missing[k] === 1);
  const offsets = table.offsets && withoutColumns(table.offsets, droppedColumns);
  return {
    ...table,
    values,
    columns: kept.map((k) => table.columns[k]),
    droppedColumns,
    ...(offsets ? { offsets } : {}),
  };
}

const withoutColumns = (offsets: Offsets, names: readonly string[]): Offsets =>
  Object.fromEntries(Object.entries(offsets).filter(([name]) => !names.includes(name)));

function imputeMedians(table: ReadTable, where: string): ReadTable {
  const width = table.columns.length;
  const missing = missingColumns(table);
  let imputedCells = 0;
  for (let k = 0; k < width; k++) {
    if (missing[k] === 0) continue;
    const column = Float32Array.from({ length: table.rows }, (_, i) => table.values[i * width + k]);
    const known = column.filter((v) => !Number.isNaN(v)).sort();
    if (known.length === 0) {
      throw new InputError({
        where,
        place: `column "${table.columns[k]}"`,
        came: "no value at all",
        expected: "a median",
      });
    }
    const middle = known.length >> 1;
    const median = known.length % 2 === 1 ? known[middle] : (known[middle - 1] + known[middle]) / 2;
    for (let i = 0; i < table.rows; i++) {
      if (!Number.isNaN(column[i])) continue;
      table.values[i * width + k] = median;
      imputedCells++;
    }
  }
  return { ...table, imputedCells };
}

/** 1 for each column with a missing cell. [columns], in one pass along the rows */
function missingColumns({ values, columns }: NumericTable): Uint8Array {
  const missing = new Uint8Array(columns.length);
  for (let at = 0, k = 0; at < values.length; at++) {
    if (Number.isNaN(values[at])) missing[k] = 1;
    if (++k === columns.length) k = 0;
  }
  return missing;
}
