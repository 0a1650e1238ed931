/**
 * Training rows of the given columns, kept with a model so that what a user does not give can be drawn as it occurs.
 *
 * A draw takes rows of the pool by chance, among those whose categories are the given ones; given numbers replace the
 * pool's. What is not given is thereby drawn jointly, with its training frequency under the given categories.
 */

import { InputError } from "../errors/errors.ts";
import { checkKind } from "../errors/kinds.ts";
import { integers, type Key } from "../random/index.ts";
import {
  type Condition,
  type ConditionColumn,
  type ConditionRows,
  type ConditionValues,
  categoryIndex,
} from "./condition.ts";
import { ownValue } from "./own.ts";

/** Values by column; a column that is left out is drawn. */
export type Given = Readonly<Record<string, string | number>>;

/** Rows that are kept. */
const POOL_ROWS = 4096;

/** The columns of a condition that a pool holds: those of the user. */
export const pooledColumns = ({ columns }: Pick<Condition, "columns">): readonly PooledColumn[] =>
  columns.filter((column): column is PooledColumn => column.kind !== "cell");

export type PooledColumn = Exclude<ConditionColumn, { readonly kind: "cell" }>;

/**
 * `[m, columns]`: the place of a category, or a number; at most 4096 rows, evenly spaced among those of training. Cells have
 * a distribution of their own (cellDistribution.ts) and are not in it.
 */
export function conditionPool(condition: Condition, rows: ConditionRows): Float64Array {
  const columns = pooledColumns(condition);
  const m = Math.min(rows.rows, POOL_ROWS);
  const pool = new Float64Array(m * columns.length);
  columns.forEach((column, k) => {
    const { values } = rows.columns.find(({ name }) => name === column.name)!;
    for (let i = 0; i < m; i++) {
      const cell = values[Math.floor((i * rows.rows) / m)];
      pool[i * columns.length + k] = column.kind === "category" ? categoryIndex(column, String(cell)) : Number(cell);
    }
  });
  return pool;
}

/**
 * n rows of given and drawn values.
 * @throws InputError for an unknown column or category, a word for a number, or categories that never occur together.
 *
 * @example
 * ```ts
 * import { createKey } from "jkoflow";
 * import { conditionPool, conditionValues, drawConditions, farConditions, fitCondition, pooledColumns } from "jkoflow/data";
 *
 * const rows = { rows: 4, columns: [conditionValues("sex", ["M", "F", "M", "F"]), conditionValues("age", ["1", "2", "3", "9.5"])] };
 * const condition = fitCondition(rows);
 * const pool = conditionPool(condition, rows); // kept with the model
 * console.log(pooledColumns(condition).length, drawConditions(condition, pool, { sex: "F" }, createKey(0), 5).rows); // 2 5
 * const far = { rows: 1, columns: [conditionValues("sex", ["M"]), conditionValues("age", ["99.5"])] };
 * console.log(farConditions(condition, pool, far).map(({ column, value }) => [column, value])); // [ [ 'age', 99.5 ] ]
 * ```
 */
export function drawConditions(
  condition: Condition,
  pool: Float64Array,
  given: Given,
  key: Key,
  n: number,
): ConditionRows {
  checkKind(pool, "Float64Array", "drawConditions", "pool");
  const columns = pooledColumns(condition);
  const names = columns.map(({ name }) => name);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const came = `no column ${JSON.stringify(unknown)}`;
    throw new InputError({ where: "given", came, expected: `one of ${names.join(", ")}` });
  }
  const fixed = columns.map((column): number | undefined => {
    const value = ownValue(given, column.name);
    if (value === undefined) return undefined;
    if (column.kind === "category") return categoryIndex(column, String(value));
    const number = typeof value === "string" && value.trim() === "" ? Number.NaN : Number(value);
    if (Number.isFinite(number)) return number;
    throw new InputError({ where: "given", place: column.name, came: JSON.stringify(value), expected: "a number" });
  });
  const width = columns.length;
  const fits = (row: number): boolean =>
    columns.every(({ kind }, k) => kind === "number" || fixed[k] === undefined || pool[row * width + k] === fixed[k]);
  const some = fixed.includes(undefined); // with nothing left to draw, what occurs together does not matter
  const rows = Array.from({ length: pool.length / width }, (_, i) => i).filter((row) => some && fits(row));
  if (some && rows.length === 0) {
    const came = Object.entries(given).map(([name, value]) => `${name}=${value}`);
    throw new InputError({
      where: "given",
      came: `${came.join(" ")}, which never occur together in the training rows`,
      expected: "categories from which the others can be drawn",
      fix: `give ${names.filter((_, k) => fixed[k] === undefined).join(", ")} too`,
    });
  }
  const drawn = some ? integers(key, n, 0, rows.length) : undefined;
  return {
    rows: n,
    columns: columns.map((column, k): ConditionValues => {
      const at = (i: number): number => fixed[k] ?? pool[rows[drawn![i]] * width + k];
      if (column.kind === "number")
        return { name: column.name, kind: "number", values: Float64Array.from({ length: n }, (_, i) => at(i)) };
      const { name, categories } = column;
      return { name, kind: "category", values: Array.from({ length: n }, (_, i) => categories[at(i)]) };
    }),
  };
}
