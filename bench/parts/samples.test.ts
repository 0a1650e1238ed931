import { expect, it } from "vitest";
import { createKey, normal } from "../../packages/jkoflow/src/random/index.ts";
import { fitGaussianCopula } from "./gaussianCopula.ts";
import { codingOf, csvOf } from "./sampleSets.ts";
import { treeAccuracy } from "./treeAccuracy.ts";

it("a copula keeps the margins, ties and gaps included, and the correlation of normal columns", () => {
  const n = 3000;
  const z = normal(createKey(1), 2 * n);
  // A normal column, one that follows it with correlation 0.8, and a word in three quarters of the rows, else a gap.
  const x = new Float64Array(3 * n);
  for (let i = 0; i < n; i++) {
    const [a, b] = z.subarray(2 * i, 2 * i + 2);
    x.set([Math.exp(a), 0.8 * a + 0.6 * b, i % 4 === 0 ? Number.NaN : i % 3], 3 * i);
  }
  const samples = fitGaussianCopula(x, 3, [false, false, true], createKey(2)).sample(createKey(3), n);
  const column = (c: number): number[] => Array.from({ length: n }, (_, i) => samples[3 * i + c]);
  const seen = new Set(x);
  expect(samples.every((value) => seen.has(value))).toBe(true);
  const [a, b] = [column(0).map(Math.log), column(1)];
  const product = a.reduce((sum, value, i) => sum + (value * b[i]) / n, 0);
  // Standard error of a correlation of 0.8 over 3,000 rows: (1 - 0.64) / sqrt(3000) = 0.0066, twice, as it is fitted too; the
  // deviations of both columns are 1 within 2 %.
  expect(Math.abs(product - 0.8)).toBeLessThan(0.05);
  // A rate of 1/4 has a standard error of 0.008.
  const share = (of: (value: number) => boolean): number => column(2).filter(of).length / n;
  expect(Math.abs(share(Number.isNaN) - 0.25)).toBeLessThan(0.03);
  for (const word of [0, 1, 2]) expect(Math.abs(share((value) => value === word) - 0.25)).toBeLessThan(0.03);
});

it("text becomes numbers: words coded, decimals as the table has them, gaps NaN, columns by name", () => {
  const table = {
    columns: ["a", "w"],
    rows: [
      ["1.25", "x"],
      ["3", ""],
      ["", "y"],
    ],
  };
  const coding = codingOf(table);
  expect(coding.words).toEqual([false, true]);
  expect(Array.from(coding.numbers(table))).toEqual([1.25, 0, 3, Number.NaN, Number.NaN, 1]);
  const samples = { columns: ["w", "a"], rows: [["y", "0.123456"]] };
  expect(Array.from(coding.numbers(samples))).toEqual([0.12, 1]);
  expect(csvOf(table)).toBe("a,w\n1.25,x\n3,\n,y\n");
});

it("trees tell half of equal samples and all of far ones", () => {
  const [x, y] = [normal(createKey(4), 400), normal(createKey(5), 400)];
  // Cross-validated accuracy of 800 rows has a deviation of at most sqrt(2) / (2 sqrt 800) = 0.025 under equality.
  expect(Math.abs(treeAccuracy(x, y, 1, createKey(6)) - 0.5)).toBeLessThan(0.08);
  // One bin of two or three rows lies across the gap: 255 bins share the 640 rows that are learnt from.
  expect(
    treeAccuracy(
      x,
      y.map((value) => value + 20),
      1,
      createKey(6),
    ),
  ).toBeGreaterThan(0.98);
});
