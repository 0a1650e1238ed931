import { describe, expect, it } from "vitest";
import { InputError } from "../errors/errors.ts";
import { normal } from "./distributions.ts";
import { checkDraw, createKey, fold, type Key, split } from "./key.ts";
import { threefry2x32 } from "./threefry.ts";

const text = (key: { k0: number; k1: number }): string => `${key.k0},${key.k1}`;

function correlation(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum / a.length;
}

describe("createKey", () => {
  it("takes integers as they are, in two words", () => {
    expect(createKey(7)).toEqual({ k0: 7, k1: 0 });
    expect(createKey(2 ** 32 + 5)).toEqual({ k0: 5, k1: 1 });
    expect(createKey(0xffffffffffffffffn)).toEqual({ k0: 0xffffffff, k1: 0xffffffff });
    expect(createKey(-1)).toEqual(createKey(-1n));
  });
  it("hashes strings by FNV-1a", () => {
    // Published values: FNV-1a 32 of "a" is e40c292c, of "foobar" bf9cf968.
    expect(createKey("a").k0).toBe(0xe40c292c);
    expect(createKey("foobar").k0).toBe(0xbf9cf968);
    expect(createKey("42")).not.toEqual(createKey(42));
  });
  it("refuses what is not an integer of 64 bits", () => {
    expect(() => createKey(0.5)).toThrow(InputError);
    expect(() => createKey(Number.NaN)).toThrow(InputError);
    expect(() => createKey(2 ** 60)).toThrow(InputError);
    expect(() => createKey(1n << 64n)).toThrow(InputError);
    expect(() => createKey(0.5)).toThrow("seed: 0.5, expected an integer of at most 53 bits");
    const nothing = undefined as unknown as number;
    expect(() => createKey(nothing)).toThrow("seed: nothing, expected an integer or a word");
    for (const other of [null, true, [1], {}, { k0: 1, k1: 2 }]) {
      expect(() => createKey(other as unknown as number)).toThrow(InputError);
    }
  });
});

describe("fold and split", () => {
  const key = createKey(1);
  it("is threefry of the datum", () => {
    const out = new Uint32Array(2);
    threefry2x32(1, 0, 3, 0x80000000, out);
    expect(fold(key, 3)).toEqual({ k0: out[0], k1: out[1] });
  });
  it("folds one datum after the other", () => {
    expect(fold(key, "a", 3)).toEqual(fold(fold(key, "a"), 3));
    expect(fold(key)).toEqual(key);
  });
  it("gives different keys for different data", () => {
    const keys = new Set<string>([text(key)]);
    for (let i = 0; i < 1000; i++) keys.add(text(fold(key, i)));
    for (let i = 0; i < 1000; i++) keys.add(text(fold(key, String(i))));
    for (const part of split(key, 1000)) keys.add(text(part));
    keys.add(text(fold(key, 2 ** 40)));
    expect(keys.size).toBe(3002);
  });
  it("gives independent streams", () => {
    // The correlation of n independent pairs has standard deviation 1 / sqrt(n); 4.5 of them over 45 pairs.
    const n = 20_000;
    const streams = [key, fold(key, 0), fold(key, 1), fold(key, "0"), fold(key, "a"), ...split(key, 5)].map((k) =>
      normal(k, n),
    );
    for (let i = 0; i < streams.length; i++) {
      for (let j = 0; j < i; j++) {
        expect(Math.abs(correlation(streams[i], streams[j]))).toBeLessThan(4.5 / Math.sqrt(n));
      }
    }
  });
  it("refuses numbers that are not counters", () => {
    expect(() => fold(key, -1)).toThrow(InputError);
    expect(() => fold(key, 1.5)).toThrow(InputError);
    expect(() => fold(key, undefined as unknown as number)).toThrow("fold: nothing, expected an integer in 0");
  });
});

describe("checkDraw", () => {
  const refused = (key: unknown, n: unknown) => () => checkDraw(key as Key, n as number);
  it("takes keys, folded ones, ones that were JSON, and whole numbers", () => {
    for (const key of [createKey(-1), fold(createKey("a"), 2), JSON.parse(JSON.stringify(createKey(3)))]) {
      expect(refused(key, 0)).not.toThrow();
      expect(refused(key, 2 ** 40)).not.toThrow();
    }
  });
  it("says how to make a key of what came", () => {
    expect(refused(1, 2)).toThrow(
      new InputError({ where: "key", came: "1", expected: "a key", fix: "make one: createKey(1)" }),
    );
    expect(refused("a", 2)).toThrow('key: "a", expected a key; make one: createKey("a")');
    expect(refused(undefined, 2)).toThrow("key: nothing, expected a key; make one: createKey(1)");
    for (const other of [
      null,
      Number.NaN,
      {},
      { k0: 1 },
      { k0: 1, k1: -1 },
      { k0: 0.5, k1: 1 },
      { k0: "1", k1: "2" },
    ]) {
      expect(refused(other, 2)).toThrow(InputError);
    }
  });
  it("says what n is", () => {
    const key = createKey(1);
    expect(refused(key, -1)).toThrow("n: -1, expected a whole number of at least 0");
    expect(refused(key, 1.5)).toThrow("n: 1.5, expected");
    expect(refused(key, undefined)).toThrow("n: nothing, expected");
    for (const other of [Number.NaN, Infinity, "3", 3n, null]) expect(refused(key, other)).toThrow(InputError);
    expect(() => split(key, 1.5)).toThrow("n: 1.5");
    expect(() => split(7 as unknown as Key, 2)).toThrow("key: 7, expected a key; make one: createKey(7)");
  });
});
