/** Neighbours in float32. */

/** The smallest float32 number above x. */
export function nextAbove(x: number): number {
  const float = Float32Array.of(x);
  if (float[0] > x) return float[0];
  if (float[0] === 0) return 2 ** -149;
  // The bits of a float32 number, read as an integer, are in the order of its magnitude.
  new Int32Array(float.buffer)[0] += float[0] > 0 ? 1 : -1;
  return float[0];
}

/** The largest float32 number below x. */
export const nextBelow = (x: number): number => -nextAbove(-x);
