/** Random rows that live on the engine, so that a batch draws noise or probes without making any. */
import type { RowSource, Table } from "../engine/index.ts";
import type { BlockRunner } from "../flow/index.ts";
import { type Key, normal } from "../random/index.ts";

/** A table of standard normal rows; a batch takes rows from a random place on. */
export interface NoisePool {
  readonly table: Table;
  readonly rows: number;
}

export function createNoisePool(
  runner: BlockRunner,
  key: Key,
  batchSize: number,
  draw: (key: Key, n: number) => Float32Array = normal,
  leastRows = 0,
): NoisePool {
  const d = runner.config.field.dimension;
  const rows = Math.max(4 * batchSize, Math.ceil(2 ** 19 / d), leastRows);
  return { table: runner.engine.table(rows, d, draw(key, rows * d)), rows };
}

/** Rows of a pool from a random place on. */
export const drawn = ({ table, rows }: NoisePool, number: number, count: number): RowSource => ({
  table,
  from: number % (rows - count),
});
