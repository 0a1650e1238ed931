import { expect, test } from "vitest";
import { createKey, normal } from "../random/index.ts";
import { betterGaussian, fitGaussian } from "./gaussian.ts";

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

test("the shrinkage is that of scikit-learn on columns of unit deviation", () => {
  const x = Float32Array.from({ length: 60 }, (_, at) => {
    const [i, j] = [Math.floor(at / 5), at % 5];
    return Math.sin(1 + i * (j + 2) * 0.7) + 0.3 * Math.cos(i * i * 0.9 + j) + (i % 3) * j * 0.2;
  });
  const fit = fitGaussian(x, 12, 5, { shrinkage: "ledoit-wolf" });
  // sklearn.covariance.LedoitWolf().fit(z), scikit-learn 1.9: shrinkage_, covariance_[0, 1] and [3, 4]; z = (x - mean) / std
  expect(fit.shrinkage).toBeCloseTo(0.5004825869626665, 9);
  const correlation = (i: number, j: number): number =>
    fit.covariance[i * 5 + j] / Math.sqrt(fit.covariance[i * 6] * fit.covariance[j * 6]);
  expect(correlation(0, 1)).toBeCloseTo(0.18509266473157415, 9);
  expect(correlation(3, 4)).toBeCloseTo(0.23990742760718203, 9);
  // Units of the columns change nothing.
  const scaled = x.map((value, at) => value * 2 ** (at % 5));
  expect(fitGaussian(scaled, 12, 5, { shrinkage: "ledoit-wolf" }).shrinkage).toBeCloseTo(fit.shrinkage, 12);
});

test("with more columns than rows the shrunk one is chosen, and is near the truth", () => {
  const [rows, cols] = [120, 300];
  const [train, validation, held] = [1, 2, 3].map((seed) => normal(createKey(seed), (seed === 1 ? rows : 40) * cols));
  const gaussians = (["none", "ledoit-wolf"] as const).map((shrinkage) =>
    fitGaussian(train, rows, cols, { shrinkage }),
  );
  const chosen = betterGaussian(gaussians, validation);
  expect(chosen.shrinkage).toBeGreaterThan(0.9);
  const entropy = (cols / 2) * (1 + Math.log(2 * Math.PI)); // of N(0, I)
  const nll = chosen.logProb(held, 40).reduce((sum, value) => sum - value / 40, 0);
  expect(Math.abs(nll / entropy - 1)).toBeLessThan(0.03); // means and deviations of 120 rows cost 300 x 1.5 / 120 nats
});

test("where rows are many, maximum likelihood stays unless the other gains for certain", () => {
  const [train, validation] = [1, 2].map((seed) => normal(createKey(seed), 1000).map((z, i, all) => z + all[i & ~1]));
  const gaussians = (["none", "ledoit-wolf"] as const).map((shrinkage) => fitGaussian(train, 500, 2, { shrinkage }));
  expect(betterGaussian(gaussians, validation)).toBe(gaussians[0]);
  expect(() => betterGaussian([], validation)).toThrow("gaussians");
});
