/** A kernel density against scipy, against the convolution that it is, and against the density that its rows come from. */
import { expect, it } from "vitest";
import { normalDistribution, standardNormal } from "../distributions/index.ts";
import { createKey } from "../random/index.ts";
import { kernelEstimate } from "./kernelEstimate.ts";
import { momentsOf } from "./moments.testing.ts";

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

it("is that of scipy.stats.gaussian_kde", () => {
  // gaussian_kde(np.array([[0, 1, 2.5, -1], [1, 0, 0.5, 2]])).logpdf([[0.3, 2], [0.4, -1]])
  const values = kernelEstimate(Float32Array.of(0, 1, 1, 0, 2.5, 0.5, -1, 2), 2)!.logDensity([0.3, 0.4, 2, -1]);
  const scipy = [-2.220014324805397, -3.720956765803518];
  values.forEach((value, i) => {
    expect(Math.abs(value - scipy[i])).toBeLessThan(1e-5);
  });
  // and comes to the density itself
  const p = standardNormal(1);
  const [at] = kernelEstimate(p.sample(createKey(2), 20_000), 1)!.logDensity([0.5]);
  expect(Math.abs(at - p.logDensityAt([0.5]))).toBeLessThan(0.03);
});
