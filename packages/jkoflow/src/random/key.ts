/**
 * Keys: where all randomness comes from. A key is a value; equal keys give equal streams. Independent streams are made
 * by folding names and numbers into a key (`fold(key, "noise", block, iteration)`), never by drawing "the next" number,
 * so a resumed, re-ordered or parallel run sees the same bits.
 */
import { cameOf } from "../errors/came.ts";
import { InputError } from "../errors/errors.ts";
import { threefry2x32 } from "./threefry.ts";

/**
 * A Threefry key: two unsigned 32-bit words.
 *
 * @example
 * ```ts
 * import { createKey, fold, type Key, random } from "jkoflow";
 *
 * const dice = (key: Key, n: number) => random.integers(key, n, 1, 7);
 * console.log(dice(fold(createKey(0), "dice"), 5).every((eyes) => eyes >= 1 && eyes <= 6)); // true
 * ```
 */
export interface Key {
  readonly k0: number;
  readonly k1: number;
}

const WORD = 4294967296; // 2^32

// Streams count blocks from 0 and never reach 2^63, so a set top bit keeps the counters of derived keys apart from
// those of drawn numbers, and the next two bits keep the ways of deriving a key apart from each other.
const FOLD_NUMBER = 0x80000000;
const FOLD_STRING = 0xc0000000;
const SPLIT = 0xa0000000;

/**
 * The key of a seed. Integers (|seed| <= 2^53 - 1, or a bigint of 64 bits) are taken as they are, a string by its hash;
 * `42` and `"42"` are different seeds.
 * @throws InputError when a number is not a safe integer, a bigint needs more than 64 bits, or it is none of the three.
 *
 * @example
 * ```ts
 * import { createKey, random } from "jkoflow";
 *
 * console.log(random.normal(createKey(42), 1)[0] === random.normal(createKey(42), 1)[0]); // true
 * console.log(random.normal(createKey(42), 1)[0] === random.normal(createKey("42"), 1)[0]); // false
 * ```
 */
export function createKey(seed: number | string | bigint): Key {
  if (typeof seed === "string") return { k0: fnv1a(seed, 0x811c9dc5), k1: fnv1a(seed, 0x2b9a4f13) };
  const refuse = (expected: string): never => {
    throw new InputError({ where: "seed", came: cameOf(seed), expected });
  };
  if (typeof seed === "number" && !Number.isSafeInteger(seed)) refuse("an integer of at most 53 bits");
  if (typeof seed !== "number" && typeof seed !== "bigint") refuse("an integer or a word");
  const bits = BigInt(seed);
  if (bits !== BigInt.asUintN(64, bits) && bits !== BigInt.asIntN(64, bits)) refuse("an integer of at most 64 bits");
  return { k0: Number(BigInt.asUintN(32, bits)), k1: Number(BigInt.asUintN(32, bits >> 32n)) };
}

const isWord = (x: unknown): boolean => typeof x === "number" && x >>> 0 === x;

/** @throws InputError for what is not a key, such as a seed. For the entrances of the library: folding does not check. */
export function checkKey(key: Key): void {
  const given: Partial<Key> = key ?? {};
  if (isWord(given.k0) && isWord(given.k1)) return;
  const came = cameOf(key);
  const isSeed = typeof key === "string" || Number.isSafeInteger(key);
  throw new InputError({ where: "key", came, expected: "a key", fix: `make one: createKey(${isSeed ? came : 1})` });
}

/** @throws InputError where n things cannot be drawn by a key: it is none, or n is not a whole number. */
export function checkDraw(key: Key, n: number): void {
  checkKey(key);
  if (Number.isSafeInteger(n) && n >= 0) return;
  throw new InputError({ where: "n", came: cameOf(n), expected: "a whole number of at least 0" });
}

/**
 * The key derived from `key` by each datum in turn: `fold(key, a, b)` is `fold(fold(key, a), b)`.
 * @throws InputError when a number is not an integer in 0 .. 2^53 - 1.
 *
 * @example
 * ```ts
 * import { createKey, fold, random } from "jkoflow";
 *
 * const key = createKey(1);
 * const noise = random.normal(fold(key, "noise", 3), 100); // what is drawn elsewhere by `key` has no part in it
 * const order = random.permutation(fold(key, "order"), 100);
 * console.log(noise.length, order.length); // 100 100
 * ```
 */
export function fold(key: Key, ...data: readonly (number | string)[]): Key {
  let folded = key;
  for (const datum of data) {
    if (typeof datum === "string") {
      folded = derive(folded, fnv1a(datum, 0x811c9dc5), FOLD_STRING);
    } else {
      if (!Number.isSafeInteger(datum) || datum < 0) {
        const expected = "an integer in 0 .. 2^53 - 1, or a word";
        throw new InputError({ where: "fold", came: cameOf(datum), expected });
      }
      folded = derive(folded, datum >>> 0, FOLD_NUMBER + Math.floor(datum / WORD));
    }
  }
  return folded;
}

/**
 * `n` keys, independent of each other, of `key` and of its folds. @throws InputError as `checkDraw`.
 *
 * @example
 * ```ts
 * import { createKey, fold, split } from "jkoflow/random";
 *
 * const [first, second] = split(createKey(7), 2); // independent of each other
 * console.log(first.k0 === second.k0, fold(first, "noise", 3).k0 === fold(first, "noise", 3).k0); // false true
 * ```
 */
export function split(key: Key, n: number): Key[] {
  checkDraw(key, n);
  return Array.from({ length: n }, (_, i) => derive(key, i, SPLIT));
}

function derive(key: Key, ctr0: number, ctr1: number): Key {
  const out = new Uint32Array(2);
  threefry2x32(key.k0, key.k1, ctr0, ctr1, out);
  return { k0: out[0], k1: out[1] };
}

/**
 * FNV-1a, 32 bits, of the UTF-8 bytes (Fowler, Noll, Vo; draft-eastlake-fnv). `basis` 0x811c9dc5 is the standard one;
 * another basis gives a second hash.
 */
function fnv1a(text: string, basis: number): number {
  let hash = basis;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
