/** Mini-batches as row indices: each epoch is a fresh permutation by key, so any update's batch can be made again. */
import { fold, type Key, permutation } from "../random/index.ts";

/** The batches of a training. */
export interface Batches {
  /** Rows of update 0, 1, ... */
  at(update: number): Int32Array;
}

/**
 * Batches of `size` row indices of `rows`; the rows that are left over at the end of an epoch wait for the next one.
 *
 * @example
 * ```ts
 * import { createKey } from "jkoflow";
 * import { createBatches } from "jkoflow/train";
 *
 * const batches = createBatches(createKey(0), 100, 20); // each row once in five updates
 * console.log(new Set([0, 1, 2, 3, 4].flatMap((update) => [...batches.at(update)])).size); // 100
 * ```
 */
export function createBatches(key: Key, rows: number, size: number): Batches {
  const perEpoch = Math.max(1, Math.floor(rows / size));
  let epoch = -1;
  let order: Int32Array = new Int32Array(0);
  return {
    at: (update) => {
      const wanted = Math.floor(update / perEpoch);
      if (wanted !== epoch) {
        epoch = wanted;
        order = permutation(fold(key, "epoch", epoch), rows);
      }
      const start = (update % perEpoch) * size;
      return order.subarray(start, Math.min(rows, start + size));
    },
  };
}
