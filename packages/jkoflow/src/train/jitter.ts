/**
 * A scale for input noise: the distance to the nearest neighbour, per column.
 *
 * Noise that is small against it leaves the density as it is; noise of its size keeps a flow from putting spikes on single
 * rows of a small table. On large tables it is next to nothing by itself.
 */
import { type Key, permutation } from "../random/index.ts";

const QUERIES = 200;

/** Median over some rows of min_j |x_i - x_j| / sqrt(d); rows `[n, d]`, standardised. */
export function nearestNeighbourScale(rows: Float32Array, d: number, key: Key): number {
  const n = rows.length / d;
  const queries = permutation(key, n).subarray(0, Math.min(n, QUERIES));
  const distances = Float64Array.from(queries, (q) => {
    let nearest = Infinity;
    for (let j = 0; j < n; j++) {
      if (j === q) continue;
      let squares = 0;
      for (let k = 0; k < d && squares < nearest; k++) squares += (rows[q * d + k] - rows[j * d + k]) ** 2;
      if (squares < nearest && squares > 0) nearest = squares; // rows that are equal say nothing of the density
    }
    return nearest;
  }).sort();
  return Math.sqrt(distances[distances.length >> 1] / d);
}
