import { expect, it } from "vitest";
import { createKey, normal } from "../random/index.ts";
import { matchMoments, momentsOf } from "./moments.ts";

it("rows are given a mean and a covariance, exactly and by the smallest change", () => {
  const rows = normal(createKey("moments"), 3 * 50);
  const wanted = {
    mean: Float64Array.of(1, -2, 0),
    covariance: Float64Array.of(2, 0.5, 0, 0.5, 1, -0.3, 0, -0.3, 0.7),
  };
  const moved = matchMoments(rows, wanted);
  const found = momentsOf(moved, 3);
  for (const part of ["mean", "covariance"] as const)
    found[part].forEach((v, i) => {
      expect(Math.abs(v - wanted[part][i])).toBeLessThan(1e-13);
    });
  // Rows that have the moments already stay where they are.
  matchMoments(moved, wanted).forEach((v, i) => {
    expect(Math.abs(v - moved[i])).toBeLessThan(1e-12);
  });
});
