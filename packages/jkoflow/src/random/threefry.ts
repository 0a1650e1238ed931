/**
 * Threefry-2x32 with 20 rounds: a keyed bijection of 64-bit counters whose outputs pass every known test of randomness.
 * A stream is the counters 0, 1, 2, ... under one key, so any element can be computed alone, in any order, on any thread.
 *
 * Source: J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11,
 * doi:10.1145/2063384.2063405, section 3.2. Bits equal those of the authors' Random123 library.
 */

/** The constant that keeps an all-zero key from giving an all-zero schedule (Skein 1.3; low half there). */
const PARITY = 0x1bd11bda;

/**
 * Writes the two output words of counter (ctr0, ctr1) under key (key0, key1) to `out[0]` and `out[1]`.
 * All words are unsigned 32-bit.
 *
 * @example
 * ```ts
 * import { threefry2x32 } from "jkoflow/random";
 *
 * const out = new Uint32Array(2);
 * threefry2x32(0, 0, 0, 0, out);
 * console.log([...out].map((word) => word.toString(16)).join(" ")); // 6b200159 99ba4efe
 * ```
 */
export function threefry2x32(key0: number, key1: number, ctr0: number, ctr1: number, out: Uint32Array): void {
  const key2 = PARITY ^ key0 ^ key1;
  let a = (ctr0 + key0) | 0;
  let b = (ctr1 + key1) | 0;
  // Five groups of four rounds; a round is a += b; b = rotate(b, r) ^ a. After group g the key schedule is added,
  // rotated by g, and the group number breaks the symmetry. Written out, for this is the hot loop of all sampling.
  a = (a + b) | 0;
  b = ((b << 13) | (b >>> 19)) ^ a;
  a = (a + b) | 0;
  b = ((b << 15) | (b >>> 17)) ^ a;
  a = (a + b) | 0;
  b = ((b << 26) | (b >>> 6)) ^ a;
  a = (a + b) | 0;
  b = ((b << 6) | (b >>> 26)) ^ a;
  a = (a + key1) | 0;
  b = (b + key2 + 1) | 0;

  a = (a + b) | 0;
  b = ((b << 17) | (b >>> 15)) ^ a;
  a = (a + b) | 0;
  b = ((b << 29) | (b >>> 3)) ^ a;
  a = (a + b) | 0;
  b = ((b << 16) | (b >>> 16)) ^ a;
  a = (a + b) | 0;
  b = ((b << 24) | (b >>> 8)) ^ a;
  a = (a + key2) | 0;
  b = (b + key0 + 2) | 0;

  a = (a + b) | 0;
  b = ((b << 13) | (b >>> 19)) ^ a;
  a = (a + b) | 0;
  b = ((b << 15) | (b >>> 17)) ^ a;
  a = (a + b) | 0;
  b = ((b << 26) | (b >>> 6)) ^ a;
  a = (a + b) | 0;
  b = ((b << 6) | (b >>> 26)) ^ a;
  a = (a + key0) | 0;
  b = (b + key1 + 3) | 0;

  a = (a + b) | 0;
  b = ((b << 17) | (b >>> 15)) ^ a;
  a = (a + b) | 0;
  b = ((b << 29) | (b >>> 3)) ^ a;
  a = (a + b) | 0;
  b = ((b << 16) | (b >>> 16)) ^ a;
  a = (a + b) | 0;
  b = ((b << 24) | (b >>> 8)) ^ a;
  a = (a + key1) | 0;
  b = (b + key2 + 4) | 0;

  a = (a + b) | 0;
  b = ((b << 13) | (b >>> 19)) ^ a;
  a = (a + b) | 0;
  b = ((b << 15) | (b >>> 17)) ^ a;
  a = (a + b) | 0;
  b = ((b << 26) | (b >>> 6)) ^ a;
  a = (a + b) | 0;
  b = ((b << 6) | (b >>> 26)) ^ a;
  out[0] = a + key2;
  out[1] = b + key0 + 5;
}
