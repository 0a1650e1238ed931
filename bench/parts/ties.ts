/**
 * Noise for tied columns. On a column of few values, or with atoms, a density has no bound: a flow that puts a narrower
 * spike on them wins, and says nothing. U[0, width) noise gives every value a cell.
 */
import { columnValues, createTable, describeColumns, type Table } from "../../packages/jkoflow/src/data/index.ts";

/** A column is tied when it has less distinct values than this share of its rows, or one value holds this share of them. */
const TIED = { distinct: 0.5, commonest: 0.01 } as const;
/** In standard deviations: a smaller gap between values is rounding, not resolution (a scaled integer, a clipped float). */
const SMALLEST_WIDTH = 1e-3;
/** In ranges: less than this float32 cannot resolve at the far end of a column with a long tail. */
const FLOAT_RESOLUTION = 2 ** -15;

/** The width for each tied column: the smallest gap between its distinct values, at least a thousandth of its deviation. */
export function tiedWidths(table: Table): Record<string, number> {
  const widths: Record<string, number> = {};
  describeColumns(table).forEach(({ name, distinct, commonestShare, sd, minimum, maximum }, k) => {
    if (distinct < 2 || (distinct >= TIED.distinct * table.rows && commonestShare < TIED.commonest)) return;
    const sorted = columnValues(table, k).sort();
    let gap = Number.POSITIVE_INFINITY;
    for (let i = 1; i < sorted.length; i++) {
      if (sorted[i] > sorted[i - 1]) gap = Math.min(gap, sorted[i] - sorted[i - 1]);
    }
    widths[name] = Number(Math.max(gap, SMALLEST_WIDTH * sd, FLOAT_RESOLUTION * (maximum - minimum)).toPrecision(3));
  });
  return widths;
}

/** Every column begins at 0: values like 0.99 to 1.04 leave float32 too few bits for the noise. */
export function shiftToZero(table: Table): Table {
  const lowest = describeColumns(table).map(({ minimum }) => minimum);
  const d = lowest.length;
  return createTable(
    table.values.map((value, i) => value - lowest[i % d]),
    table.columns,
  );
}
