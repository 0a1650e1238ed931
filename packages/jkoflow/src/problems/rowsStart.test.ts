/** Rows as a start: the mixture that is fitted has their law, and says how well it describes rows that were held out. */
import { expect, it } from "vitest";
import { gaussianMixture, normalDistribution } from "../distributions/index.ts";
import { createKey } from "../random/index.ts";
import { startOfRows } from "./rowsStart.ts";

const key = createKey("rows");
const truth = gaussianMixture(
  [0.4, 0.6],
  [
    normalDistribution([-3, 1], Float64Array.of(0.5, 0.2, 0.2, 0.4)),
    normalDistribution([2, 0], Float64Array.of(1, 0, 0, 0.3)),
  ],
);

it("two clusters are found, of which the density and the samples agree", () => {
  const { start, says } = startOfRows(truth.sample(key, 1500), ["a", "b"], key);
  expect(start.components.length).toBeGreaterThanOrEqual(2);
  const fresh = truth.sample(createKey("fresh"), 2000);
  let gap = 0;
  for (let i = 0; i < 2000; i++) {
    const row = fresh.subarray(2 * i, 2 * i + 2);
    gap += (truth.logDensityAt(row) - start.logDensityAt(row)) / 2000;
  }
  // KL of a fit with 11 free numbers to 1200 rows is about 11 / 2400.
  expect(gap).toBeLessThan(0.03);
  expect(gap).toBeGreaterThan(-0.01);
  expect(says).toMatch(
    /^the start is a mixture of \d+ Gaussians fitted to 1500 rows; log-density of 300 rows held out -\d\.\d{3} \+- 0\.\d{3} nats a row; one Gaussian -\d\.\d{3}$/,
  );
});

it("moments of a mixture are those of its rows; one Gaussian is told as one", () => {
  const n = 40_000;
  const rows = truth.sample(createKey("moments"), n);
  for (const k of [0, 1]) {
    const column = Array.from({ length: n }, (_, i) => rows[2 * i + k]);
    const mean = column.reduce((a, b) => a + b, 0) / n;
    const variance = column.reduce((a, b) => a + (b - mean) ** 2, 0) / n;
    // Five standard errors: sqrt(variance / n), and about variance sqrt(2 / n).
    expect(Math.abs(mean - truth.moments!.mean[k])).toBeLessThan(5 * Math.sqrt(variance / n));
    expect(Math.abs(variance - truth.moments!.covariance[3 * k])).toBeLessThan(5 * variance * Math.sqrt(2 / n));
  }
  const normal = normalDistribution([0], Float64Array.of(4));
  expect(startOfRows(normal.sample(key, 400), ["x"], key).says).toContain(
    "the start is one Gaussian fitted to 400 rows",
  );
});

it("too few rows, and columns that depend on each other", () => {
  expect(() => startOfRows(new Float32Array(20), ["a", "b"], key, "rows.csv")).toThrow(
    "rows.csv: 10 rows of 2 columns, expected at least 20",
  );
  const line = Float32Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? i * i : 3 * (i - 1) ** 2 + 1));
  expect(() => startOfRows(line, ["a", "b"], key)).toThrow('a column "b" that is constant or follows from the others');
  expect(() => startOfRows(new Float32Array(40), ["a"], key)).toThrow('a column "a" that is constant');
});
