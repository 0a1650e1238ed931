/** Random rows that live on the engine, so that a batch draws noise or probes without making any. */
import type { Engine, RowSource, Table } from "../engine/index.ts";
import { type Key, normal } from "../random/index.ts";

/** Rows that go with those of a batch. */
export interface Pool {
  readonly table: Table;
  /** For a batch of `count` rows, by a whole number from 0. */
  take(number: number, count: number): RowSource;
}

/** Standard normal rows, or others; a batch takes rows from a random place on. */
export function createPool(
  engine: Engine,
  cols: number,
  key: Key,
  batchSize: number,
  draw: (key: Key, n: number) => Float32Array = normal,
  leastRows = 0,
): Pool {
  const rows = Math.max(4 * batchSize, Math.ceil(2 ** 19 / cols), leastRows);
  const table = engine.table(rows, cols, draw(key, rows * cols));
  return { table, take: (number, count) => ({ table, from: number % (rows - count) }) };
}

/** One row for each row of the data, for good: taken by the indices of the batch. */
export const frozenPool = (table: Table): Pool => ({ table, take: () => table });
