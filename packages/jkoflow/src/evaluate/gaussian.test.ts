import { expect, test } from "vitest";
import { createKey, normal } from "../random/index.ts";
import { fitGaussian } from "./gaussian.ts";

test("moments and log-density of four points agree with the calculation by hand", () => {
  // Mean (1, 0), both variances 1/2, no correlation.
  const fit = fitGaussian(Float32Array.of(0, 0, 2, 0, 1, 1, 1, -1), 4, 2);
  expect(Array.from(fit.mean)).toEqual([1, 0]);
  expect(Array.from(fit.covariance)).toEqual([0.5, 0, 0, 0.5]);
  expect(fit.ridge).toBe(0);
  // -1/2 * 4 / 0.5 - log(2 pi) - 1/2 log(1/4)
  expect(fit.logProb(Float32Array.of(3, 0), 1)[0]).toBeCloseTo(-4 - Math.log(2 * Math.PI) + Math.log(2), 12);
});

test("the mean NLL of the fitted rows is the Gaussian's entropy", () => {
  const cols = 5;
  const x = normal(createKey(1), 400 * cols).map((value, i) => value * (1 + (i % cols)) + 1000 * (i % 2));
  const fit = fitGaussian(x, 400, cols);
  const mean = fit.logProb(x, 400).reduce((sum, value) => sum - value / 400, 0);
  // E z^T z = d for the fitted rows, so NLL = d/2 (1 + log 2 pi) - log det W exactly.
  expect(mean).toBeCloseTo((cols / 2) * (1 + Math.log(2 * Math.PI)) - fit.logDetWhitener, 8);
});

test.each([
  ["a copied column", Float32Array.of(1, 1, 2, 2, 4, 4, 3, 3), 4, 2],
  ["a constant column", Float32Array.of(1, 7, 2, 7, 4, 7), 3, 2],
  ["fewer rows than columns", Float32Array.of(1, 2, 3), 1, 3],
  ["all zero", new Float32Array(6), 3, 2],
])("%s gets a ridge and stays finite", (_, x, rows, cols) => {
  const fit = fitGaussian(x, rows, cols);
  expect(fit.ridge).toBeGreaterThan(0);
  expect(Array.from(fit.logProb(x, rows)).every(Number.isFinite)).toBe(true);
});

test("columns of very different units need no ridge", () => {
  const x = normal(createKey(2), 300).map((value, i) => value * (i % 3 === 0 ? 1e-6 : 1e6));
  expect(fitGaussian(x, 100, 3).ridge).toBe(0);
});

test("wrong shapes and missing values are refused by name", () => {
  expect(() => fitGaussian(new Float32Array(5), 3, 2)).toThrow("x: 5 numbers, expected 3 rows of 2 columns");
  expect(() => fitGaussian(Float32Array.of(1, Number.NaN), 1, 2)).toThrow("row 0, column 1");
});
