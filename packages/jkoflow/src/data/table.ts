/** Tables: rows of float32 numbers with named columns, stored row after row. */

import { cameOf } from "../errors/came.ts";
import { InputError } from "../errors/errors.ts";
import { checkIndices, kindOf } from "../errors/kinds.ts";

/** Rows in the units of their owner. */
export interface Table {
  /** [rows, columns] */
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: readonly string[];
}

/**
 * A table of values given row after row; columns are x1, x2, ... when only their number is given.
 * @throws InputError when the values are not float32 or do not fill whole rows, a name is doubled, or there is no column.
 *
 * @example
 * ```ts
 * import { chunkRows, columnIndex, columnValues, concatTables, createTable, dropColumns, takeRows, tableChunks } from "jkoflow/data";
 *
 * const table = createTable(Float32Array.of(1, 2, 3, 4), ["a", "b"]); // [2, 2]
 * const both = concatTables(table, takeRows(table, [1, 0]));
 * console.log(both.rows, columnValues(both, columnIndex(both, "b")), dropColumns(both, ["a"]).columns);
 * console.log([...tableChunks(both)].length, chunkRows); // 1 16384
 * ```
 */
export function createTable(values: Float32Array, columns: readonly string[] | number): Table {
  if (kindOf(values) !== "Float32Array") throw notFloat32(values);
  checkColumns(columns);
  const names = typeof columns === "number" ? Array.from({ length: columns }, (_, k) => `x${k + 1}`) : columns;
  if (names.length === 0 || values.length % names.length !== 0) {
    const expected = names.length === 0 ? "at least one column" : `a multiple of ${names.length}`;
    throw new InputError({ where: "table", came: `${values.length} values`, expected });
  }
  const seen = new Set<string>();
  const doubled = names.find((name) => seen.size === seen.add(name).size);
  if (doubled !== undefined) {
    throw new InputError({
      where: "table",
      came: `column ${JSON.stringify(doubled)} twice`,
      expected: "each name once",
    });
  }
  return { values, rows: values.length / names.length, columns: names };
}

function notFloat32(values: unknown): InputError {
  const isNumbers = ArrayBuffer.isView(values) || Array.isArray(values);
  const isRows = Array.isArray(values) && typeof values[0] === "object";
  return new InputError({
    where: "table",
    came: `${cameOf(values)} for values`,
    expected: "a Float32Array, row after row",
    fix: isRows
      ? "for rows of arrays or objects: data.tableOf(rows)"
      : isNumbers
        ? "convert it: Float32Array.from(values)"
        : undefined,
  });
}

function checkColumns(columns: readonly string[] | number): void {
  const refuse = (came: string, expected: string, fix?: string): never => {
    throw new InputError({ where: "table", came, expected, fix });
  };
  if (Array.isArray(columns)) {
    const other = columns.findIndex((name) => typeof name !== "string");
    if (other >= 0) refuse(`${cameOf(columns[other])} for the name of column ${other + 1}`, "a word");
  } else if (!(Number.isInteger(columns) && Number(columns) >= 0)) {
    const fix = typeof columns === "string" ? `for one column: [${cameOf(columns)}]` : undefined;
    refuse(`${cameOf(columns)} for columns`, "an array of names, or their number", fix);
  }
}

/**
 * Is it rows with columns, as `createTable` makes them? Values and names are not looked at.
 * @throws InputError for anything else.
 */
export function checkTable(table: Table, where: string = "table"): void {
  const { values, rows, columns }: Partial<Table> = table ?? {};
  const isTable = kindOf(values) === "Float32Array" && values !== undefined && Array.isArray(columns);
  if (isTable && values.length === (rows ?? Number.NaN) * columns.length) return;
  const came = isTable
    ? `${values.length} values for ${cameOf(rows)} rows of ${columns.length} columns`
    : cameOf(table);
  const make = Array.isArray(table) ? "data.tableOf(rows)" : "data.createTable(values, columns)";
  throw new InputError({ where, came, expected: "a table", fix: `make one: ${make}` });
}

/**
 * The named columns, in this order.
 * @throws InputError for an unknown column.
 */
export function selectColumns(table: Table, names: readonly string[]): Table {
  const width = table.columns.length;
  const indices = names.map((name) => columnIndex(table, name));
  const values = new Float32Array(table.rows * names.length);
  let at = 0;
  for (let i = 0; i < table.rows; i++) for (const k of indices) values[at++] = table.values[i * width + k];
  return createTable(values, [...names]);
}

/**
 * All columns but the named ones.
 * @throws InputError for an unknown column, or when none is left.
 */
export function dropColumns(table: Table, names: readonly string[]): Table {
  const dropped = new Set(names.map((name) => columnIndex(table, name)));
  return selectColumns(
    table,
    table.columns.filter((_, k) => !dropped.has(k)),
  );
}

/**
 * The rows of the given indices, in this order.
 * @throws InputError for an index that is no row of the table.
 */
export function takeRows(table: Table, indices: ArrayLike<number>): Table {
  checkTable(table);
  checkIndices(indices, table.rows, "takeRows");
  const width = table.columns.length;
  const values = new Float32Array(indices.length * width);
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i] * width;
    values.set(table.values.subarray(from, from + width), i * width);
  }
  return { values, rows: indices.length, columns: table.columns };
}

/**
 * The rows of all tables, one after the other; columns are matched by name and ordered as in the first.
 * @throws InputError when the tables do not have the same columns.
 */
export function concatTables(first: Table, ...others: readonly Table[]): Table {
  const tables = [first, ...others.map((table) => matchColumns(table, first.columns))];
  const values = new Float32Array(tables.reduce((sum, table) => sum + table.values.length, 0));
  let at = 0;
  for (const table of tables) {
    values.set(table.values, at);
    at += table.values.length;
  }
  return createTable(values, first.columns);
}

/**
 * The table with exactly these columns, matched by name.
 * @throws InputError when it is no table, a column is missing or there are others.
 */
export function matchColumns(table: Table, columns: readonly string[]): Table {
  checkTable(table);
  if (table.columns.length === columns.length && table.columns.every((name, k) => name === columns[k])) return table;
  const other = table.columns.find((name) => !columns.includes(name));
  if (other !== undefined) {
    const came = `column ${JSON.stringify(other)}`;
    throw new InputError({ where: "table", came, expected: columns.join(", "), fix: "leave it out" });
  }
  return selectColumns(table, columns);
}

/** Rows of a part of a table: few, so that work space is small; a multiple of 16, so that parts begin at whole lines of the engine. */
export const chunkRows: number = 16_384;

/** Consecutive parts of a table, as views: for passes that make a float32 row from each and must not hold them all. */
export function* tableChunks(table: Table): Generator<{ readonly firstRow: number; readonly part: Table }, void> {
  const width = table.columns.length;
  for (let firstRow = 0; firstRow < table.rows; firstRow += chunkRows) {
    const rows = Math.min(chunkRows, table.rows - firstRow);
    const values = table.values.subarray(firstRow * width, (firstRow + rows) * width);
    yield { firstRow, part: { values, rows, columns: table.columns } };
  }
}

/** One column, in float64. [rows] */
export function columnValues(table: Table, index: number): Float64Array {
  const width = table.columns.length;
  return Float64Array.from({ length: table.rows }, (_, i) => table.values[i * width + index]);
}

/**
 * The position of a column.
 * @throws InputError for an unknown one.
 */
export function columnIndex(table: Table, name: string, where: string = "table"): number {
  const index = table.columns.indexOf(name);
  if (index < 0) {
    const came = `no column ${JSON.stringify(name)}`;
    throw new InputError({ where, came, expected: `one of ${table.columns.join(", ")}` });
  }
  return index;
}
