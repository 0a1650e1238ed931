/** Particles against the Ornstein-Uhlenbeck process, whose moments are known, and a kernel density against its parts. */
import { expect, it } from "vitest";
import { normalDistribution, standardNormal } from "../distributions/index.ts";
import { createEngine } from "../engine/index.ts";
import { interaction, internalEnergy, kl, sum } from "../functionals/index.ts";
import { scale, squaredNorm } from "../graph/index.ts";
import { createKey } from "../random/index.ts";
import { gaussianFlowAt } from "./gaussianFlow.ts";
import { eulerMaruyama, kernelEstimate } from "./particles.ts";

const momentsOf = (rows: ArrayLike<number>, d: number): { mean: number[]; covariance: number[] } => {
  const n = rows.length / d;
  const mean = Array.from({ length: d }, (_, j) => {
    let total = 0;
    for (let i = 0; i < n; i++) total += rows[i * d + j] / n;
    return total;
  });
  const covariance = Array.from({ length: d * d }, (_, at) => {
    const [j, k] = [Math.floor(at / d), at % d];
    let total = 0;
    for (let i = 0; i < n; i++) total += ((rows[i * d + j] - mean[j]) * (rows[i * d + k] - mean[k])) / n;
    return total;
  });
  return { mean, covariance };
};

it("particles have the moments of the process", async () => {
  const engine = await createEngine({ kind: "reference" });
  try {
    const target = normalDistribution([1, -0.5], Float64Array.of(0.8, 0.3, 0.3, 0.5));
    const start = standardNormal(2);
    const options = { particles: 4000, time: 0.5, steps: 50, key: createKey(1) };
    const { mean, covariance } = momentsOf(eulerMaruyama(engine, { start, functional: kl(target) }, options)!, 2);
    const determinant = 0.8 * 0.5 - 0.09;
    const precision = Float64Array.of(0.5, -0.3, -0.3, 0.8).map((value) => value / determinant);
    const exact = gaussianFlowAt(start, { mean: target.mean, precision }, 0.5);
    // Standard errors of 4,000 rows are 0.016 and 0.022, the bias of a time step of 0.01 is below 0.02.
    for (const j of [0, 1]) expect(Math.abs(mean[j] - exact.mean[j])).toBeLessThan(0.08);
    for (const at of [0, 1, 2, 3]) expect(Math.abs(covariance[at] - exact.covariance[at])).toBeLessThan(0.12);
  } finally {
    engine.dispose();
  }
});

it("a quadratic interaction shrinks the cloud as its law says; an internal energy has no particles", async () => {
  const engine = await createEngine({ kind: "reference" });
  try {
    const start = standardNormal(1);
    const pull = interaction((z) => scale(squaredNorm(z), 0.5));
    const options = { particles: 4000, time: 1, steps: 100, key: createKey(2) };
    const { covariance } = momentsOf(eulerMaruyama(engine, { start, functional: pull }, options)!, 1);
    // y' = -(y - mean): the variance falls as e^(-2 t); partners that change add the order of the step, 1 %.
    expect(Math.abs(covariance[0] - Math.exp(-2))).toBeLessThan(0.02);
    expect(eulerMaruyama(engine, { start, functional: sum([1, internalEnergy(2)]) }, options)).toBeUndefined();
  } finally {
    engine.dispose();
  }
});

it("a kernel density is normal where its rows are one normal cloud, and draws from itself", () => {
  const rows = normalDistribution([2, 0], Float64Array.of(4, 1, 1, 1)).sample(createKey(3), 3000);
  const estimate = kernelEstimate(rows, 2)!;
  const { mean, covariance } = momentsOf(rows, 2);
  const h2 = 3000 ** (-2 / 6);
  const smooth = normalDistribution(
    mean,
    Float64Array.from(covariance, (value) => value * (1 + h2)),
  );
  // The mean of many kernels at the centre: the convolution of the law with one kernel, to the noise of 3,000 rows.
  expect(estimate.logDensity(mean)[0]).toBeCloseTo(smooth.logDensityAt(mean), 1);
  const drawn = momentsOf(estimate.sample(createKey(4), 4000), 2);
  drawn.covariance.forEach((value, at) => {
    expect(Math.abs(value - covariance[at] * (1 + h2))).toBeLessThan(0.4);
  });
  expect(kernelEstimate(Float32Array.of(1, 1, 1, 1), 2)).toBeUndefined();
  expect(kernelEstimate(Float32Array.of(1, Number.NaN), 2)).toBeUndefined();
});
