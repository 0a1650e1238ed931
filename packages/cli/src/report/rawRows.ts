/** Rows of a model as the owner of the table sees them: whole numbers, codes of categories, gaps, decimals as written. */
import type { data } from "jkoflow";
import type { RawRows } from "jkoflow/evaluate";

/** More decimals than a float32 of one digit before the point holds. */
const MOST_DECIMALS = 6;

/**
 * Judged rows and samples, both decoded, as the trees of the tests of fit take them. A sample's number has all its digits, a
 * cell of the data those that somebody wrote: samples are rounded to these, else the digits alone would tell them apart.
 */
export const rawPair = (rows: data.Table, samples: data.Table): RawRows => ({
  rows: rows.values,
  samples: roundedLike(rows, samples).values,
  cols: rows.columns.length,
});

/** `samples` with each column rounded to the decimals of the same column of `rows`. */
export function roundedLike(rows: data.Table, samples: data.Table): data.Table {
  const cols = rows.columns.length;
  const values = samples.values.slice();
  for (let c = 0; c < cols; c++) {
    const decimals = decimalsOf(rows, c);
    if (decimals === undefined) continue;
    for (let i = c; i < values.length; i += cols) values[i] = rounded(values[i], decimals);
  }
  return { ...samples, values };
}

/** The least number of decimals that writes every cell of the column; undefined where six do not. */
function decimalsOf({ values, columns: { length: cols } }: data.Table, c: number): number | undefined {
  let decimals = 0;
  for (let i = c; i < values.length; i += cols) {
    while (!Number.isNaN(values[i]) && rounded(values[i], decimals) !== values[i]) {
      if (++decimals > MOST_DECIMALS) return undefined;
    }
  }
  return decimals;
}

/** The nearest float32 to x with so many decimals; a gap stays one. */
const rounded = (x: number, decimals: number): number => Math.fround(Math.round(x * 10 ** decimals) / 10 ** decimals);
