import { describe, expect, it } from "vitest";
import { createKey, fold, normal, uniform } from "../random/index.ts";
import { carryingRows, compareModels } from "./comparison.ts";

/** n differences of mean 0.5 and deviation 1 about a reference of its own. */
function models(n: number, seed: number) {
  const key = createKey(seed);
  const reference = normal(fold(key, "reference"), n);
  const by = normal(fold(key, "by"), n);
  const better = Float64Array.from(reference, (value, i) => value + 0.5 + by[i]);
  return { reference: Float64Array.from(reference), better };
}

describe("compareModels", () => {
  it("is the paired difference where no row is odd", () => {
    for (let seed = 0; seed < 20; seed++) {
      const { reference, better } = models(1000, seed);
      const comparison = compareModels(better, reference);
      expect(comparison.carriers).toEqual([]);
      expect(comparison.trimmed).toEqual({ mean: comparison.mean, standardError: comparison.standardError });
      expect(Math.abs(comparison.mean + 0.5)).toBeLessThan(4 * comparison.standardError);
    }
  });

  it("names the rows that carry the mean, and judges without them", () => {
    const { reference, better } = models(1000, 1);
    const odd = reference.slice();
    odd[417] = -2.5e10; // the reference costs 2.5e10 nats there
    odd[3] -= 1e9;
    const comparison = compareModels(better, odd);
    expect(comparison.carriers).toEqual([417]);
    expect(comparison.mean).toBeLessThan(-2.5e7);
    const both = better.slice();
    both[417] -= 2.5e10 + 300; // now both do, the better one more
    both[3] -= 1e9;
    expect(compareModels(both, odd).carriers).toEqual([417]);
    const plain = compareModels(better, reference);
    expect(compareModels(both, odd).trimmed.mean).toBeCloseTo(plain.mean, 2);
    expect(compareModels(both, odd).median).toBeCloseTo(plain.median, 12);
  });

  it("does not take the tails of Student's law with three degrees of freedom for odd rows", () => {
    let odd = 0;
    for (let seed = 0; seed < 50; seed++) {
      const [z, a, b, c] = ["z", "a", "b", "c"].map((name) => normal(fold(createKey(seed), name), 1000));
      const t = Float64Array.from(z, (value, i) => value / Math.sqrt((a[i] ** 2 + b[i] ** 2 + c[i] ** 2) / 3));
      if (carryingRows(t).length > 0) odd++;
    }
    expect(odd).toBeLessThan(15); // its fourth moment is infinite: now and then a single row does carry the mean
  });

  it("does not take the farthest of few normal rows for an odd one, and still finds one that is", () => {
    for (const n of [10, 20, 50, 99]) {
      let odd = 0;
      for (let seed = 0; seed < 200; seed++) {
        const nll = Float64Array.from(normal(fold(createKey(seed), "few"), n), (x) => x ** 2 / 2);
        if (carryingRows(nll).length > 0) odd++;
        nll[3] += 1000;
        expect(carryingRows(nll)).toEqual([3]);
      }
      expect(odd).toBeLessThanOrEqual(n < 20 ? 16 : 6);
    }
  });

  it("calls nothing odd among fewer than ten rows, nor among equal ones", () => {
    expect(carryingRows(Float64Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1e9))).toEqual([]);
    expect(carryingRows(new Float64Array(100))).toEqual([]);
    expect(carryingRows(Float64Array.from(uniform(createKey(0), 100)))).toEqual([]);
  });

  it("takes at most a hundredth of the rows", () => {
    const values = Float64Array.from(normal(createKey(2), 1000));
    for (let i = 0; i < 30; i++) values[i] += 1000; // a group of 3 % is no oddity but a kind of rows
    expect(carryingRows(values)).toEqual([]);
  });
});
