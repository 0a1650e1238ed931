import { expect, test } from "vitest";
import { createKey, fold, type Key, normal } from "../random/index.ts";
import { bestPower, binomialRange } from "./binomial.testing.ts";
import { classifierTest } from "./classifierTest.ts";
import { energyDistance } from "./energyDistance.ts";
import { medianDistance, mmd, mmdTest } from "./mmd.ts";
import { slicedWasserstein, slicedWassersteinTest } from "./slicedWasserstein.ts";
import { testsOfFit } from "./testsOfFit.ts";

const cols = 2;
const draw = (key: Key, rows: number, shift = 0): Float32Array => normal(key, rows * cols).map((v) => v + shift);

/** Mean of k over all pairs, by the definition. */
function meanKernel(x: Float32Array, y: Float32Array, k: (square: number) => number): number {
  const [n, m] = [x.length / cols, y.length / cols];
  let sum = 0;
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < m; b++) {
      sum += k((x[2 * a] - y[2 * b]) ** 2 + (x[2 * a + 1] - y[2 * b + 1]) ** 2) / (n * m);
    }
  }
  return sum;
}

test("MMD and energy distance are their definitions", () => {
  const [x, y] = [draw(createKey(1), 30), draw(createKey(2), 45, 0.5)];
  const gaussian = (square: number): number => Math.exp(-square / 2 / 0.7 ** 2);
  const [xx, yy, xy] = [meanKernel(x, x, gaussian), meanKernel(y, y, gaussian), meanKernel(x, y, gaussian)];
  const result = mmd(x, y, cols, createKey(0), { bandwidth: 0.7 });
  expect(result.biased).toBeCloseTo(xx + yy - 2 * xy, 12);
  expect(result.unbiased).toBeCloseTo((xx * 30 - 1) / 29 + (yy * 45 - 1) / 44 - 2 * xy, 12);
  expect(result.rows).toEqual([30, 45]);
  const energy = energyDistance(x, y, cols, createKey(0), { permutations: 0 });
  const [ex, ey, exy] = [meanKernel(x, x, Math.sqrt), meanKernel(y, y, Math.sqrt), meanKernel(x, y, Math.sqrt)];
  expect(energy.biased).toBeCloseTo(2 * exy - ex - ey, 12);
  expect(energy.unbiased).toBeCloseTo(2 * exy - (ex * 30) / 29 - (ey * 45) / 44, 12);
});

test("the energy distance's p-value does not depend on the units of the columns", () => {
  const [x, y] = [draw(createKey(1), 60), draw(createKey(2), 60, 2)];
  const pValues = [1, 1e-15, 1e12].map((unit) => {
    const scaled = [x, y].map((rows) => rows.map((value) => value * unit));
    return energyDistance(scaled[0], scaled[1], cols, createKey(0), { permutations: 199 }).pValue;
  });
  expect(pValues).toEqual([0.005, 0.005, 0.005]);
});

test("bandwidths: the median distance of different rows, a tenth of it, and 1", () => {
  const line = Float32Array.of(0, 0, 1, 0, 3, 0, 7, 0); // distances 1, 2, 3, 4, 6, 7
  expect(medianDistance(line, cols, createKey(0))).toBe(3.5);
  const of = (bandwidth: "median" | "tenth" | "unit"): number =>
    mmd(line, line, cols, createKey(0), { bandwidth }).bandwidth;
  expect([of("median"), of("unit")]).toEqual([3.5, 1]);
  expect(of("tenth")).toBeCloseTo(0.35, 12);
  expect(() => mmd(new Float32Array(8), line, cols, createKey(0))).toThrow('bandwidth: 0 as "median"');
});

const options = { permutations: 99 };
/** Every test with a p-value; what holds for all of them is tested over this list. */
const tests: Readonly<Record<string, (x: Float32Array, y: Float32Array, key: Key) => number>> = {
  mmd: (x, y, key) => mmdTest(x, y, cols, key, options).pValue,
  energy: (x, y, key) => energyDistance(x, y, cols, key, options).pValue,
  classifier: (x, y, key) => classifierTest(x, y, cols, key, { permutations: 39, features: 16 }).pValue,
  sliced: (x, y, key) => slicedWassersteinTest(x, y, cols, key, { permutations: 99, projections: 10 }).pValue,
};

/** How many of `runs` pairs, y shifted by delta along the first column, a test finds different at level 0.05. */
function found(name: string, runs: number, rows: number, delta: number): number {
  let count = 0;
  for (let run = 0; run < runs; run++) {
    const key = fold(createKey(11), `${name} ${delta}`, run);
    const y = draw(fold(key, "y"), rows).map((value, i) => (i % cols === 0 ? value + delta : value));
    if (tests[name](draw(fold(key, "x"), rows), y, key) <= 0.05 + 1e-12) count++;
  }
  return count;
}

test.each(Object.keys(tests))("%s: false alarms come at the stated rate", (name) => {
  const runs = 300;
  // p <= 0.05 has chance 5 / 100 (2 / 40) exactly where values do not tie: a binomial count, outside with chance 1e-3.
  const [low, high] = binomialRange(runs, 0.05, 5e-4);
  const alarms = found(name, runs, 40, 0);
  expect(alarms).toBeLessThanOrEqual(high);
  // Accuracies are shares of 80 rows and tie, and ties count against an alarm.
  expect(alarms).toBeGreaterThanOrEqual(name === "classifier" ? 1 : low);
});

test.each(Object.keys(tests))("%s: power grows with the shift, up to the best possible", (name) => {
  const [runs, rows] = [60, 40];
  const counts = [0.4, 0.8, 1.2].map((delta) => {
    const count = found(name, runs, rows, delta);
    expect(count).toBeLessThanOrEqual(binomialRange(runs, bestPower(delta, rows, rows), 1e-4)[1]);
    return count;
  });
  expect(counts[0]).toBeLessThan(counts[1]);
  expect(counts[1]).toBeLessThan(counts[2]);
  // A shift of 1.2 in 40 rows has |shift|^2 n / 2 = 28.8: Hotelling's test of level 0.05 finds it with chance 0.998.
  if (name !== "classifier") expect(counts[2]).toBeGreaterThanOrEqual(binomialRange(runs, 0.95, 1e-3)[0]);
});

test.each(Object.keys(tests))("%s: a shift of one deviation in both columns is seen in 60 rows", (name) => {
  const key = fold(createKey(12), name);
  const p = tests[name](draw(fold(key, "x"), 60), draw(fold(key, "y"), 60, 1), key);
  expect(p).toBeLessThanOrEqual(0.025); // the least value of 39 permutations
});

test("the classifier sees a dependence that no marginal shows", () => {
  const y = draw(createKey(3), 300);
  const x = y.map((value, i) => (i % 2 === 0 ? value : Math.sign(y[i - 1]) * Math.abs(value)));
  const { accuracy, threshold, pValue } = classifierTest(x, draw(createKey(4), 300), cols, createKey(5));
  expect(accuracy).toBeGreaterThan(0.65);
  expect(accuracy).toBeGreaterThan(threshold);
  expect(pValue).toBeLessThan(0.01);
});

test("tying rows into cells keeps the false alarms and the threshold", () => {
  const runs = 15;
  let alarms = 0;
  let [tied, loose] = [0, 0];
  for (let run = 0; run < runs; run++) {
    const key = fold(createKey(13), run);
    const [x, y] = [draw(fold(key, "x"), 560), draw(fold(key, "y"), 560)]; // 1,120 rows: cells of two
    const result = mmdTest(x, y, cols, key, { permutations: 99, bandwidth: 1 });
    if (result.pValue <= 0.05) alarms++;
    tied += result.threshold * 560;
    // 1,000 rows stay single; thresholds scale with 1 / rows.
    loose += mmdTest(x, y, cols, key, { permutations: 99, bandwidth: 1, maxRows: 500 }).threshold * 500;
  }
  expect(alarms).toBeLessThanOrEqual(4); // mean 0.75, deviation 0.84
  // A threshold of 99 permutations varies by about 6 %, the ratio of two means over 15 runs by 2 %.
  expect(Math.abs(tied / loose - 1)).toBeLessThan(0.06);
});

test("under equality the V-statistic has the mean (1/N + 1/M)(1 - E k)", () => {
  const runs = 60;
  let sum = 0;
  for (let run = 0; run < runs; run++) {
    const key = fold(createKey(14), run);
    sum += mmd(draw(fold(key, "x"), 50), draw(fold(key, "y"), 100), cols, key, { bandwidth: 1 }).biased / runs;
  }
  // x - x' has variance 2 per column, so E exp(-|x - x'|^2 / 2) = 1 / (1 + 2) in two dimensions.
  expect(sum / ((1 / 50 + 1 / 100) * (1 - 1 / 3))).toBeCloseTo(1, 0.5);
});

test("sliced Wasserstein: by hand on a line, and for a shift", () => {
  // Quantile steps: 0 up to 1/2, 1/6 * 1 up to 2/3, then 1/3 * 4.
  expect(slicedWasserstein(Float32Array.of(1, 0), Float32Array.of(0, 3, 0), 1, createKey(0)) ** 2).toBeCloseTo(1.5, 12);
  const x = draw(createKey(6), 200);
  const y = x.map((value, i) => value + (i % 2 === 0 ? 3 : 4));
  // A shift v costs <u, v>^2 on the line u, |v|^2 / d on average; 2,000 lines fix it to 2 %.
  expect(slicedWasserstein(x, y, cols, createKey(0), { projections: 2000 })).toBeCloseTo(5 / Math.SQRT2, 0.8);
  expect(slicedWasserstein(x, x, cols, createKey(0))).toBe(0);
});

test("the sliced test measures the distance, and counts permutations by hand", () => {
  const [x, y] = [draw(createKey(7), 50), draw(createKey(8), 80, 0.3)];
  const key = createKey(9);
  const { distance, threshold, pValue, rows } = slicedWassersteinTest(x, y, cols, key, { projections: 20 });
  expect(distance).toBeCloseTo(slicedWasserstein(x, y, cols, key, { projections: 20 }), 12);
  expect(rows).toEqual([50, 80]);
  expect(pValue <= 0.05).toBe(distance > threshold);
  // Two and two rows on a line: of the 6 ways to deal them, 2 are as far apart as {0, 1} and {5, 6}.
  const far = slicedWassersteinTest(Float32Array.of(0, 1), Float32Array.of(5, 6), 1, key, { permutations: 600 });
  expect(far.distance).toBe(5);
  const [low, high] = binomialRange(600, 1 / 3, 1e-3);
  expect(far.pValue * 601 - 1).toBeGreaterThanOrEqual(low);
  expect(far.pValue * 601 - 1).toBeLessThanOrEqual(high);
});

test("all tests at once are the tests one by one", () => {
  const [x, y] = [draw(createKey(15), 60), draw(createKey(16), 60, 0.4)];
  const key = createKey(17);
  const { tests: all, pValue } = testsOfFit(x, y, cols, key, { permutations: 99 });
  const alone = (["median", "unit", "tenth"] as const).map((bandwidth) =>
    mmdTest(x, y, cols, key, { bandwidth, permutations: 99 }),
  );
  all.slice(0, 3).forEach((result, k) => {
    const { biased, unbiased, threshold, pValue: p, bandwidth, rows } = alone[k];
    expect(result).toMatchObject({ statistic: biased, unbiased, threshold, pValue: p, bandwidth, rows });
  });
  const energy = energyDistance(x, y, cols, key, { permutations: 99 });
  expect(all[3]).toMatchObject({ statistic: energy.biased, threshold: energy.threshold, pValue: energy.pValue });
  expect(all.map(({ name }) => name).slice(3)).toEqual([
    "energy distance",
    "classifier",
    "boosted trees",
    "sliced Wasserstein",
  ]);
  expect(pValue).toBe(Math.min(1, 7 * Math.min(...all.map((result) => result.pValue))));
});

test("wrong input is refused by name", () => {
  const x = draw(createKey(1), 20);
  expect(() => mmdTest(x, x.subarray(0, 3), cols, createKey(0))).toThrow("y: 3 numbers");
  expect(() => energyDistance(x, x, cols, createKey(0), { level: 2 })).toThrow("level");
  expect(() => slicedWasserstein(x, x, cols, createKey(0), { projections: 0 })).toThrow("projections");
  expect(() => slicedWassersteinTest(x, x, cols, createKey(0), { permutations: 0 })).toThrow("permutations 0");
  expect(() => classifierTest(x.subarray(0, 4), x, cols, createKey(0))).toThrow("x: 2 rows, expected at least 10");
});
