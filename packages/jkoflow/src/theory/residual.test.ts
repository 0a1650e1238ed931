/** The residual that rows show, beside its value by closed forms and by quadrature. */
import { describe, expect, it } from "vitest";
import { gaussianJkoStep } from "../evaluate/gaussianFlow.ts";
import { apply, identityMatrix, plus } from "../evaluate/symmetric.ts";
import { createKey, fold, normal } from "../random/index.ts";
import { gaussianResidual, inexactStep } from "./gaussianResidual.ts";
import { seenResidual } from "./residual.ts";

const N = 16_384;
const ones = (n: number) => new Float64Array(n).fill(1);

/** Rows of N(m, s^2) through an increasing map towards N(0, 1). */
function onLine(seed: number, m: number, s: number, T: (x: number) => number, h: number) {
  const before = Float64Array.from(normal(createKey(seed), N), (z) => m + s * z);
  const after = before.map(T);
  return seenResidual({ before, after, pull: after, pressure: ones(N), stepSize: h }, 1, fold(createKey(9), "fields"));
}

describe("between Gaussians", () => {
  it.each([
    [0.5, 0.3, 0.7],
    [0.1, 0.1, 1.2],
    [1, 0.05, 0],
  ])("h = %f, eps = %f, angle %f: the residual that the step was made with", (h, eps, angle) => {
    const [from, seeds] = [{ mean: 1, sd: 0.6 }, [1, 2, 3]];
    const to = inexactStep(from, { b: 0, a: 1 }, h, eps, angle);
    for (const seed of seeds) {
      const seen = onLine(seed, from.mean, from.sd, (x) => to.mean + (to.sd / from.sd) * (x - from.mean), h);
      expect(Math.abs(seen.square - eps ** 2)).toBeLessThan(4 * seen.standardError);
      expect(seen.standardError).toBeLessThan(0.2 * eps ** 2 + 8e-3);
      expect(seen.upper).toBeGreaterThan(eps * 0.98);
    }
  });

  it("an exact step has none, in two columns too; another step has what the closed form says", () => {
    const target = { mean: Float64Array.of(0.5, 0.25), precision: Float64Array.of(1.5, -0.4, -0.4, 0.8) };
    const from = { mean: Float64Array.of(1, -2), covariance: Float64Array.of(2, 0.6, 0.6, 0.5) };
    const h = 0.25;
    const exact = gaussianJkoStep(from, target, h);
    const half = { ...exact, map: plus(exact.map, identityMatrix(2), 1).map((v) => v / 2) };
    const spread = (P: Float64Array) => {
      const S = from.covariance;
      const PS = [0, 1].flatMap((i) => [0, 1].map((j) => P[2 * i] * S[j] + P[2 * i + 1] * S[2 + j]));
      return Float64Array.from([0, 1].flatMap((i) => [0, 1].map((j) => PS[2 * i] * P[j] + PS[2 * i + 1] * P[2 + j])));
    };
    for (const [step, least] of [
      [exact, 0],
      [{ ...half, covariance: spread(half.map) }, 0.3],
    ] as const) {
      const truth = gaussianResidual(from, step, target, h);
      expect(truth).toBeGreaterThanOrEqual(least);
      const z = normal(fold(createKey(4), "rows"), 2 * N);
      const L = [Math.sqrt(2), 0, 0.6 / Math.sqrt(2), Math.sqrt(0.5 - 0.18)];
      const before = Float64Array.from(z, (_, at) => {
        const [r, i] = [at - (at % 2), at % 2];
        return from.mean[i] + L[2 * i] * z[r] + L[2 * i + 1] * z[r + 1];
      });
      const mapped = (move: (row: Float64Array) => Float64Array, rows: Float64Array) => {
        const out = new Float64Array(rows.length);
        for (let r = 0; r < rows.length; r += 2) out.set(move(rows.subarray(r, r + 2)), r);
        return out;
      };
      const after = mapped(
        (x) =>
          apply(
            step.map,
            x.map((v, i) => v - from.mean[i]),
            2,
          ).map((v, i) => v + step.mean[i]),
        before,
      );
      const pull = mapped(
        (y) =>
          apply(
            target.precision,
            y.map((v, i) => v - target.mean[i]),
            2,
          ),
        after,
      );
      const seen = seenResidual({ before, after, pull, pressure: ones(N), stepSize: h }, 2, createKey(5));
      expect(Math.abs(seen.square - truth ** 2)).toBeLessThan(4 * seen.standardError);
    }
  });
});

describe("of a map that is not affine", () => {
  /** xi of T(x) = x + c sin(x) from N(0, 1): y + (-x - T''/T') / T' + (y - x) / h, and its norm by quadrature. */
  const [c, h] = [0.4, 0.5];
  const T = (x: number): number => x + c * Math.sin(x);
  const xi = (x: number): number => {
    const [slope, bend] = [1 + c * Math.cos(x), -c * Math.sin(x)];
    return T(x) + (-x - bend / slope) / slope + (T(x) - x) / h;
  };
  let truth = 0;
  for (let i = -8000; i <= 8000; i++) truth += (xi(i / 1000) ** 2 * Math.exp(-((i / 1000) ** 2) / 2)) / 1000;
  truth /= Math.sqrt(2 * Math.PI);

  it.each([1, 2, 3])("seed %i: not above the norm of xi, and nearly all of it", (seed) => {
    const { square, standardError } = onLine(seed, 0, 1, T, h);
    expect(square).toBeLessThan(truth + 4 * standardError);
    expect(square).toBeGreaterThan(0.9 * truth - 4 * standardError);
    expect(standardError).toBeLessThan(0.2 * truth);
  });
});

it("refuses rows that are few, of another width, or not finite", () => {
  const rows = (n: number, value: number) => new Float64Array(n).fill(value);
  const of = (n: number, value: number, d = 1) => ({
    ...{ before: rows(n * d, value), after: rows(n * d, value), pull: rows(n * d, value) },
    ...{ pressure: ones(n), stepSize: 1 },
  });
  expect(() => seenResidual(of(100, 1), 1, createKey(1))).toThrow("rows: 100, expected at least 320");
  expect(() => seenResidual(of(400, 1, 2), 1, createKey(1))).toThrow("800 numbers, expected 400 rows of 1");
  expect(() => seenResidual(of(400, Number.NaN), 1, createKey(1))).toThrow("not finite");
});
