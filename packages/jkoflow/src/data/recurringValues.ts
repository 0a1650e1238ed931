/**
 * Columns that take the same values again and again though these stand on no even grid: what somebody can set, buy or read
 * off. Decimals alone would let samples take values in between that no row has; they are brought to the nearest value that
 * training rows have, as rounding brings them to the nearest decimal.
 */
import type { ValueCounts } from "./valueCounts.ts";

/** Rows whose value another row has too. */
const LEAST_REPEATED = 0.8;
/** A model keeps them all. */
const MOST_VALUES = 2000;
/** Of the places that the decimals of a column have between its ends: above this share the decimals say it all. */
const MOST_PLACES = 0.5;

/** The values of such a column, rising; undefined for any other. */
export function recurringValues(
  { values, counts, rows }: ValueCounts,
  decimals: number | undefined,
): readonly number[] | undefined {
  if (values.length < 2 || values.length > MOST_VALUES) return undefined;
  const repeated = counts.reduce((sum, count) => sum + (count > 1 ? count : 0), 0);
  if (repeated < LEAST_REPEATED * rows) return undefined;
  const range = values[values.length - 1] - values[0];
  const places = decimals === undefined ? Infinity : range * 10 ** decimals;
  return values.length <= MOST_PLACES * places ? values : undefined;
}

/** The nearest of rising values; of two as near the lower one. */
export const nearestOf = (values: readonly number[], x: number): number => values[nearestPlace(values, x)];

/** Its place. */
export function nearestPlace(values: readonly number[], x: number): number {
  let [low, high] = [0, values.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (values[middle] > x) high = middle;
    else low = middle;
  }
  return x - values[low] <= values[high] - x ? low : high;
}
