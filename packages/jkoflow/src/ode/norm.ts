/**
 * The norm of a scaled quantity on rows `[B, n]`.
 *
 *   rms       sqrt(mean over all counted entries)
 *   max-row   max over rows of sqrt(mean over the row's counted entries)
 *
 * `max-row` is the default: with `rms` one fast row among B mild ones may exceed its tolerance by sqrt(B).
 */
import type { Layout } from "./problem.ts";

export interface Norm {
  readonly value: number;
  /** The row with the largest part in it, and its own root mean square. */
  readonly row: number;
  readonly ofRow: number;
}

/** `entry(i)`: the scaled quantity at place i of the flat state. A NaN anywhere makes the norm NaN. */
export function normOf({ rows, cols, counted, norm }: Layout, entry: (i: number) => number): Norm {
  let total = 0;
  let largest = -1;
  let row = 0;
  for (let r = 0; r < rows; r++) {
    let squares = 0;
    for (const j of counted) squares += entry(r * cols + j) ** 2;
    total += squares;
    if (squares > largest) [largest, row] = [squares, r];
  }
  const ofRow = Math.sqrt(largest / counted.length);
  if (Number.isNaN(total)) return { value: Number.NaN, row, ofRow };
  return { value: norm === "rms" ? Math.sqrt(total / (rows * counted.length)) : ofRow, row, ofRow };
}
