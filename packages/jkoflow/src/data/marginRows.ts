/** The columns and rows that kernel margins are fitted to. */
import { tiedColumns } from "./roundedColumns.ts";
import { type Table, takeRows } from "./table.ts";

/** At most so many: the kernels are far narrower than what more could show. */
const MOST = 100_000;

/** At most `most` rows, evenly over the table. */
export function someRows(table: Table, most: number): Table {
  if (table.rows <= most) return table;
  return takeRows(
    table,
    Array.from({ length: most }, (_, i) => Math.floor((i * table.rows) / most)),
  );
}

export interface MarginRows {
  readonly train: Table;
  readonly heldOut: Table;
  /**
   * Columns whose values recur, as rounded ones do, get no margins: spikes on such values are likelihood without bound, and a flow
   * behind the margins is trained to grow them. Rows with noise in their cells, as those of dequantised whole numbers, recur no more and
   * need no rule: there E ln p is at most ln P of the cell, and what margins gain is a gain.
   */
  readonly recurring: ReadonlySet<string>;
}

/** Rows for the fit of margins, and the columns that get none. */
export function marginRows(train: Table, heldOut: Table): MarginRows {
  const { grids, spikes } = tiedColumns(train);
  const recurring = new Set([...grids, ...spikes].map(({ name }) => name));
  return { train: someRows(train, MOST), heldOut: someRows(heldOut, MOST), recurring };
}
