/** Sequential 32-bit words and bounded integers of a key, for algorithms whose next draw depends on the last one. */
import type { Key } from "./key.ts";
import { threefry2x32 } from "./threefry.ts";

const WORD = 4294967296; // 2^32

/** The words of a key in order: the two words of block 0, of block 1, ... Each is an unsigned 32-bit integer. */
export function createWords(key: Key): () => number {
  const block = new Uint32Array(2);
  let next = 0;
  return () => {
    if ((next & 1) === 0) {
      const c = next / 2;
      threefry2x32(key.k0, key.k1, c >>> 0, Math.floor(c / WORD), block);
    }
    return block[next++ % 2];
  };
}

/**
 * An unbiased integer in 0 .. bound - 1, 1 <= bound <= 2^32: words of the last, incomplete multiple are rejected.
 *
 * @example
 * ```ts
 * import { createKey, createWords, drawBelow } from "jkoflow/random";
 *
 * const words = createWords(createKey(5)); // as many words of 32 bits as are asked for
 * console.log(Array.from({ length: 100 }, () => drawBelow(words, 6)).every((die) => die >= 0 && die < 6)); // true
 * ```
 */
export function drawBelow(words: () => number, bound: number): number {
  const limit = WORD - (WORD % bound);
  let word = words();
  while (word >= limit) word = words();
  return word % bound;
}
