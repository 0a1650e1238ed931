import { expect, it } from "vitest";
import { symmetricEigen } from "../data/index.ts";
import { createKey, fold, uniform } from "../random/index.ts";
import { randomGaussian } from "./randomGaussian.ts";

it("has the trace and the determinant of 1 1^T + diag(u), whatever the rotation", () => {
  for (const [seed, d] of [
    [0, 1],
    [1, 2],
    [2, 6],
    [3, 12],
  ]) {
    const key = createKey(seed);
    const { covariance, mean } = randomGaussian(key, d);
    const u = uniform(fold(key, "variances"), d);
    const { values } = symmetricEigen(covariance, d);
    expect(mean.length).toBe(d);
    const trace = values.reduce((sum, value) => sum + value, 0);
    const logDet = values.reduce((sum, value) => sum + Math.log(value), 0);
    const uSum = u.reduce((sum, x) => sum + x, 0);
    // Matrix determinant lemma: det(1 1^T + diag(u)) = prod u (1 + sum 1/u).
    const expected = u.reduce((sum, x) => sum + Math.log(x), 0) + Math.log(1 + u.reduce((sum, x) => sum + 1 / x, 0));
    expect(Math.abs(trace - d - uSum)).toBeLessThan(1e-12 * d);
    expect(Math.abs(logDet - expected)).toBeLessThan(1e-9); // the smallest variances lose digits
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < d; j++) {
        expect(Math.abs(covariance[i * d + j] - covariance[j * d + i])).toBeLessThan(1e-13 * d);
      }
    }
    expect(values[d > 1 ? 1 : 0]).toBeLessThan(d > 1 ? 1 : 2);
  }
  expect(randomGaussian(createKey(5), 3)).toEqual(randomGaussian(createKey(5), 3));
});
