import { expect, test } from "vitest";
import { detectableAccuracy } from "./detectable.ts";

test.each([
  // By SciPy 1.10's binom.sf and brentq: the critical counts are 30, 59, 850 and 8,156.
  [43, 0.05 / 7, 0.7416420525],
  [100, 0.05, 0.6256142098],
  [1600, 0.05 / 7, 0.5414192414],
  [16_000, 0.05 / 7, 0.5130443434],
])("of %i rows at level %f", (judged, level, expected) => {
  // Bisection ends at 1e-9, the sums are good to about as much.
  expect(Math.abs(detectableAccuracy(judged, level, 0.8) - expected)).toBeLessThan(1e-8);
});

test("four rows show nothing at 5 %: even all right comes by chance once in sixteen", () => {
  expect(detectableAccuracy(4, 0.05, 0.8)).toBe(1);
  expect(detectableAccuracy(5, 0.05, 0.8)).toBeCloseTo(0.8 ** (1 / 5), 8); // all five right
});

test("refusals", () => {
  expect(() => detectableAccuracy(0, 0.05, 0.8)).toThrow("0 rows");
  expect(() => detectableAccuracy(10, 0.8, 0.05)).toThrow("level 0.8");
});
