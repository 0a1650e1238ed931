import { expect, test } from "vitest";
import { diagonalJkoSequence, diagonalJkoStep, generalJkoStep } from "./closedForm.ts";

const schedule = [0.25, 0.35, 0.49, 0.69, 0.96, 1.34, 1.88, 2.64];

test("a correlated Gaussian of eigenvalues 12 and 2, h = 10", () => {
  const step = generalJkoStep([0, 0], Float64Array.of(7, 5, 5, 7), 10);
  // Independent calculation, six decimals; the factor of eigenvalue 12 comes first.
  expect(step.factor[1]).toBeCloseTo(0.721185, 6);
  expect(step.factor[0]).toBeCloseTo(0.324424, 6);
  expect(step.covariance[0]).toBeCloseTo(1.151611, 6);
  expect(step.covariance[1]).toBeCloseTo(0.111396, 6);
  expect(step.loss.movement).toBeCloseTo(0.281616, 6);
  expect(step.loss.potential).toBeCloseTo(1.151611, 6);
  expect(step.loss.divergence).toBeCloseTo(1.452565, 5);
  expect(step.loss.total).toBeCloseTo(2.885793, 5);
});

test.each([
  [0, 4, "variance", [2.9464, 2.1033, 1.5346, 1.2169, 1.0727, 1.0196, 1.0041, 1.0007]],
  [0, 0.25, "variance", [0.476, 0.681, 0.8349, 0.9296, 0.9757, 0.9934, 0.9986, 0.9998]],
  [3, 1, "mean", [2.4, 1.7778, 1.1931, 0.706, 0.3602, 0.1539, 0.0534, 0.0147]],
] as const)("schedule from N(%d, %d): %s after each step", (mean, variance, what, expected) => {
  const steps = diagonalJkoSequence([mean], [variance], schedule);
  expect(steps.map((step) => Number(step[what][0].toFixed(4)))).toEqual(expected);
});

test("the closed form is the minimum: other affine maps cost more", () => {
  const [mean, variance, h] = [1.5, 3, 0.7];
  const step = diagonalJkoStep([mean], [variance], h);
  const cost = (a: number, m: number): number =>
    (a * a * variance + m * m) / 2 - Math.log(a) + ((a - 1) ** 2 * variance + (m - mean) ** 2) / (2 * h);
  expect(step.loss.total).toBeCloseTo(cost(step.factor[0], step.mean[0]), 12);
  for (const [da, dm] of [
    [0.01, 0],
    [-0.01, 0],
    [0, 0.01],
    [0, -0.01],
  ]) {
    expect(cost(step.factor[0] + da, step.mean[0] + dm)).toBeGreaterThan(step.loss.total);
  }
});

test("rotating the start rotates the step", () => {
  const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
  const covariance = Float64Array.of(c * c * 4 + s * s, c * s * 3, c * s * 3, s * s * 4 + c * c);
  const general = generalJkoStep([c * 2, s * 2], covariance, 1.3);
  const diagonal = diagonalJkoStep([2, 0], [4, 1], 1.3);
  expect(general.loss.total).toBeCloseTo(diagonal.loss.total, 12);
  expect(general.mean[0]).toBeCloseTo(c * diagonal.mean[0], 12);
  expect(general.map[1]).toBeCloseTo(c * s * (diagonal.factor[0] - diagonal.factor[1]), 12);
});

test("a free block ends at the standard normal", () => {
  const step = diagonalJkoStep([3, -1], [0.1, 9], Number.POSITIVE_INFINITY);
  expect(Array.from(step.mean, Math.abs)).toEqual([0, 0]);
  step.variance.forEach((value) => {
    expect(value).toBeCloseTo(1, 14);
  });
  expect(step.loss.movement).toBe(0);
});

test("impossible starts are refused", () => {
  expect(() => diagonalJkoStep([0], [0], 1)).toThrow("variance:0: 0, expected a positive finite number");
  expect(() => diagonalJkoStep([0], [1], 0)).toThrow("h: 0");
  expect(() => diagonalJkoStep([0, 1], [1], 1)).toThrow("mean: 2 numbers");
});
