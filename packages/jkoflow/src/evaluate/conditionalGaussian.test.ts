import { describe, expect, it } from "vitest";
import { createOpening } from "../data/index.ts";
import { createKey, normal } from "../random/index.ts";
import { fitConditionalGaussian, fitGaussian } from "./index.ts";

const n = 400;

describe("the linear Gaussian model", () => {
  it("finds slopes and residual variances, by construction", () => {
    const y = normal(createKey(1), 2 * n);
    const noise = normal(createKey(2), 2 * n);
    // x1 = 3 + 2 y1 - y2 + e, x2 = -1 + 0.5 y2 + 2 e'
    const x = Float32Array.from(noise, (e, at) => {
      const [y1, y2] = [y[at & ~1], y[at | 1]];
      return at % 2 === 0 ? 3 + 2 * y1 - y2 + e : -1 + 0.5 * y2 + 2 * e;
    });
    const fit = fitConditionalGaussian(x, y, n, 2, 2);
    const at = fit.mean(Float32Array.of(0, 0, 1, 0, 0, 1), 3);
    const wanted = [3, -1, 5, -1, 2, -0.5];
    at.forEach((value, k) => {
      expect(Math.abs(value - wanted[k])).toBeLessThan((4 * 2) / Math.sqrt(n)); // standard error sd / root n
    });
    expect(Math.abs(fit.gaussian.covariance[0] - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    expect(Math.abs(fit.gaussian.covariance[3] - 4)).toBeLessThan(4 * 4 * Math.sqrt(2 / n));
    const opening = createOpening(fit.opening());
    const rest = fit.residuals(x, y, n);
    expect(opening.logDet).toBe(0);
    opening.forward(x, y).forEach((value, k) => {
      expect(Math.abs(value - rest[k])).toBeLessThan(1e-5);
    });
  });

  it("with one-hot labels has the means of the labels, and the Gaussian of the rest", () => {
    const x = normal(createKey(3), n).map((z, i) => z + (i % 2 === 0 ? 4 : -1));
    const y = Float32Array.from({ length: 2 * n }, (_, at) => +(at % 2 === (at >> 1) % 2));
    const fit = fitConditionalGaussian(x, y, n, 1, 2);
    const mean = (k: number): number => x.filter((_, i) => i % 2 === k).reduce((s, v) => s + (2 * v) / n, 0);
    const [a, b] = fit.mean(Float32Array.of(1, 0, 0, 1), 2);
    expect(Math.abs(a - mean(0))).toBeLessThan(1e-4); // the ridge of 1e-6 and float32
    expect(Math.abs(b - mean(1))).toBeLessThan(1e-4);
    const rest = x.map((value, i) => value - (i % 2 === 0 ? a : b));
    const expected = fitGaussian(rest, n, 1).logProb(rest, n);
    fit.logProb(x, y, n).forEach((value, i) => {
      expect(Math.abs(value - expected[i])).toBeLessThan(1e-4);
    });
    // Covariates that are the same everywhere leave the plain Gaussian.
    const same = new Float32Array(2 * n);
    const plain = fitGaussian(x, n, 1).logProb(x, n);
    fitConditionalGaussian(x, same, n, 1, 2)
      .logProb(x, same, n)
      .forEach((value, i) => {
        expect(Math.abs(value - plain[i])).toBeLessThan(1e-4);
      });
  });
});
