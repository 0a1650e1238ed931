import { describe, expect, it } from "vitest";
import { diagonalJkoStep } from "./closedForm.ts";
import {
  type GaussianState,
  gaussianFlowAt,
  gaussianJkoAt,
  gaussianJkoStep,
  gaussianKl,
  gaussianSymKl,
} from "./gaussianFlow.ts";
import { functionOf, plus, product } from "./symmetric.ts";

const close = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number): void => {
  expect(a.length).toBe(b.length);
  for (let i = 0; i < a.length; i++) expect(Math.abs(a[i] - b[i])).toBeLessThan(tolerance);
};

// A start and a target that do not commute; the values after each step were made with numpy in float64.
const start = { mean: Float64Array.of(1, -2), covariance: Float64Array.of(2, 0.6, 0.6, 0.5) };
const target = { mean: Float64Array.of(0.5, 0.25), precision: Float64Array.of(1.5, -0.4, -0.4, 0.8) };
const steps = [
  {
    mean: [0.7286585366, -1.605945122],
    covariance: [1.4646275946, 0.53190726, 0.53190726, 0.7666910411],
    map: [0.8753758386, -0.0667991011, -0.0667991011, 1.3138359679],
    moved: 0.3052025927,
    kl: 1.8467331331,
  },
  {
    mean: [0.5541437388, -1.2921089567],
    covariance: [1.1670538557, 0.4766495292, 0.4766495292, 0.9640123436],
    map: [0.9046850375, -0.0338265203, -0.0338265203, 1.1440624503],
    moved: 0.1589654721,
    kl: 1.0913328646,
  },
];

describe("the exact step between Gaussians", () => {
  it("that do not commute", () => {
    let state: GaussianState = start;
    const to = { mean: target.mean, covariance: functionOf(target.precision, 2, (v) => 1 / v) };
    expect(Math.abs(gaussianKl(start, to) - 3.3260331947)).toBeLessThan(1e-9);
    for (const expected of steps) {
      const step = gaussianJkoStep(state, target, 0.25);
      close(step.mean, expected.mean, 1e-9);
      close(step.covariance, expected.covariance, 1e-9);
      close(step.map, expected.map, 1e-9);
      expect(Math.abs(step.moved - expected.moved)).toBeLessThan(1e-9);
      expect(Math.abs(gaussianKl(step, to) - expected.kl)).toBeLessThan(1e-9);
      state = step;
    }
  });

  it.each([1, 4])("solves its Riccati equation, beta = %d", (beta) => {
    const { map } = gaussianJkoStep(start, { ...target, beta }, 0.25);
    const M = plus(Float64Array.of(1, 0, 0, 1), target.precision, 0.25);
    const left = plus(product(product(map, M, 2), map, 2), map, -1);
    close(
      left,
      functionOf(start.covariance, 2, (v) => 0.25 / (beta * v)),
      1e-12,
    );
  });

  it("of one column: scheme and heat equation", () => {
    // mean, deviation, b, a, h -> mean, deviation after 3 steps
    const cases = [
      [3, 1, 0, 1, 0.5, 0.8888888889, 1],
      [0, 4, 0, 1, 0.1, 0, 3.0799268348],
      [0, 1, 0.7, 0.5, 0.05, 0.0499804124, 1.0653045084],
      [1, 2, 0, 0, 0.1, 1, 2.1431671454],
    ] as const;
    for (const [m, s, b, a, h, mean, deviation] of cases) {
      const from = { mean: Float64Array.of(m), covariance: Float64Array.of(s * s) };
      const end = gaussianJkoAt(from, { mean: Float64Array.of(b), precision: Float64Array.of(a) }, h, 3);
      close(end.mean, [mean], 1e-9);
      close(end.covariance.map(Math.sqrt), [deviation], 1e-9);
    }
  });

  it("agrees with the form for N(0, I)", () => {
    const diagonal = diagonalJkoStep([1, -2], [2, 0.3], 0.4);
    const step = gaussianJkoStep(
      { mean: Float64Array.of(1, -2), covariance: Float64Array.of(2, 0, 0, 0.3) },
      { mean: Float64Array.of(0, 0), precision: Float64Array.of(1, 0, 0, 1) },
      0.4,
    );
    close(step.mean, diagonal.mean, 1e-13);
    close([step.covariance[0], step.covariance[3]], diagonal.variance, 1e-13);
  });

  it("refuses a step that is none", () => {
    expect(() => gaussianJkoStep(start, target, 0)).toThrow("h: 0, expected a step size above 0");
  });
});

describe("the flow", () => {
  it("begins at the start, ends at the target, and solves its differential equation", () => {
    close(gaussianFlowAt(start, target, 0).covariance, start.covariance, 1e-13);
    const end = gaussianFlowAt(start, target, 60);
    close(end.mean, target.mean, 1e-12);
    close(
      end.covariance,
      functionOf(target.precision, 2, (v) => 1 / v),
      1e-12,
    );
    // dS/dt = 2 I - A S - S A by central differences: error about 1e-9
    const [before, now, after] = [-1e-5, 0, 1e-5].map((by) => gaussianFlowAt(start, target, 0.3 + by).covariance);
    const rate = after.map((v, i) => (v - before[i]) / 2e-5);
    const right = plus(
      plus(Float64Array.of(2, 0, 0, 2), product(target.precision, now, 2), -1),
      product(now, target.precision, 2),
      -1,
    );
    close(rate, right, 1e-7);
  });

  it("is what the scheme comes to: SymKL falls like h^2", () => {
    const at = gaussianFlowAt(start, target, 1);
    const gaps = [0.1, 0.05, 0.025].map((h) => gaussianSymKl(gaussianJkoAt(start, target, h, Math.round(1 / h)), at));
    for (const [coarse, fine] of [gaps.slice(0, 2), gaps.slice(1)]) {
      expect(coarse / fine).toBeGreaterThan(3.5);
      expect(coarse / fine).toBeLessThan(4.5);
    }
  });
});
