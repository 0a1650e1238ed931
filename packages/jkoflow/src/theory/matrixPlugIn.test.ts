/** Laws in several columns by estimated parameters: derivatives by differences, the line, coverage. */
import { describe, expect, it } from "vitest";
import { type GaussianState, gaussianFlowAt, gaussianJkoAt } from "../evaluate/gaussianFlow.ts";
import { functionOf } from "../evaluate/symmetric.ts";
import { createKey, fold, normal } from "../random/index.ts";
import { estimatedLaw, lowerPairs, type SteadyState, type Way } from "./matrixPlugIn.ts";
import { flowLaw, jkoLaw, offlineErrors } from "./plugIn.ts";

/** Q and S that do not commute. */
const A = Float64Array.of(1.5, -0.4, -0.4, 0.8);
const temperature = 0.7;
const steady: SteadyState = {
  mean: Float64Array.of(0.5, 0.25),
  covariance: functionOf(A, 2, (v) => temperature / v),
  temperature,
};
const start: GaussianState = { mean: Float64Array.of(1, -2), covariance: Float64Array.of(2, 0.6, 0.6, 0.5) };
const ways: readonly (readonly [string, Way])[] = [
  ["the scheme", { step: 0.25, steps: 3 }],
  ["the flow", { time: 0.75 }],
];

/** The law by closed forms alone, for differences. */
function lawOf({ mean, covariance, temperature: b }: SteadyState, way: Way): number[] {
  const target = { mean, precision: functionOf(covariance, 2, (v) => b / v), beta: 1 / b };
  const state =
    "time" in way ? gaussianFlowAt(start, target, way.time) : gaussianJkoAt(start, target, way.step, way.steps);
  return [...state.mean, ...lowerPairs(2).map(([i, j]) => state.covariance[2 * i + j])];
}

describe.each(ways)("%s", (_, way) => {
  it("errors are those of derivatives by central differences", () => {
    const by = 1e-5;
    const moved = (p: number, step: number): SteadyState => {
      const [mean, covariance] = [steady.mean.slice(), steady.covariance.slice()];
      if (p < 2) mean[p] += step;
      else {
        const [i, j] = lowerPairs(2)[p - 2];
        covariance[2 * i + j] += step;
        if (i !== j) covariance[2 * j + i] += step;
      }
      return { mean, covariance, temperature };
    };
    const rows = [0, 1, 2, 3, 4].map((p) => {
      const [up, down] = [lawOf(moved(p, by), way), lawOf(moved(p, -by), way)];
      return up.map((v, k) => (v - down[k]) / (2 * by));
    });
    const S = steady.covariance;
    const inputs = (p: number, q: number): number => {
      if (p < 2 || q < 2) return p < 2 && q < 2 ? S[2 * p + q] : 0;
      const [[i, j], [k, l]] = [lowerPairs(2)[p - 2], lowerPairs(2)[q - 2]];
      return S[2 * i + k] * S[2 * j + l] + S[2 * i + l] * S[2 * j + k];
    };
    const { errors, mean, covariance } = estimatedLaw(steady, start, way);
    for (let r = 0; r < 5; r++)
      for (let c = 0; c < 5; c++) {
        let sum = 0;
        for (let p = 0; p < 5; p++) for (let q = 0; q < 5; q++) sum += rows[p][r] * inputs(p, q) * rows[q][c];
        expect(Math.abs(errors[5 * r + c] - sum)).toBeLessThan(1e-6 * (1 + Math.abs(sum)));
      }
    expect([...mean, covariance[0], covariance[2], covariance[3]]).toEqual(
      lawOf(steady, way).map((v) => expect.closeTo(v, 10)),
    );
  });

  it("intervals of n = 400 rows hold every entry at 95 %, within three standard errors and a hundredth", () => {
    const [n, runs] = [400, 400];
    const truth = lawOf(steady, way);
    const held = new Float64Array(5);
    const root = functionOf(steady.covariance, 2, Math.sqrt);
    for (let run = 0; run < runs; run++) {
      const z = normal(fold(createKey(21), run), 2 * n);
      const x = Float64Array.from(z, (_v, at) => {
        const r = at - (at % 2);
        return steady.mean[at % 2] + root[2 * (at % 2)] * z[r] + root[2 * (at % 2) + 1] * z[r + 1];
      });
      const mean = new Float64Array(2);
      const covariance = new Float64Array(4);
      for (let at = 0; at < 2 * n; at++) mean[at % 2] += x[at] / n;
      for (let r = 0; r < n; r++)
        for (let i = 0; i < 2; i++)
          for (let j = 0; j < 2; j++)
            covariance[2 * i + j] += ((x[2 * r + i] - mean[i]) * (x[2 * r + j] - mean[j])) / (n - 1);
      const law = estimatedLaw({ mean, covariance, temperature }, start, way);
      const found = [...law.mean, law.covariance[0], law.covariance[2], law.covariance[3]];
      found.forEach((value, k) => {
        if (Math.abs(value - truth[k]) <= 1.96 * Math.sqrt(law.errors[6 * k] / n)) held[k]++;
      });
    }
    for (const count of held) {
      expect(count / runs).toBeGreaterThan(0.95 - 3 * Math.sqrt((0.95 * 0.05) / runs) - 0.01);
      expect(count / runs).toBeLessThan(0.95 + 3 * Math.sqrt((0.95 * 0.05) / runs) + 0.01);
    }
  });
});

it("in one column it is the law on the line", () => {
  const line = { mean: 1, stiffness: 1.5, temperature: 0.5 };
  const one = { mean: Float64Array.of(1), covariance: Float64Array.of(1 / 3), temperature: 0.5 };
  const from = { mean: Float64Array.of(-2), covariance: Float64Array.of(0.1) };
  for (const [way, law] of [
    [{ step: 0.1, steps: 6 }, jkoLaw(line, { mean: -2, variance: 0.1 }, 0.1, 6)],
    [{ time: 0.6 }, flowLaw(line, { mean: -2, variance: 0.1 }, 0.6)],
  ] as const) {
    const { errors, mean, covariance } = estimatedLaw(one, from, way);
    const exact = offlineErrors(line, law);
    expect([mean[0], covariance[0]]).toEqual([expect.closeTo(law.mean, 12), expect.closeTo(law.variance, 12)]);
    expect([...errors]).toEqual(
      [exact.mean, exact.covariance, exact.covariance, exact.variance].map((v) => expect.closeTo(v, 9)),
    );
  }
});

it("refuses a singular covariance", () => {
  const flat = { mean: Float64Array.of(0), covariance: Float64Array.of(0), temperature: 1 };
  expect(() => estimatedLaw(flat, { mean: Float64Array.of(0), covariance: Float64Array.of(1) }, { time: 1 })).toThrow(
    "singular",
  );
});
