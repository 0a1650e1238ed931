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

/** Of the values, at most so many may be too large for float32 to tell their decimals: a few odd ones hide those of no others. */
const MOST_COARSE = 0.01;

/** x, which was read as a difference from `offset`, rounded to decimals of its own: x + offset has them. */
export const roundFromOffset = (x: number, decimals: number, offset: number): number =>
  offset === 0 ? roundDecimals(x, decimals) : roundDecimals(x + offset, decimals) - offset;

/**
 * How many decimals all of some float32 values have, plus an offset that was subtracted in float64: the least number;
 * undefined where it is above 5, or too many of the values are too large to tell.
 */
export function exactDecimals(values: ArrayLike<number>, offset = 0): number | undefined {
  const float64Step = Math.abs(offset) * 2 ** -52;
  for (let decimals = 0; decimals <= MOST_DECIMALS; decimals++) {
    const unit = 10 ** -decimals / (decimals === 0 ? 1 : PARTS);
    if (unit < float64Step) return undefined;
    let coarse = 0;
    let all = true;
    for (let i = 0; i < values.length && all; i++) {
      if (unit < Math.abs(values[i]) * 2 ** -23) coarse++;
      else all = Math.fround(roundFromOffset(values[i], decimals, offset)) === values[i];
    }
    if (coarse > MOST_COARSE * values.length) return undefined;
    if (all) return decimals;
  }
  return undefined;
}
