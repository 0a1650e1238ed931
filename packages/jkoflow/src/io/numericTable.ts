/** What the table readers return, and what they do about values that are missing or not finite. */
import { InputError } from "../errors/errors.ts";
import type { FloatBuffer } from "./floatBuffer.ts";

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
}

/**
 * What to do with a cell that is empty, NaN, infinite or too large for float32: stop with its place (the default), leave
 * out its row, leave out its column, put in the median of its column, or keep it as NaN; to keep is for cells that hold
 * nothing, and still stops at an infinite one.
 */
export type MissingPolicy = "error" | "drop-rows" | "drop-columns" | "median" | "keep";

/** Names of columns that have none: x1, x2, ... */
export function defaultColumns(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `x${i + 1}`);
}

/**
 * Gathers rows under a policy. Cells come in row order; a missing one comes as NaN, and under "error" never comes.
 * `push` throws InputError when memory runs out, `finish` when the policy leaves nothing.
 */
export class RowBuffer {
  readonly #cells: FloatBuffer;
  readonly #columns: readonly string[];
  readonly #policy: MissingPolicy;
  #inRow = 0;
  #missingInRow = 0;
  #missing = 0;
  #rows = 0;
  readonly #droppedAt: number[] = [];

  constructor(cells: FloatBuffer, columns: readonly string[], policy: MissingPolicy) {
    this.#cells = cells;
    this.#columns = columns;
    this.#policy = policy;
  }

  /** Adds the next cell of the current row. */
  push(value: number): void {
    this.#cells.push(value);
    if (Number.isNaN(value)) this.#missingInRow++;
    if (++this.#inRow === this.#columns.length) this.#endRow();
  }

  #endRow(): void {
    if (this.#missingInRow > 0 && this.#policy === "drop-rows") {
      this.#cells.truncate(this.#cells.length - this.#inRow);
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
    const width = this.#columns.length;
    const values = this.#cells.finish();
    const table: ReadTable = {
      values,
      rows: values.length / width,
      columns: this.#columns,
      droppedRows: this.#droppedAt.length,
      ...(this.#droppedAt.length > 0 ? { droppedAt: this.#droppedAt } : {}),
      droppedColumns: [],
      imputedCells: 0,
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
  const kept = table.columns.map((_, k) => k).filter((k) => !hasMissing(table, k));
  if (kept.length === 0) {
    throw new InputError({ where, came: "a missing value in every column", expected: "a complete column" });
  }
  const values = new Float32Array(table.rows * kept.length);
  let at = 0;
  for (let i = 0; i < table.rows; i++) for (const k of kept) values[at++] = table.values[i * width + k];
  const droppedColumns = table.columns.filter((_, k) => !kept.includes(k));
  return { ...table, values, columns: kept.map((k) => table.columns[k]), droppedColumns };
}

function imputeMedians(table: ReadTable, where: string): ReadTable {
  const width = table.columns.length;
  let imputedCells = 0;
  for (let k = 0; k < width; k++) {
    if (!hasMissing(table, k)) continue;
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

function hasMissing(table: NumericTable, column: number): boolean {
  const width = table.columns.length;
  for (let at = column; at < table.values.length; at += width) if (Number.isNaN(table.values[at])) return true;
  return false;
}
