/** Tables from rows as programs have them, arrays or objects, and back. */
import { cameOf } from "../errors/came.ts";
import { InputError } from "../errors/errors.ts";
import { isCoarse, roundOffset } from "../numbers/coarse.ts";
import { shortestFloat64 } from "../numbers/text.ts";
import { meanAndSd } from "./summary.ts";
import { createTable, type Table } from "./table.ts";

/** A number for each column in order, or by name; null is a missing cell. */
export type Row = ArrayLike<number | null> | Readonly<Record<string, number | null>>;

export interface TableOfOptions {
  /** Names of the columns of arrays (x1, x2, ... by default); of objects those to take, in this order (all by default). */
  readonly columns?: readonly string[];
  /** Subtracted from columns in float64, by name, before their values become float32: { time: 1_700_000_000 }. */
  readonly offset?: Readonly<Record<string, number>>;
}

/**
 * A table of rows: `tableOf([[1, 2], [3, 4]], { columns: ["x", "y"] })`, `tableOf([{ x: 1, y: 2 }, { x: 3, y: 4 }])`.
 * A missing cell becomes NaN, which `fitSchema` and `encodeTable` know.
 *
 * @throws InputError naming row and column of what is no number or too large for float32, rows of different columns, and a
 * column that is so large beside its spread that float32 would spoil it, with the offset to take.
 */
export function tableOf(rows: readonly Row[], options: TableOfOptions = {}): Table {
  if (!Array.isArray(rows)) refuse(`${cameOf(rows)} for rows`, "an array of rows, each an array or an object");
  if (rows.length === 0) refuse("no rows", "at least one");
  const names = options.columns ?? namesOf(rows[0]);
  const { offset = {} } = options;
  const unknown = Object.keys(offset).find((name) => !names.includes(name));
  if (unknown !== undefined) refuse(`an offset of ${JSON.stringify(unknown)}`, `columns ${names.join(", ")}`);
  const shifts = names.map((name) => (Object.hasOwn(offset, name) ? offset[name] : 0));
  const table = createTable(new Float32Array(rows.length * names.length), names);
  const exact = new Float64Array(table.values.length);
  rows.forEach((row: Row, i) => {
    const cellOf = isList(row) ? listCells(row, names, i) : objectCells(row, names, i, options.columns === undefined);
    for (let k = 0; k < names.length; k++) {
      const value = numberOf(cellOf(k), i, names[k]) - shifts[k];
      exact[i * names.length + k] = value;
      table.values[i * names.length + k] = value;
    }
  });
  for (let k = 0; k < names.length; k++) refuseCoarse(exact, table, k);
  return table;
}

/** The rows of a table as objects by column name. */
export function rowsOf({ values, rows, columns }: Table): Record<string, number>[] {
  const row = (i: number): Record<string, number> =>
    Object.fromEntries(columns.map((name, k) => [name, values[i * columns.length + k]]));
  return Array.from({ length: rows }, (_, i) => row(i));
}

const isList = (row: Row): row is ArrayLike<number | null> =>
  Array.isArray(row) || (ArrayBuffer.isView(row) && !(row instanceof DataView));

function namesOf(first: Row): readonly string[] {
  if (isList(first)) return Array.from({ length: first.length }, (_, k) => `x${k + 1}`);
  if (typeof first !== "object" || first === null) refuse(`${cameOf(first)} for row 1`, "an array or an object");
  return Object.keys(first);
}

function listCells(row: ArrayLike<number | null>, names: readonly string[], i: number): (k: number) => unknown {
  if (row.length !== names.length)
    refuse(`${row.length} numbers`, `${names.length}, one for each column`, `row ${i + 1}`);
  return (k) => row[k];
}

function objectCells(
  row: Exclude<Row, ArrayLike<number | null>>,
  names: readonly string[],
  i: number,
  all: boolean,
): (k: number) => unknown {
  if (typeof row !== "object" || row === null) refuse(cameOf(row), "an array or an object", `row ${i + 1}`);
  const other = all ? Object.keys(row).find((name) => !names.includes(name)) : undefined;
  if (other !== undefined) {
    const fix = "name the columns to take: { columns: [...] }";
    refuse(`a column ${JSON.stringify(other)}`, `those of the first row, ${names.join(", ")}`, `row ${i + 1}`, fix);
  }
  return (k) => (Object.hasOwn(row, names[k]) ? row[names[k]] : undefined);
}

function numberOf(cell: unknown, i: number, name: string): number {
  if (cell === null) return Number.NaN;
  const place = `row ${i + 1}, column ${JSON.stringify(name)}`;
  if (typeof cell !== "number") {
    const fix =
      typeof cell === "bigint"
        ? "convert it: Number(value)"
        : typeof cell === "string"
          ? "convert numbers by Number(value); for words give their codes, see data.fitSchema"
          : undefined;
    return refuse(cameOf(cell), "a number, or null for a missing one", place, fix);
  }
  if (Number.isNaN(cell) || Number.isFinite(Math.fround(cell))) return cell;
  return refuse(shortestFloat64(cell), "a number that float32 holds", place, "rescale the column");
}

function refuseCoarse(exact: Float64Array, { columns, rows }: Table, k: number): void {
  const values = Float64Array.from({ length: rows }, (_, i) => exact[i * columns.length + k]);
  const known = values.filter((x) => !Number.isNaN(x)).sort();
  if (known.length === 0) return;
  const { sd } = meanAndSd(known);
  const largest = Math.max(Math.abs(known[0]), Math.abs(known[known.length - 1]));
  if (sd === 0 || !isCoarse(largest, sd)) return;
  const name = JSON.stringify(columns[k]);
  const offset = roundOffset(known[known.length >> 1], sd, known.every(Number.isInteger) ? "whole" : "any");
  const came = `values up to ${largest} with a standard deviation of ${Number(sd.toPrecision(3))}`;
  const fix = `take their difference from an offset: { offset: { ${name}: ${offset} } }`;
  refuse(came, "a spread that float32 resolves", `column ${name}`, fix);
}

function refuse(came: string, expected: string, place?: string, fix?: string): never {
  throw new InputError({ where: "rows", ...(place ? { place } : {}), came, expected, ...(fix ? { fix } : {}) });
}
