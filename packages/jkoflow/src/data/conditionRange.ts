/**
 * Given numbers far from those of the training rows: there a conditional flow extrapolates, and nothing in its training
 * says what it does.
 *
 * The range of a column is that of the training rows kept with the model (`conditionPool`, at most 4,096: all rows of a
 * small table). A value is far where it lies beyond that range by more than a standard deviation of the column, since
 * the tails of a large table reach a little beyond those of its sample.
 */
import type { Condition, ConditionRows } from "./condition.ts";
import { pooledColumns } from "./conditionPool.ts";

const FAR = 1;

/** The given numbers of one column that are far from the training rows. */
export interface FarValues {
  readonly column: string;
  /** How many rows are given such a number. */
  readonly rows: number;
  /** The first of these rows, counted from 0, and its number. */
  readonly firstRow: number;
  readonly value: number;
  /** Smallest and largest number of the column in the training rows kept with the model. */
  readonly low: number;
  readonly high: number;
}

/** The columns with far numbers among `rows` given rows. `pool` is [m, columns], see `conditionPool`. */
export function farConditions(
  condition: Condition,
  pool: Float64Array,
  { columns: given }: ConditionRows,
): FarValues[] {
  const columns = pooledColumns(condition);
  return columns.flatMap((column, k): FarValues[] => {
    const values = given.find(({ name }) => name === column.name);
    if (column.kind !== "number" || values?.kind !== "number") return [];
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let at = k; at < pool.length; at += columns.length) {
      low = Math.min(low, pool[at]);
      high = Math.max(high, pool[at]);
    }
    const isFar = (x: number): boolean => x < low - FAR * column.sd || x > high + FAR * column.sd;
    const firstRow = values.values.findIndex(isFar);
    if (firstRow < 0) return [];
    const rows = values.values.reduce((count, x) => count + (isFar(x) ? 1 : 0), 0);
    return [{ column: column.name, rows, firstRow, value: values.values[firstRow], low, high }];
  });
}
