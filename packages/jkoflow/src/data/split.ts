/** Training, validation and test rows. */

import { InputError } from "../errors/errors.ts";
import { checkKind } from "../errors/kinds.ts";
import { type Key, permutation } from "../random/index.ts";
import { type Table, takeRows } from "./table.ts";

/** Row indices of the three parts; each row is in one of them. */
export interface Split {
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
}

/** By position: row i with i mod 10 = 9 is test, 8 validation, all others train. */
export function splitByPosition(rows: number): Split {
  const all = Int32Array.from({ length: rows }, (_, i) => i);
  return {
    train: all.filter((i) => i % 10 < 8),
    validation: all.filter((i) => i % 10 === 8),
    test: all.filter((i) => i % 10 === 9),
  };
}

/**
 * By chance: `validation` and `test` are shares of the rows, rounded to whole rows. Indices within a part are ascending.
 * @throws InputError when a share is negative or no row is left for training.
 *
 * @example
 * ```ts
 * import { createKey } from "jkoflow";
 * import { splitByChance, splitByPosition, splitTable, tableOf } from "jkoflow/data";
 *
 * const table = tableOf(Array.from({ length: 100 }, (_, i) => [i]));
 * const { train, validation, test } = splitTable(table, splitByChance(100, createKey(0)));
 * console.log(train.rows, validation.rows, test.rows, splitByPosition(100).train.length); // 80 10 10 80
 * ```
 */
export function splitByChance(
  rows: number,
  key: Key,
  shares: { readonly validation: number; readonly test: number } = { validation: 0.1, test: 0.1 },
): Split {
  const validation = Math.round(rows * shares.validation);
  const test = Math.round(rows * shares.test);
  if (!(shares.validation >= 0 && shares.test >= 0 && validation + test < rows)) {
    const came = `shares ${shares.validation} and ${shares.test} of ${rows} rows`;
    throw new InputError({ where: "splitByChance", came, expected: "shares >= 0 that leave a row for training" });
  }
  const order = permutation(key, rows);
  return {
    train: order.slice(validation + test).sort(),
    validation: order.slice(0, validation).sort(),
    test: order.slice(validation, validation + test).sort(),
  };
}

/** The three parts as tables. */
export function splitTable(
  table: Table,
  split: Split,
): { readonly train: Table; readonly validation: Table; readonly test: Table } {
  return {
    train: takeRows(table, split.train),
    validation: takeRows(table, split.validation),
    test: takeRows(table, split.test),
  };
}

/**
 * The three parts of a table that is not used afterwards: the training rows move to the front of its own array instead of
 * being copied. Indices of a part must be ascending, as those of `splitByPosition` and `splitByChance` are.
 *
 * @example
 * ```ts
 * import { createKey } from "jkoflow";
 * import { createTable, shuffleRows, splitByPosition, splitMoving } from "jkoflow/data";
 *
 * const shuffled = shuffleRows(Float32Array.from({ length: 40 }, (_, i) => i), 2, createKey(1)); // [20, 2]
 * const { train } = splitMoving(createTable(shuffled, 2), splitByPosition(20)); // in the place of the table
 * console.log(train.rows); // 16
 * ```
 */
export function splitMoving(table: Table, split: Split): ReturnType<typeof splitTable> {
  const validation = takeRows(table, split.validation);
  const test = takeRows(table, split.test);
  const { values, columns } = table;
  const width = columns.length;
  // Row i of the training part comes from row >= i, so no row is overwritten before it has moved.
  split.train.forEach((from, to) => {
    if (from !== to) values.copyWithin(to * width, from * width, (from + 1) * width);
  });
  const rows = split.train.length;
  return { train: { values: values.subarray(0, rows * width), rows, columns }, validation, test };
}

/** Rows `[n, d]` in an order by key, as a new array: its first rows are then a fair sample. */
export function shuffleRows(rows: Float32Array, d: number, key: Key): Float32Array {
  checkKind(rows, "Float32Array", "rows");
  const out = new Float32Array(rows.length);
  permutation(key, rows.length / d).forEach((from, to) => {
    out.set(rows.subarray(from * d, (from + 1) * d), to * d);
  });
  return out;
}
