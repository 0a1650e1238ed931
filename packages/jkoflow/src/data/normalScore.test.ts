import { expect, test } from "vitest";
import { normalCdf } from "./normalQuantile.ts";
import { normalScore } from "./normalScore.ts";

test("normal scores agree with SciPy's ndtri", () => {
  // scipy.special.ndtri, SciPy 1.17
  expect(normalScore(0.3)).toBeCloseTo(-0.5244005127080407, 14);
  expect(normalScore(0.01)).toBeCloseTo(-2.3263478740408408, 14);
  expect(normalScore(1e-20)).toBeCloseTo(-9.262340089798405, 13);
  expect(normalScore(0.99)).toBeCloseTo(2.3263478740408408, 13);
  expect(normalScore(0.5)).toBe(0);
});

test("they invert the normal law", () => {
  for (let p = 0.001; p < 1; p += 0.007) expect(normalCdf(normalScore(p))).toBeCloseTo(p, 14);
});
