/** Uniform noise for columns of integers or rounded values, without which a density has no meaning. */
import { InputError } from "../errors/errors.ts";
import { fold, type Key, uniform } from "../random/index.ts";
import { columnIndex, type Table } from "./table.ts";

/** A table with noise in some of its columns. */
export interface Dequantized {
  readonly table: Table;
  /** As applied, to be stated with every result. */
  readonly widths: Readonly<Record<string, number>>;
}

/**
 * Adds U[0, width) to each named column; the noise of a column depends on the key, its name and the row alone.
 *
 * With u the noise and w the widths, the probability of a lattice point x is P(x) = integral of p over its cell, so
 * ln P(x) >= E ln p(x + u) + sum ln w (Jensen; L. Theis, A. van den Oord, M. Bethge, ICLR 2016, arXiv:1511.01844, eq. 3):
 * the mean log-density of dequantised rows plus sum ln w is a lower bound of the discrete log-likelihood, in nats.
 * @throws InputError for an unknown column, a width that is not positive, or one that float32 cannot resolve there.
 *
 * @example
 * ```ts
 * import { createKey } from "jkoflow";
 * import { dequantize, drawInCells, marginRows, nearestPlace, tableOf, tiedColumns } from "jkoflow/data";
 *
 * const table = tableOf(Array.from({ length: 100 }, (_, i) => ({ grade: i % 7 })));
 * const { grids } = tiedColumns(table);
 * console.log(grids.map(({ name, step }) => [name, step]), marginRows(table, table).recurring.has("grade"));
 * console.log(drawInCells(table, grids, createKey(0)).values[3] !== 3, dequantize(table, { grade: 1 }, createKey(0)).widths);
 * console.log(nearestPlace([0, 1, 5], 1.4)); // 1
 * ```
 */
export function dequantize(table: Table, widths: Readonly<Record<string, number>>, key: Key): Dequantized {
  const values = table.values.slice();
  const stride = table.columns.length;
  for (const [name, width] of Object.entries(widths)) {
    const column = columnIndex(table, name);
    const problem = (came: string, expected: string): InputError =>
      new InputError({ where: "dequantize", place: `column ${JSON.stringify(name)}`, came, expected });
    if (!(width > 0 && width < Number.POSITIVE_INFINITY)) throw problem(`width ${width}`, "a number > 0");
    const noise = uniform(fold(key, "dequantize", name), table.rows);
    let largest = 0;
    for (let i = 0; i < table.rows; i++) {
      const at = i * stride + column;
      largest = Math.max(largest, Math.abs(values[at]));
      values[at] += width * noise[i];
    }
    // float32 has 24 bits; with less than 8 of them for the noise it would be ties again.
    if (largest * 2 ** -16 > width)
      throw problem(`values up to ${largest}`, `at most ${width * 65536} for width ${width}`);
  }
  return { table: { ...table, values }, widths };
}
