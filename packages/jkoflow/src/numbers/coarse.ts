/** Numbers that are large beside their spread, of which float32 keeps too little. */

/** Step of float32 beside the standard deviation: above this the rounding shows in a density. */
const COARSE = 0.005;

/** From |x| to the next float32. */
const float32Step = (x: number): number => (x === 0 ? 0 : 2 ** (Math.floor(Math.log2(Math.abs(x))) - 23));

/** Whether float32 spoils a column with values up to `largest` in magnitude; `caution` above 1 says so earlier. */
export const isCoarse = (largest: number, sd: number, caution: number = 1): boolean =>
  float32Step(largest) > (COARSE / caution) * sd;

/**
 * A round number in the middle of a column: the median, rounded to a power of ten not below the standard deviation, and a
 * whole number where all values are whole.
 */
export function roundOffset(median: number, sd: number, values: "whole" | "any"): number {
  const power = Math.ceil(Math.log10(sd));
  const digits = values === "whole" ? Math.max(0, power) : power;
  // Multiplied or divided by a power of ten that is exact in float64.
  const unit = Number(`1e${Math.abs(digits)}`);
  return digits < 0 ? Math.round(median * unit) / unit : Math.round(median / unit) * unit;
}
