/**
 * The cells of a row: what is discrete in it, where that stands apart from the flow,
 *
 *   ln p(row) = ln P(cells) + ln p_flow(the other columns | cells).
 *
 *   category           its level, code 0, 1, ...
 *   number or integer  its state: 0 for a number, 1 for a missing cell (of a column that has some), then one for each atom
 *
 * The flow is given them as conditions of the kind "cell" (condition.ts); P is cellDistribution.ts.
 */
import type { ConditionRows } from "./condition.ts";
import { indicatorName, type Schema, type SchemaColumn } from "./schema.ts";
import type { Table } from "./table.ts";

/** One of the cells. */
export interface CellColumn {
  readonly name: string;
  readonly levels: number;
  /** A state is whether the cell of a column of numbers is one; a level that of a category. */
  readonly of: "state" | "level";
}

/** The state of a cell that holds a number. */
const NUMBER = 0;

/** The cells of a schema, in the order of its columns. */
export const cellColumns = ({ columns }: Pick<Schema, "columns">): CellColumn[] =>
  columns
    .filter(({ apart }) => apart)
    .map((column): CellColumn => {
      const { name, levels } = column;
      if (levels) return { name, levels: levels.length, of: "level" };
      return { name: indicatorName(name), levels: 1 + statesOf(column).length, of: "state" };
    });

/** What a cell may hold that is no number, by state less one; NaN is a missing one. */
const statesOf = ({ missing, atoms }: SchemaColumn): readonly number[] => [
  ...(missing ? [Number.NaN] : []),
  ...(atoms?.values ?? []),
];

/** The state of a value. */
export function stateOf(column: SchemaColumn, x: number): number {
  if (fillless(column)) return NUMBER;
  const state = statesOf(column).findIndex((value) => Object.is(value, x) || value === x);
  return state + 1;
}

const fillless = ({ missing, atoms }: SchemaColumn): boolean => missing === undefined && atoms === undefined;

/** What a cell of a state holds; undefined for a number. */
export const stateValue = (column: SchemaColumn, state: number): number | undefined => statesOf(column)[state - 1];

/**
 * The cells of raw rows; code -1 for one that the schema does not know. `rows` are in the order of the schema's columns.
 * Undefined where nothing stands apart.
 */
export function readCells(schema: Schema, { values, rows, columns }: Table): ConditionRows | undefined {
  const width = columns.length;
  const found = schema.columns.flatMap((column, k) => {
    if (!column.apart) return [];
    const { levels } = column;
    const missing = levels ? levels.indexOf(null) : 0;
    const known = (x: number): number => (Number.isInteger(x) && x >= 0 && x < levels!.length ? x : -1);
    const code = levels
      ? (x: number) => (Number.isNaN(x) ? missing : known(x))
      : (x: number) => (Number.isNaN(x) && !column.missing ? -1 : stateOf(column, x));
    return [Int32Array.from({ length: rows }, (_, i) => code(values[i * width + k]))];
  });
  if (found.length === 0) return undefined;
  const cells = cellColumns(schema);
  return {
    rows,
    columns: found.map((codes, k) => ({ name: cells[k].name, kind: "cell", values: codes, levels: cells[k].levels })),
  };
}

/**
 * Encoded rows with the codes of their cells as columns more: all that is known of the rows, for tests that compare tables.
 *
 * @example
 * ```ts
 * import { fitSchema, readCells, tableOf, withCellColumns } from "jkoflow/data";
 *
 * const table = tableOf(Array.from({ length: 90 }, (_, i) => ({ lab: i % 3, mass: 1 + Math.sin(i) })));
 * const { schema } = fitSchema(table, {}, { categorical: ["lab"], discrete: "apart" }, "table");
 * console.log(withCellColumns(tableOf([{ mass: 2 }]), readCells(schema, tableOf([{ lab: 1, mass: 2 }]))).columns);
 * ```
 */
export function withCellColumns(encoded: Table, given: ConditionRows | undefined): Table {
  const cells = given?.columns.flatMap((column) => (column.kind === "cell" ? [column] : [])) ?? [];
  if (cells.length === 0) return encoded;
  const [from, to] = [encoded.columns.length, encoded.columns.length + cells.length];
  const values = new Float32Array(encoded.rows * to);
  for (let i = 0; i < encoded.rows; i++) {
    values.set(encoded.values.subarray(i * from, (i + 1) * from), i * to);
    cells.forEach((column, k) => {
      values[i * to + from + k] = column.values[i];
    });
  }
  return { values, rows: encoded.rows, columns: [...encoded.columns, ...cells.map(({ name }) => name)] };
}
