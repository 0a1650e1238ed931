/** How often each value of a column occurs. */

/** Values of a column with their counts, in rising order. */
export interface ValueCounts {
  readonly values: readonly number[];
  readonly counts: readonly number[];
  /** Rows, missing ones left out. */
  readonly rows: number;
}

/** NaN is left out. */
export function countValues(column: Float64Array): ValueCounts {
  const sorted = column.filter((x) => !Number.isNaN(x)).sort();
  const values: number[] = [];
  const counts: number[] = [];
  for (const x of sorted) {
    if (values.length > 0 && values[values.length - 1] === x) counts[counts.length - 1]++;
    else {
      values.push(x === 0 ? 0 : x);
      counts.push(1);
    }
  }
  return { values, counts, rows: sorted.length };
}
