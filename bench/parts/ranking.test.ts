import { expect, it } from "vitest";
import { ranking } from "./ranking.ts";

it("counts pairs and averages precision by hand", () => {
  // From the top: anomaly, normal, anomaly, normal: 3 of 4 pairs; (1/1 + 2/3) / 2.
  expect(ranking([4, 3, 2, 1], [1, 0, 1, 0])).toEqual({ auroc: 3 / 4, averagePrecision: (1 + 2 / 3) / 2 });
});

it("gives a group of ties its mean", () => {
  // One anomaly tied with one normal row above another normal row: (1/2 + 1) / 2; precision 1/2 at full recall.
  expect(ranking([5, 5, 1], [1, 0, 0])).toEqual({ auroc: 3 / 4, averagePrecision: 1 / 2 });
  expect(ranking([2, 2, 2], [0, 1, 0])).toEqual({ auroc: 1 / 2, averagePrecision: 1 / 3 });
});

it("takes infinite scores and refuses NaN and a single class", () => {
  expect(ranking([Infinity, 0, -Infinity], [1, 0, 0]).auroc).toBe(1);
  expect(() => ranking([Number.NaN, 0], [1, 0])).toThrow("1 NaN");
  expect(() => ranking([1, 0], [0, 0])).toThrow("0 anomalies");
});
