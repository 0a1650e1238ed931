/** Numbers as text, with the fewest digits that read back to the same number. */

/** Below, float32 has less than 24 bits. */
const SMALLEST_NORMAL = 2 ** -126;

/**
 * The shortest decimal that reads back to the same float32. Six digits always survive in float32, so if fewer do, they
 * are these six with zeros cut off.
 */
export function shortestFloat32(value: number): string {
  if (value === 0) return shortestFloat64(value);
  const fewest = Math.abs(value) < SMALLEST_NORMAL ? 1 : 6;
  for (let digits = fewest; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return shortestFloat64(rounded);
  }
  return shortestFloat64(Number(value.toPrecision(9)));
}

/** The shortest decimal that reads back to the same float64; nan, inf and -inf. */
export function shortestFloat64(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0" : String(value);
  return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

/** More decimals than float64 has. */
const MOST_DECIMALS = 20;

/**
 * x + offset for a float32 x: the fewest decimals from which, less the offset, x is read back.
 */
export function shortestWithOffset(x: number, offset: number): string {
  if (offset === 0) return shortestFloat32(x);
  const sum = x + offset;
  if (!Number.isFinite(sum) || Math.abs(sum) >= 1e21) return shortestFloat64(sum);
  for (let decimals = 0; decimals <= MOST_DECIMALS; decimals++) {
    const text = sum.toFixed(decimals);
    const read = Number(text);
    if (Math.fround(read - offset) === Math.fround(x)) return text;
    if (read === sum) break; // float64 itself keeps no more of x beside the offset
  }
  return shortestFloat64(sum);
}
