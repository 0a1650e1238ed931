import { describe, expect, it } from "vitest";
import {
  categorical,
  fillNormal,
  fillRademacher,
  fillUniform,
  integers,
  normal,
  normalAt,
  permutation,
  rademacher,
  rademacherAt,
  uniform,
  uniform32,
  uniformAt,
} from "./distributions.ts";
import { createKey, fold } from "./key.ts";
import { threefry2x32 } from "./threefry.ts";
import { drawBelow } from "./words.ts";

const key = createKey(2024);

function moment(values: ArrayLike<number>, power: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ** power;
  return sum / values.length;
}

/** The normal distribution function by its series (Abramowitz and Stegun 26.2.11). */
function normalCdf(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 1; k < 400 && Math.abs(term) > 1e-17; k++) {
    term *= (x * x) / (2 * k + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI);
}

function hash(values: Float32Array): string {
  let h = 0x811c9dc5;
  for (const byte of new Uint8Array(values.buffer)) h = Math.imul(h ^ byte, 0x01000193);
  return (h >>> 0).toString(16);
}

describe("normal", () => {
  const n = 200_000;
  const x = normal(key, n);
  it("has the moments of N(0, 1)", () => {
    // Standard errors: 1, sqrt 2, sqrt 15, sqrt 96 over sqrt n; 4 of them.
    const s = 4 / Math.sqrt(n);
    expect(Math.abs(moment(x, 1))).toBeLessThan(s);
    expect(Math.abs(moment(x, 2) - 1)).toBeLessThan(s * Math.sqrt(2));
    expect(Math.abs(moment(x, 3))).toBeLessThan(s * Math.sqrt(15));
    expect(Math.abs(moment(x, 4) - 3)).toBeLessThan(s * Math.sqrt(96));
  });
  it("passes the Kolmogorov-Smirnov test", () => {
    const sorted = Float32Array.from(x).sort();
    let distance = 0;
    for (let i = 0; i < n; i++) {
      const f = normalCdf(sorted[i]);
      distance = Math.max(distance, Math.abs(f - i / n), Math.abs(f - (i + 1) / n));
    }
    expect(distance * Math.sqrt(n)).toBeLessThan(1.95); // p = 0.001
  });
  it("has independent neighbours", () => {
    for (const lag of [1, 2, 3]) {
      let sum = 0;
      for (let i = lag; i < n; i++) sum += x[i] * x[i - lag];
      expect(Math.abs(sum / n)).toBeLessThan(4 / Math.sqrt(n));
    }
  });
  it("follows the contract with the kernels, element by element", () => {
    const words = new Uint32Array(2);
    for (const c of [0, 1, 77, 2 ** 33 + 1]) {
      threefry2x32(key.k0, key.k1, c % 2 ** 32, Math.floor(c / 2 ** 32), words);
      const r = Math.sqrt(-2 * Math.log(((words[0] >>> 8) + 0.5) / 2 ** 24));
      const angle = 2 * Math.PI * (((words[1] >>> 8) + 0.5) / 2 ** 24);
      expect(normalAt(key, 2 * c)).toBeCloseTo(r * Math.cos(angle), 13);
      expect(normalAt(key, 2 * c + 1)).toBeCloseTo(r * Math.sin(angle), 13);
    }
  });
  it("can be cut anywhere", () => {
    for (const offset of [0, 1, 2, 5, 2 ** 33 + 1]) {
      const part = new Float32Array(7);
      fillNormal(key, offset, part);
      expect(Array.from(part)).toEqual(Array.from(part, (_, i) => Math.fround(normalAt(key, offset + i))));
    }
    fillNormal(key, 3, new Float32Array(0));
  });
  it("never changes its bits", () => {
    // Recorded once; the values themselves are checked above. A change here breaks every saved seed.
    expect(hash(normal(createKey(0), 1000))).toBe("ed872a69");
  });
});

describe("uniform", () => {
  it("lies in (0, 1) with the right moments", () => {
    const n = 100_000;
    for (const u of [uniform(key, n), uniform32(key, n)]) {
      expect(Math.abs(moment(u, 1) - 1 / 2)).toBeLessThan(4 * Math.sqrt(1 / 12 / n));
      expect(Math.abs(moment(u, 2) - 1 / 3)).toBeLessThan(4 * Math.sqrt(4 / 45 / n));
      expect(u.every((v) => v > 0 && v < 1)).toBe(true);
    }
  });
  it("can be cut anywhere", () => {
    for (const offset of [0, 1, 2 ** 33 + 1]) {
      const part = new Float32Array(6);
      fillUniform(key, offset, part);
      expect(Array.from(part)).toEqual(Array.from(part, (_, i) => Math.fround(uniformAt(key, offset + i))));
    }
  });
  it("stays below 1 in float32", () => {
    // Find an element whose 24 bits are all ones, so that rounding to float32 would give 1.
    const words = new Uint32Array(2);
    let i = 0;
    for (let c = 0; i === 0; c++) {
      threefry2x32(9, 9, c, 0, words);
      if (words[0] >>> 8 === 0xffffff) i = 2 * c;
      else if (words[1] >>> 8 === 0xffffff) i = 2 * c + 1;
    }
    const one = new Float32Array(1);
    fillUniform({ k0: 9, k1: 9 }, i, one);
    expect(one[0]).toBe(1 - 2 ** -24);
    expect(uniformAt({ k0: 9, k1: 9 }, i)).toBe(1 - 2 ** -25);
  });
});

describe("rademacher", () => {
  it("is a fair sign taken from the top bit", () => {
    const n = 100_000;
    const x = rademacher(key, n);
    expect(x.every((v) => v === 1 || v === -1)).toBe(true);
    expect(Math.abs(moment(x, 1))).toBeLessThan(4 / Math.sqrt(n));
    for (let i = 0; i < 50; i++) expect(x[i]).toBe(uniformAt(key, i) < 0.5 ? 1 : -1);
  });
  it("can be cut anywhere", () => {
    const part = new Float32Array(6);
    fillRademacher(key, 2 ** 33 + 1, part);
    expect(Array.from(part)).toEqual(Array.from(part, (_, i) => rademacherAt(key, 2 ** 33 + 1 + i)));
  });
});

describe("integers", () => {
  it("is uniform", () => {
    const n = 60_000;
    const counts = new Array(6).fill(0);
    for (const v of integers(key, n, -2, 4)) counts[v + 2]++;
    const chi2 = counts.reduce((sum, c) => sum + (c - n / 6) ** 2 / (n / 6), 0);
    expect(chi2).toBeLessThan(20.5); // p = 0.001 with 5 degrees of freedom
  });
  it("rejects the incomplete multiple", () => {
    const bound = 3 * 2 ** 30; // words from 3 * 2^30 on are rejected
    const list = [2 ** 32 - 1, 3 * 2 ** 30, 5];
    expect(drawBelow(() => list.shift()!, bound)).toBe(5);
    expect(list).toEqual([]);
    expect(integers(key, 3, 0, 2 ** 32).every((v) => v >= 0 && v < 2 ** 32)).toBe(true);
  });
  it("refuses an empty or too wide range", () => {
    expect(() => integers(key, 1, 0, 0)).toThrow(RangeError);
    expect(() => integers(key, 1, 0.5, 2)).toThrow(RangeError);
    expect(() => integers(key, 1, 0, 2 ** 33)).toThrow(RangeError);
  });
});

describe("permutation", () => {
  it("holds each index once", () => {
    const n = 1000;
    expect(Array.from(permutation(key, n)).sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
    expect(permutation(key, 0).length).toBe(0);
  });
  it("gives all six orders of three alike", () => {
    const draws = 12_000;
    const counts = new Map<string, number>();
    for (let i = 0; i < draws; i++) {
      const order = permutation(fold(key, i), 3).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    let chi2 = 0;
    for (const count of counts.values()) chi2 += (count - draws / 6) ** 2 / (draws / 6);
    expect(chi2).toBeLessThan(20.5); // p = 0.001 with 5 degrees of freedom
  });
});

describe("categorical", () => {
  it("follows the weights and never draws a weight of zero", () => {
    const weights = [0, 1, 2, 0, 5, 0];
    const n = 80_000;
    const counts = new Array(6).fill(0);
    for (const k of categorical(key, n, weights)) counts[k]++;
    expect(counts[0] + counts[3] + counts[5]).toBe(0);
    const chi2 = [1, 2, 4].reduce(
      (sum, k) => sum + (counts[k] - (n * weights[k]) / 8) ** 2 / ((n * weights[k]) / 8),
      0,
    );
    expect(chi2).toBeLessThan(13.8); // p = 0.001 with 2 degrees of freedom
  });
  it("refuses bad weights", () => {
    expect(() => categorical(key, 1, [1, -1])).toThrow(RangeError);
    expect(() => categorical(key, 1, [Number.NaN])).toThrow(RangeError);
    expect(() => categorical(key, 1, [0, 0])).toThrow(RangeError);
    expect(() => categorical(key, 1, [])).toThrow(RangeError);
  });
});
