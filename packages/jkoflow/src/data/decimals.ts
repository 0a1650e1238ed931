/** Decimals of float32 numbers, as people write them: 0.1 has one though it is none of tenths in binary. */

/** More are those of a computation, not of a measurement. */
const MOST_DECIMALS = 5;
/** float32 must resolve a step in so many parts even at the largest value: else every number would have that many decimals. */
const PARTS = 2;

/** x rounded to decimals in float64, the nearer of two; ties away from 0, as numbers are written. */
export function roundDecimals(x: number, decimals: number): number {
  const scale = 10 ** decimals;
  const rounded = (x < 0 ? -1 : 1) * Math.round(Math.abs(x) * scale);
  return rounded === 0 ? 0 : rounded / scale;
}

/** How many decimals all of some float32 values have: the least number; undefined where it is above 5, or float32 is too coarse to tell. */
export function exactDecimals(values: ArrayLike<number>): number | undefined {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  const step = largest * 2 ** -23;
  for (let decimals = 0; decimals <= MOST_DECIMALS; decimals++) {
    if (10 ** -decimals < (decimals === 0 ? 1 : PARTS) * step) return undefined;
    let all = true;
    for (let i = 0; i < values.length && all; i++) all = Math.fround(roundDecimals(values[i], decimals)) === values[i];
    if (all) return decimals;
  }
  return undefined;
}
