import { expect, test } from "vitest";
import { categorical, createKey, fold, type Key, normal, uniform } from "../random/index.ts";
import { binomialRange } from "./binomial.testing.ts";
import { boostedTreesTest } from "./boostedTreesTest.ts";
import { testsOfFit } from "./testsOfFit.ts";

/** Tables of many kinds; what holds under equality is tested over this list. */
const shapes: Readonly<
  Record<string, { readonly cols: number; readonly draw: (key: Key, rows: number) => Float64Array }>
> = {
  "a normal column": { cols: 1, draw: (key, rows) => Float64Array.from(normal(key, rows)) },
  "normal columns": { cols: 6, draw: (key, rows) => Float64Array.from(normal(key, 6 * rows)) },
  "categories alone": {
    cols: 2,
    draw: (key, rows) => Float64Array.from(categorical(key, 2 * rows, [0.6, 0.25, 0.1, 0.05])),
  },
  "skew, ties and gaps": {
    cols: 3,
    draw: (key, rows) => {
      const [z, u] = [normal(fold(key, "z"), 3 * rows), uniform(fold(key, "u"), 3 * rows)];
      return Float64Array.from(z, (value, i) => (u[i] < 0.1 ? Number.NaN : Math.round(10 * Math.exp(value)) / 10));
    },
  },
};

test("few judged rows: the least p-values come as often as a permutation test promises", () => {
  // Trees on 3 pairs a fold believe in a handful of values, so that ties abound, and learn more from a lucky fold. Each p = k / 20 has
  // chance 1 / 20 by construction but for runs in which no fold has an opinion.
  const [runs, permutations] = [1500, 19];
  const counts = new Int32Array(1 + permutations);
  for (let run = 0; run < runs; run++) {
    const key = fold(createKey(29), run);
    const [x, y] = ["x", "y"].map((name) => Float64Array.from(categorical(fold(key, name), 15, [0.5, 0.3, 0.2])));
    const { pValue } = boostedTreesTest(x, y, 1, key, { permutations, trees: 4, leafRows: 1 });
    counts[Math.round(pValue * (1 + permutations)) - 1]++;
  }
  const [low, high] = binomialRange(runs, 1 / (1 + permutations), 5e-4 / permutations);
  for (const count of counts.subarray(0, permutations)) {
    expect(count).toBeGreaterThanOrEqual(low);
    expect(count).toBeLessThanOrEqual(high);
  }
});

test.each(Object.entries(shapes))("%s: false alarms come at the stated rate", (name, { cols, draw }) => {
  const [runs, rows] = [100, 40];
  let alarms = 0;
  for (let run = 0; run < runs; run++) {
    const key = fold(createKey(21), name, run);
    const options = { permutations: 99, trees: 10 };
    const { pValue } = boostedTreesTest(draw(fold(key, "x"), rows), draw(fold(key, "y"), rows), cols, key, options);
    if (pValue <= 0.05 + 1e-12) alarms++;
  }
  // p <= 0.05 has chance 5 / 100 without ties: a binomial count, outside with chance 1e-3.
  const [low, high] = binomialRange(runs, 0.05, 5e-4);
  expect(alarms).toBeLessThanOrEqual(high);
  expect(alarms).toBeGreaterThanOrEqual(low);
  expect(alarms).toBeGreaterThan(0);
});

test("a clear shift is told with near certainty, equal rows not at all", () => {
  const x = Float32Array.from({ length: 100 }, (_, i) => i / 100);
  const far = boostedTreesTest(
    x,
    x.map((value) => value + 2),
    1,
    createKey(22),
    { permutations: 199 },
  );
  expect(far).toMatchObject({ accuracy: 1, rows: 100, judged: 160, pValue: 1 / 200 });
  expect(far.probability).toBeGreaterThan(0.9);
  // Equal rows on both sides: no split tells anything that holds on other rows.
  const same = boostedTreesTest(new Float32Array(100), new Float32Array(100), 1, createKey(22), { permutations: 199 });
  expect(same).toMatchObject({ statistic: 0, probability: 0.5, accuracy: 0.5, pValue: 1 });
});

test("kinds of difference that are seen: a rounding, a rare impossible level, a dependence, a rate of gaps", () => {
  const rows = 900;
  const key = createKey(23);
  const z = (name: string): Float64Array => Float64Array.from(normal(fold(key, name), 2 * rows));
  const p = (change: (value: number, i: number, all: Float64Array) => number): number =>
    boostedTreesTest(z("x"), z("y").map(change), 2, key, { permutations: 199 }).pValue;
  expect(p((value) => Math.round(4 * value) / 4)).toBe(1 / 200);
  expect(p((value, i) => (i % 20 === 0 ? 9 : value))).toBeLessThan(0.02); // one row in ten
  expect(p((value, i, all) => (i % 2 === 1 ? 0.6 * all[i - 1] + 0.8 * value : value))).toBe(1 / 200);
  expect(p((value, i) => (i % 20 === 0 ? Number.NaN : value))).toBeLessThan(0.02);
});

test("the same key gives the same figures, and rows beyond the bound are left out", () => {
  const [x, y] = ["x", "y"].map((name) => normal(fold(createKey(24), name), 200));
  const options = { permutations: 49, maxRows: 50 };
  expect(boostedTreesTest(x, y, 1, createKey(1), options)).toEqual(boostedTreesTest(x, y, 1, createKey(1), options));
  expect(boostedTreesTest(x, y, 1, createKey(1), options)).toMatchObject({ rows: 50, judged: 80 });
});

test("ties, an atom and skew that standardised columns hide are found on raw rows, and count in the joint verdict", () => {
  // Sizes of one decimal with an atom at the top, and whole prices that follow them; the model draws them without digits: the
  // other tests see columns whose scale the noise leaves alone.
  const rows = 400;
  const table = (key: Key): Float64Array => {
    const [u, z] = [uniform(fold(key, "u"), rows), normal(fold(key, "z"), rows)];
    return Float64Array.from({ length: 2 * rows }, (_, i) => {
      const size = Math.min(3, -Math.log(u[i >> 1]));
      return i % 2 === 0 ? Math.round(2 * size) / 2 : Math.round(100 * Math.exp(size + 0.3 * z[i >> 1]));
    });
  };
  const [x, other] = [table(createKey(25)), table(createKey(26))];
  const noise = uniform(createKey(27), 2 * rows);
  const y = other.map((value, i) => (i % 2 === 0 ? Math.round(10 * (value + 0.5 * noise[i] - 0.25)) / 10 : value));
  const scaled = (values: Float64Array): Float32Array => Float32Array.from(values, (v, i) => v / [0.8, 500][i % 2]);
  const options = { permutations: 159, maxRows: rows };
  const raw = { rows: x, samples: y, cols: 2 };
  const fit = testsOfFit(scaled(x), scaled(y), 2, createKey(28), { ...options, raw });
  const p = Object.fromEntries(fit.tests.map(({ name, pValue }) => [name, pValue]));
  expect(p["boosted trees"]).toBe(1 / 160);
  expect(p.classifier).toBeGreaterThan(0.05);
  expect(fit.tests).toHaveLength(7);
  expect(fit.pValue).toBeCloseTo(7 / 160, 12);
  // 640 judged rows at level 0.05 / 7: one half + (2.45 + 0.84) / (2 sqrt 640).
  expect(fit.detectable).toBeCloseTo(0.565, 2);
});

test("refusals", () => {
  const x = new Float32Array(20);
  expect(() => boostedTreesTest(x, x, 3, createKey(1))).toThrow("whole rows of 3 columns");
  expect(() => boostedTreesTest(x.subarray(0, 9), x, 1, createKey(1))).toThrow("at least 10");
  expect(() => boostedTreesTest(x, x, 1, createKey(1), { folds: 1 })).toThrow("folds 1");
});
