/**
 * What every measure here expects of its rows: finite float32 numbers, `rows * cols` of them, row after row.
 */

import { InputError } from "../errors/index.ts";
import { checkKind } from "../errors/kinds.ts";

/** The number of rows of x [n, cols]. Throws InputError unless it holds finite float32 numbers and at least `atLeast` rows. */
export function countRows(where: string, x: Float32Array, cols: number, atLeast: number): number {
  checkKind(x, "Float32Array", where);
  const rows = x.length / cols;
  checkRows(where, x, rows, cols, atLeast);
  return rows;
}

/** Throws InputError unless `x` holds `rows * cols` finite numbers and at least `atLeast` rows. */
export function checkRows(where: string, x: Float32Array, rows: number, cols: number, atLeast: number): void {
  checkKind(x, "Float32Array", where);
  if (!Number.isInteger(cols) || cols < 1) {
    throw new InputError({ where: "cols", came: `${cols}`, expected: "a whole number of at least 1" });
  }
  if (!Number.isInteger(rows) || x.length !== rows * cols) {
    throw new InputError({
      where,
      came: `${x.length} numbers`,
      expected: `${rows} rows of ${cols} columns`,
      fix: "pass the rows one after another in one Float32Array",
    });
  }
  if (rows < atLeast) throw new InputError({ where, came: `${rows} rows`, expected: `at least ${atLeast}` });
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(x[i])) {
      throw new InputError({
        where,
        place: `row ${Math.floor(i / cols)}, column ${i % cols}`,
        came: `${x[i]}`,
        expected: "a finite number",
        fix: "drop or fill missing values first",
      });
    }
  }
}

/** The rows with these indices, in this order: [indices.length, cols]. */
export function takeRows(x: Float32Array, cols: number, indices: ArrayLike<number>): Float32Array {
  const out = new Float32Array(indices.length * cols);
  for (let i = 0; i < indices.length; i++) {
    out.set(x.subarray(indices[i] * cols, (indices[i] + 1) * cols), i * cols);
  }
  return out;
}
