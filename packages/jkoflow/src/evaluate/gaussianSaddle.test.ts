/**
 * The saddle in closed form. Golden: one step of h = 1/4 between Gaussians that do not commute, made by an independent script
 * with scipy's matrix square root: value 2.457138318533 = W_2^2 / (2 h) + KL, B, c and e of the best critic.
 */
import { describe, expect, it } from "vitest";
import { type GaussianState, gaussianJkoStep, gaussianKl } from "./gaussianFlow.ts";
import {
  bestGaussianCritic,
  type GaussianGame,
  gaussianBound,
  type QuadraticCritic,
} from "./gaussianSaddle.testing.ts";

const reference: GaussianState = { mean: Float64Array.of(1, -2), covariance: Float64Array.of(2, 0.6, 0.6, 0.5) };
const precision = Float64Array.of(1.5, -0.4, -0.4, 0.8);
const determinant = 1.5 * 0.8 - 0.16;
const target: GaussianState = {
  mean: Float64Array.of(0.5, 0.25),
  covariance: Float64Array.of(0.8, 0.4, 0.4, 1.5).map((v) => v / determinant),
};
const h = 0.25;
const step = gaussianJkoStep(reference, { mean: target.mean, precision }, h);
const game: GaussianGame = { moved: step, reference, target };
const best = bestGaussianCritic(step, reference);

/** The critic's numbers in a row: B (11, 12, 22), c, e. */
const flat = ({ quadratic, linear, constant }: QuadraticCritic): number[] => [
  quadratic[0],
  quadratic[1],
  quadratic[3],
  ...linear,
  constant,
];
const criticOf = ([a, b, c, d, e, f]: readonly number[]): QuadraticCritic => ({
  quadratic: Float64Array.of(a, b, b, c),
  linear: Float64Array.of(d, e),
  constant: f,
});
const shifted = (at: number, by: number): QuadraticCritic =>
  criticOf(flat(best).map((v, i) => (i === at ? v + by : v)));

describe("the saddle of a variational step between Gaussians", () => {
  it("has the value of the step and the golden critic, to 1e-9", () => {
    const golden = [0.131486642, 0.3042706803, -1.3813781225, -0.974245117, 3.9259310019, 5.1479091693];
    flat(best).forEach((value, i) => {
      expect(Math.abs(value - golden[i])).toBeLessThan(1e-9); // ten digits are stored
    });
    const divergence = gaussianKl(step, target);
    expect(Math.abs(gaussianBound(best, game, "linear") - (divergence - 1))).toBeLessThan(1e-11);
    expect(Math.abs(gaussianBound(best, game, "log") - divergence)).toBeLessThan(1e-11);
    const value = step.moved / (2 * h) + gaussianBound(best, game, "log");
    expect(Math.abs(value - 2.457138318533)).toBeLessThan(1e-9);
  });

  it("is a maximum over critics, at which the slopes are 0", () => {
    for (const form of ["linear", "log"] as const) {
      const top = gaussianBound(best, game, form);
      for (let i = 0; i < 6; i++) {
        const [up, down] = [1e-4, -1e-4].map((by) => gaussianBound(shifted(i, by), game, form));
        expect(Math.abs(up - down) / 2e-4).toBeLessThan(1e-6); // third derivatives times 1e-8
        // A constant costs the linear form alone.
        if (form === "linear" || i < 5) expect(Math.max(up, down)).toBeLessThan(top);
      }
      // Not only near it.
      for (const share of [-1, 0, 0.5, 0.9, 1.1]) {
        const other = criticOf(flat(best).map((v) => share * v));
        const bound = gaussianBound(other, game, form);
        if (Number.isFinite(bound)) expect(bound).toBeLessThan(top);
      }
    }
  });

  it("Donsker and Varadhan's form is above the linear one plus 1, for every critic", () => {
    for (const share of [0, 0.3, 0.8, 1.1]) {
      for (const by of [-1, 0, 1]) {
        const critic = criticOf(flat(best).map((v, i) => share * v + (i === 5 ? by : 0)));
        const [linear, log] = (["linear", "log"] as const).map((form) => gaussianBound(critic, game, form));
        if (Number.isFinite(log)) expect(log).toBeGreaterThanOrEqual(linear + 1 - 1e-12);
      }
    }
  });

  it("is a minimum over affine maps against their best critics", () => {
    const objective = (moved: GaussianState, transport: number): number =>
      transport / (2 * h) + gaussianBound(bestGaussianCritic(moved, reference), { ...game, moved }, "log");
    const least = objective(step, step.moved);
    // T(x) = m1 + t + (1 + s) P (x - m): E |T x - x|^2 by its moments.
    for (const [t, s] of [
      [0.01, 0],
      [-0.01, 0],
      [0, 0.01],
      [0, -0.01],
    ]) {
      const slope = step.map.map((v) => (1 + s) * v);
      const mean = step.mean.map((v) => v + t);
      const covariance = step.covariance.map((v) => (1 + s) ** 2 * v);
      const [a, b, c, e] = [slope[0] - 1, slope[1], slope[2], slope[3] - 1];
      const [p, q, , r] = reference.covariance;
      const transport =
        (mean[0] - 1) ** 2 + (mean[1] + 2) ** 2 + (a * a + c * c) * p + 2 * (a * b + c * e) * q + (b * b + e * e) * r;
      if (t === 0 && s === 0) continue;
      expect(objective({ mean, covariance }, transport)).toBeGreaterThan(least);
    }
  });
});
