import { describe, expect, it } from "vitest";
import { createKey, fold, normal, uniform } from "../random/index.ts";
import { paretoShape, weigh } from "./weights.ts";

const key = createKey("weights");

describe("importance weights", () => {
  it("of a shifted normal have its closed forms", () => {
    // q = N(0, 1), g = 2 N(a, 1): ln w = ln 2 + a x - a^2 / 2; E w^2 / (E w)^2 = e^(a^2), E ln w = ln 2 - a^2 / 2.
    const a = 0.6;
    const x = normal(fold(key, "shift"), 200_000);
    const found = weigh(Float64Array.from(x, (v) => Math.log(2) + a * v - (a * a) / 2));
    expect(Math.abs(found.logZ - Math.log(2))).toBeLessThan(4 * found.logZError);
    expect(found.logZError).toBeCloseTo(Math.sqrt((Math.exp(a * a) - 1) / 200_000), 4);
    expect(found.meanLogRatio).toBeCloseTo(Math.log(2) - (a * a) / 2, 2);
    expect(found.ess).toBeCloseTo(Math.exp(-a * a), 2);
    expect(found.paretoK).toBeLessThan(0.5);
  });

  it("keep to their standard error: within three of it in 95 runs of 100", () => {
    let inside = 0;
    for (let run = 0; run < 100; run++) {
      const x = normal(fold(key, "coverage", run), 2000);
      const { logZ, logZError } = weigh(Float64Array.from(x, (v) => 0.8 * v - 0.32));
      if (Math.abs(logZ) <= 3 * logZError) inside++;
    }
    expect(inside).toBeGreaterThanOrEqual(95);
  });

  it.each([0.3, 0.7, 1.2])("with a Pareto tail of shape %f have that k", (k) => {
    // w = u^-k has P(w > t) = t^(-1/k).
    const u = uniform(fold(key, `tail ${k}`), 100_000);
    const { paretoK } = weigh(Float64Array.from(u, (v) => -k * Math.log(v)));
    expect(Math.abs(paretoK - k)).toBeLessThan((4 * (1 + k)) / Math.sqrt(949)); // of 949 largest
  });

  it("of equal rows are all there is", () => {
    expect(weigh(new Float64Array(1000).fill(2))).toMatchObject({ logZ: 2, logZError: 0, ess: 1, paretoK: 0 });
  });

  it("of a target that is 0 everywhere have no Z", () => {
    expect(weigh(new Float64Array(10).fill(Number.NEGATIVE_INFINITY))).toMatchObject({ ess: 0, logZ: -Infinity });
  });

  it.each([
    [[0], "1 rows"],
    [[0, Number.NaN], "NaN at row 2"],
    [[Number.POSITIVE_INFINITY, 0], "Infinity at row 1"],
  ])("refuse %s", (values, came) => {
    expect(() => weigh(values)).toThrow(came);
  });
});

describe("the shape of a tail", () => {
  it.each([-0.3, 0, 0.5, 1])("of generalised Pareto excesses is %f", (k) => {
    // By inverse transform; their own prior draws small samples to 1/2.
    const u = uniform(fold(key, `gpd ${k}`), 5000);
    const sorted = Float64Array.from(u, (v) => (k === 0 ? -Math.log(v) : (v ** -k - 1) / k)).sort();
    expect(Math.abs(paretoShape(sorted) - k)).toBeLessThan(0.06);
  });
});
