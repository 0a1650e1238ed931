import { expect, test } from "vitest";
import { pairedDifference, scoreLogProb } from "./score.ts";

test("mean, standard error, median and outliers of five rows by hand", () => {
  const score = scoreLogProb([-1, -2, -3, -4, -90]);
  expect(score.nll).toBe(20);
  // squares 361 + 324 + 289 + 256 + 4900 = 6130; sqrt(6130 / 4 / 5)
  expect(score.standardError).toBeCloseTo(Math.sqrt(306.5), 12);
  expect(score.median).toBe(3);
  expect(score.outlierShare).toBeCloseTo(0.2, 12);
  expect(score.trimmedNll).toBe(2.5);
});

test("a paired difference removes what both models find hard", () => {
  const reference = [-1, -50, -3, -800];
  const candidate = reference.map((value, i) => value + 0.5 + (i % 2) * 0.2);
  const difference = pairedDifference(candidate, reference);
  expect(difference.mean).toBeCloseTo(-0.6, 12);
  expect(difference.standardError).toBeLessThan(0.1);
});

test("a log-density that is not finite names its row", () => {
  expect(() => scoreLogProb([-1, Number.NEGATIVE_INFINITY])).toThrow("logProb: row 1: -Infinity");
  expect(() => scoreLogProb([])).toThrow("no rows");
  expect(() => pairedDifference([1], [1, 2])).toThrow("same rows");
});
