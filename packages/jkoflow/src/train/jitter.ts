/**
 * A scale for input noise: the distance to the nearest neighbour, per column.
 *
 * Noise that is small against it leaves the density as it is; noise of its size keeps a flow from putting spikes on single
 * rows of a small table. On large tables it is next to nothing by itself.
 */
import { type Key, permutation } from "../random/index.ts";

const QUERIES = 200;

/** Rows that are made part by part: `[rows, cols]` in all, standardised. */
export interface RowParts {
  readonly rows: number;
  readonly cols: number;
  /** The parts from the first row on; a part is looked at before the next one is made. */
  readonly parts: () => Iterable<Float32Array>;
  /** The rows of the given indices. */
  readonly take: (indices: Int32Array) => Float32Array;
}

/**
 * Median over some rows of min_j |x_i - x_j| / sqrt(d).
 *
 * @example
 * ```ts
 * import { createKey } from "jkoflow";
 * import { nearestNeighbourScale } from "jkoflow/train";
 *
 * const x = Float32Array.from({ length: 100 }, (_, i) => i); // [100, 1], neighbours 1 apart
 * const take = (indices: Int32Array) => Float32Array.from(indices, (i) => x[i]);
 * console.log(nearestNeighbourScale({ rows: 100, cols: 1, parts: () => [x], take }, createKey(0)).toFixed(2)); // 1.00
 * ```
 */
export function nearestNeighbourScale({ rows: n, cols: d, parts, take }: RowParts, key: Key): number {
  const queries = permutation(key, n).subarray(0, Math.min(n, QUERIES));
  const x = take(queries); // [queries, d]
  const nearest = new Float64Array(queries.length).fill(Infinity);
  let firstRow = 0;
  for (const part of parts()) {
    const count = part.length / d;
    for (let q = 0; q < queries.length; q++) {
      for (let j = 0; j < count; j++) {
        if (firstRow + j === queries[q]) continue;
        let squares = 0;
        for (let k = 0; k < d && squares < nearest[q]; k++) squares += (x[q * d + k] - part[j * d + k]) ** 2;
        if (squares < nearest[q] && squares > 0) nearest[q] = squares; // rows that are equal say nothing of the density
      }
    }
    firstRow += count;
  }
  nearest.sort();
  return Math.sqrt(nearest[nearest.length >> 1] / d);
}
