/** The pair solver beside closed forms: BKW moments, the covariance of Maxwell molecules, a published-form Coulomb run. */
import { describe, expect, it } from "vitest";
import { bkw, equalMixture, normalDistribution } from "../distributions/index.ts";
import { createKey } from "../random/index.ts";
import { bkwScaleAt, maxwellCovarianceAt } from "./maxwellFlow.ts";
import { pairCollisions } from "./pairCollisions.ts";

const kernel = (gamma: number, constant: number) => ({ gamma, constant, separation: 1e-3 });

function covarianceOf(rows: ArrayLike<number>, d: number): Float64Array {
  const n = rows.length / d;
  const mean = Float64Array.from({ length: d }, (_, k) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += rows[i * d + k] / n;
    return sum;
  });
  const covariance = new Float64Array(d * d);
  for (let i = 0; i < n; i++)
    for (let a = 0; a < d; a++)
      for (let b = 0; b < d; b++)
        covariance[a * d + b] += ((rows[i * d + a] - mean[a]) * (rows[i * d + b] - mean[b])) / n;
  return covariance;
}

const meanFourth = (rows: ArrayLike<number>, d: number): number => {
  let sum = 0;
  for (let i = 0; i < rows.length; i += d) {
    let squares = 0;
    for (let k = 0; k < d; k++) squares += rows[i + k] ** 2;
    sum += squares * squares;
  }
  return (sum * d) / rows.length;
};

const energyOf = (rows: ArrayLike<number>): number => Array.from(rows).reduce((sum, x) => sum + x * x, 0);

describe("pairs that collide", () => {
  // |v|^4 has a variance below 250 in the plane and 550 in space: 4.5 standard errors of 20,000 rows.
  it.each([
    [2, 1 / 16, 0.5, 1, 2, 0.5],
    [3, 1 / 24, 1, 6, 1, 0.75],
  ])("E |v|^4 of the BKW solution, d = %d", (dimension, constant, K0, begin, time, tolerance) => {
    const flow = { dimension, constant, K0 };
    const [from, to] = [begin, begin + time].map((t) => bkw(dimension, bkwScaleAt(flow, t)));
    const start = from.stratified(createKey(1), 20_000);
    const end = pairCollisions(start, dimension, kernel(0, constant), { time, steps: 10, key: createKey(2) });
    expect(Math.abs(meanFourth(start, dimension) - from.fourthMoment)).toBeLessThan(0.02);
    expect(Math.abs(meanFourth(end, dimension) - to.fourthMoment)).toBeLessThan(tolerance);
    expect(Math.abs(energyOf(end) / energyOf(start) - 1)).toBeLessThan(1e-12);
    for (let k = 0; k < dimension; k++) {
      let change = 0;
      for (let i = k; i < end.length; i += dimension) change += (end[i] - start[i]) / 20_000;
      expect(Math.abs(change)).toBeLessThan(1e-12);
    }
  });

  it.each([2, 3])("covariance of Maxwell molecules from diag(1.8, 0.2, 1), d = %d", (d) => {
    const diagonal = [1.8, 0.2, 1];
    const covariance = Float64Array.from({ length: d * d }, (_, at) =>
      at % (d + 1) === 0 ? diagonal[Math.floor(at / d)] : 0,
    );
    const constant = d === 2 ? 1 / 16 : 1 / 24;
    const start = normalDistribution(new Float64Array(d), covariance).stratified(createKey(3), 40_000);
    const end = pairCollisions(start, d, kernel(0, constant), { time: 2, steps: 10, key: createKey(4) });
    const exact = maxwellCovarianceAt(covariance, d, constant, 2);
    covarianceOf(end, d).forEach((value, at) => {
      expect(Math.abs(value - exact[at])).toBeLessThan(0.03);
    });
  });

  // Four runs of the same scheme in numpy, 200,000 particles each: -0.945 at t = 5, between -0.942 and -0.948.
  it("Coulomb's force in the plane: Sigma_12 of two Gaussians at t = 5", () => {
    const two = equalMixture(
      [
        [-2, 1],
        [0, -1],
      ],
      1,
    );
    const start = two.stratified(createKey(5), 40_000);
    const end = pairCollisions(start, 2, kernel(-3, 1 / 16), { time: 5, steps: 20, key: createKey(6) });
    expect(Math.abs(covarianceOf(start, 2)[1] + 1)).toBeLessThan(2e-3);
    expect(Math.abs(covarianceOf(end, 2)[1] + 0.945)).toBeLessThan(0.02);
  });
});

it.each([
  [() => pairCollisions([1], 1, kernel(0, 1), { time: 1, steps: 1, key: createKey(0) }), "1 column, expected 2 or 3"],
  [() => pairCollisions([1, 2], 2, kernel(0, 1), { time: 1, steps: 0, key: createKey(0) }), "steps: 0"],
  [() => pairCollisions([1, 2], 2, kernel(0, 1), { time: -1, steps: 1, key: createKey(0) }), "time: -1"],
])("refuses %#", (run, message) => {
  expect(run).toThrow(message);
});
