/**
 * Half of Szekely's energy distance, E|X - Y| - E|X - X'| / 2 - E|Y - Y'| / 2, as papers on samplers print it, without bias, with
 * a standard error by the jackknife over blocks of rows.
 */

const BLOCKS = 20;

/** Of rows [n, d] each, of equal number. */
export function halfEnergyDistance(
  x: Float32Array,
  y: Float32Array,
  d: number,
): { readonly value: number; readonly error: number } {
  const n = Math.floor(x.length / d / BLOCKS) * BLOCKS;
  const size = n / BLOCKS;
  const between = (a: Float32Array, b: Float32Array) => {
    const sums = Array.from({ length: BLOCKS }, () => new Float64Array(BLOCKS));
    for (let i = 0; i < n; i++) {
      const row = sums[Math.floor(i / size)];
      for (let j = 0; j < n; j++) {
        let square = 0;
        for (let k = 0; k < d; k++) square += (a[i * d + k] - b[j * d + k]) ** 2;
        row[Math.floor(j / size)] += Math.sqrt(square);
      }
    }
    return sums;
  };
  const [xy, xx, yy] = [between(x, y), between(x, x), between(y, y)];
  const without = (left: number): number => {
    const m = left < 0 ? n : n - size;
    const total = (sums: readonly Float64Array[]): number =>
      sums.reduce(
        (all, row, i) => (i === left ? all : all + row.reduce((sum, v, j) => (j === left ? sum : sum + v), 0)),
        0,
      );
    return total(xy) / m ** 2 - (total(xx) + total(yy)) / (2 * m * (m - 1));
  };
  const parts = Array.from({ length: BLOCKS }, (_, left) => without(left));
  const mean = parts.reduce((a, b) => a + b, 0) / BLOCKS;
  const spread = parts.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { value: without(-1), error: Math.sqrt(((BLOCKS - 1) / BLOCKS) * spread) };
}
