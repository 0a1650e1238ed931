/**
 * Samples of a key. Element i depends on the key and i alone, so a stream can be cut anywhere.
 *
 * The streams of `fillNormal`, `fillUniform` and `fillRademacher` are a contract with the compute kernels, which draw
 * the same numbers: element i uses block c = floor(i / 2), (a, b) = threefry2x32(k0, k1, low word of c, high word of c).
 *   normal      u1 = ((a >>> 8) + 1/2) 2^-24, u2 = ((b >>> 8) + 1/2) 2^-24, r = sqrt(-2 ln u1);
 *               element 2c is r cos(2 pi u2), element 2c + 1 is r sin(2 pi u2)
 *               (G. Box, M. Muller, Ann. Math. Statist. 29 (1958), 610-611); |value| <= 5.89
 *   uniform     ((w >>> 8) + 1/2) 2^-24 with w = a for even i, b for odd i
 *   Rademacher  +1 when the top bit of that w is 0, else -1
 */
import { checkKind, checkNumbers } from "../errors/kinds.ts";
import { cosTurns, log, sinTurns } from "./elementary.ts";
import type { Key } from "./key.ts";
import { threefry2x32 } from "./threefry.ts";
import { createWords, drawBelow } from "./words.ts";

const WORD = 4294967296; // 2^32
const STEP24 = 2 ** -24;
const LARGEST_BELOW_ONE = 1 - STEP24; // in float32

/** ln(2 pi) / 2, nats: ln N(x; 0, I) = -|x|^2 / 2 - d halfLog2Pi. */
export const halfLog2Pi: number = 0.9189385332046727;

/** Element i of the normal stream of `key`, in float64. */
export function normalAt(key: Key, i: number): number {
  const pair = new Float64Array(2);
  normalPair(key, Math.floor(i / 2), new Uint32Array(2), pair);
  return pair[i % 2];
}

/** Element i of the 24-bit uniform stream of `key`, in (0, 1), exact in float64. */
export function uniformAt(key: Key, i: number): number {
  return ((wordAt(key, i) >>> 8) + 0.5) * STEP24;
}

/** Element i of the Rademacher stream of `key`: 1 or -1. */
export function rademacherAt(key: Key, i: number): number {
  return wordAt(key, i) < 0x80000000 ? 1 : -1;
}

/** Fills `out` with elements offset, offset + 1, ... of the normal stream of `key`. */
export function fillNormal(key: Key, offset: number, out: Float32Array | Float64Array): void {
  checkKind(out, ["Float32Array", "Float64Array"], "fillNormal");
  const words = new Uint32Array(2);
  const pair = new Float64Array(2);
  let i = offset;
  let k = 0;
  if (i % 2 === 1 && k < out.length) {
    normalPair(key, Math.floor(i / 2), words, pair);
    out[k++] = pair[1];
    i++;
  }
  for (let c = i / 2; k < out.length; c++) {
    normalPair(key, c, words, pair);
    out[k++] = pair[0];
    if (k < out.length) out[k++] = pair[1];
  }
}

/** Fills `out` with the 24-bit uniform stream of `key` from `offset` on; in float32 a value that rounds to 1 is lowered to 1 - 2^-24. */
export function fillUniform(key: Key, offset: number, out: Float32Array): void {
  checkKind(out, "Float32Array", "fillUniform");
  const words = new Uint32Array(2);
  for (let k = 0; k < out.length; k++) {
    const i = offset + k;
    if (k === 0 || i % 2 === 0) blockAt(key, Math.floor(i / 2), words);
    const u = ((words[i % 2] >>> 8) + 0.5) * STEP24;
    out[k] = Math.min(u, LARGEST_BELOW_ONE);
  }
}

/** Fills `out` with the Rademacher stream of `key` from `offset` on. */
export function fillRademacher(key: Key, offset: number, out: Float32Array): void {
  checkKind(out, "Float32Array", "fillRademacher");
  const words = new Uint32Array(2);
  for (let k = 0; k < out.length; k++) {
    const i = offset + k;
    if (k === 0 || i % 2 === 0) blockAt(key, Math.floor(i / 2), words);
    out[k] = words[i % 2] < 0x80000000 ? 1 : -1;
  }
}

/** The first n elements of the normal stream: N(0, 1). [n] */
export function normal(key: Key, n: number): Float32Array {
  const out = new Float32Array(n);
  fillNormal(key, 0, out);
  return out;
}

/** The first n elements of the 24-bit uniform stream, each in (0, 1). [n] */
export function uniform32(key: Key, n: number): Float32Array {
  const out = new Float32Array(n);
  fillUniform(key, 0, out);
  return out;
}

/**
 * n uniform numbers in (0, 1) of 52 bits, elements `offset`, `offset + 1`, ... of their stream; element i is made of both
 * words of block i. [n]
 */
export function uniform(key: Key, n: number, offset = 0): Float64Array {
  const out = new Float64Array(n);
  const words = new Uint32Array(2);
  for (let i = 0; i < n; i++) {
    blockAt(key, offset + i, words);
    out[i] = ((words[0] >>> 6) * 67108864 + (words[1] >>> 6) + 0.5) * 2 ** -52;
  }
  return out;
}

/** The first n elements of the Rademacher stream: 1 or -1 with equal odds. [n] */
export function rademacher(key: Key, n: number): Float32Array {
  const out = new Float32Array(n);
  fillRademacher(key, 0, out);
  return out;
}

/**
 * n unbiased integers in low .. high - 1. [n]
 * @throws RangeError unless low < high, both are safe integers and high - low <= 2^32.
 */
export function integers(key: Key, n: number, low: number, high: number): Float64Array {
  const bound = high - low;
  if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || bound < 1 || bound > WORD) {
    throw new RangeError(`integers: low ${low}, high ${high}, expected integers with 1 <= high - low <= 2^32`);
  }
  const words = createWords(key);
  return Float64Array.from({ length: n }, () => low + drawBelow(words, bound));
}

/** A uniformly distributed permutation of 0 .. n - 1 (R. Durstenfeld, CACM 7 (1964), 420). [n] */
export function permutation(key: Key, n: number): Int32Array {
  const out = Int32Array.from({ length: n }, (_, i) => i);
  const words = createWords(key);
  for (let i = n - 1; i > 0; i--) {
    const j = drawBelow(words, i + 1);
    const held = out[i];
    out[i] = out[j];
    out[j] = held;
  }
  return out;
}

/**
 * n indices of `weights`, index k with probability weights[k] / sum of weights. [n]
 * @throws RangeError unless all weights are finite and >= 0 and some weight is > 0.
 */
export function categorical(key: Key, n: number, weights: ArrayLike<number>): Int32Array {
  checkNumbers(weights, "categorical", "weights");
  const sums = new Float64Array(weights.length); // running sums
  let total = 0;
  let last = -1; // the last index that may be drawn
  for (let k = 0; k < weights.length; k++) {
    if (!(weights[k] >= 0 && weights[k] < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`categorical: weight ${k} is ${weights[k]}, expected a finite number >= 0`);
    }
    if (weights[k] > 0) last = k;
    sums[k] = total += weights[k];
  }
  if (last < 0) throw new RangeError("categorical: no weight is positive, expected at least one");
  const u = uniform(key, n);
  return Int32Array.from({ length: n }, (_, i) => Math.min(last, firstAbove(sums, u[i] * total)));
}

/** The first k with sums[k] > value; indices of weight zero are never the first. */
function firstAbove(sums: Float64Array, value: number): number {
  let low = 0;
  let high = sums.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sums[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

function normalPair(key: Key, c: number, words: Uint32Array, pair: Float64Array): void {
  blockAt(key, c, words);
  const u1 = ((words[0] >>> 8) + 0.5) * STEP24;
  const u2 = ((words[1] >>> 8) + 0.5) * STEP24;
  const r = Math.sqrt(-2 * log(u1));
  pair[0] = r * cosTurns(u2);
  pair[1] = r * sinTurns(u2);
}

function wordAt(key: Key, i: number): number {
  const words = new Uint32Array(2);
  blockAt(key, Math.floor(i / 2), words);
  return words[i % 2];
}

function blockAt(key: Key, c: number, words: Uint32Array): void {
  threefry2x32(key.k0, key.k1, c >>> 0, Math.floor(c / WORD), words);
}
