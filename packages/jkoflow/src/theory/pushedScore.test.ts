/** Scores of pushed densities, and residuals by them: closed forms, another route through the density, a map that turns. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { barenblatt, normalDistribution, standardNormal } from "../distributions/index.ts";
import { createEngine, type Engine } from "../engine/index.ts";
import { porousStep } from "../evaluate/barenblattFlow.ts";
import { gaussianJkoStep } from "../evaluate/gaussianFlow.ts";
import { interaction, internalEnergy, kl } from "../functionals/index.ts";
import { scale, squaredNorm } from "../graph/index.ts";
import { gradientMap } from "../maps/gradientMap.ts";
import { createKey, fold, normal } from "../random/index.ts";
import { gaussianResidual } from "./gaussianResidual.ts";
import { pushScore, scoreAt } from "./pushedScore.ts";
import { createResidualMeter } from "./residualMeter.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ threads: 1 });
});
afterAll(() => engine.dispose());

describe("the score of a pushed density", () => {
  it("is that of a Gaussian behind an affine map, which stretches and turns as its matrix does", () => {
    const L = Float64Array.of(1.4, 0.3, -0.2, 0.7);
    const push = (x: ArrayLike<number>, y: Float64Array): number => {
      y[0] = L[0] * x[0] + L[1] * x[1] + 1;
      y[1] = L[2] * x[0] + L[3] * x[1] - 2;
      return Math.log(L[0] * L[3] - L[1] * L[2]);
    };
    const rows = Float64Array.from(normal(createKey(1), 40));
    const start = standardNormal(2);
    const pushed = pushScore({ push }, rows, scoreAt(start, rows), 2);
    const S = Float64Array.of(L[0] ** 2 + L[1] ** 2, L[0] * L[2] + L[1] * L[3], 0, L[2] ** 2 + L[3] ** 2);
    S[2] = S[1];
    const exact = scoreAt(normalDistribution([1, -2], S), pushed.rows);
    pushed.score.forEach((v, at) => {
      expect(Math.abs(v - exact[at])).toBeLessThan(1e-7 * (1 + Math.abs(v)));
    });
    const [sum, det] = [S[0] + S[3], L[0] * L[3] - L[1] * L[2]]; // singular values s, t: s^2 + t^2, s t
    const least = Math.sqrt((sum - Math.sqrt(sum ** 2 - 4 * det ** 2)) / 2);
    expect(pushed.stretch).toBeCloseTo(1 / least, 6);
    expect(pushed.turn).toBeCloseTo(0.5 / 1.4, 6);
  });

  it("behind two gradient maps is that of differences of the log-density by their inverses", () => {
    const config = { kind: "gradient", dimension: 2, width: 6, rank: 2, convexity: 1e-3 } as const;
    const maps = [1, 2].map((seed) => gradientMap.open!(config, gradientMap.init(config, createKey(seed), 1)));
    const start = normalDistribution([0.3, -0.2], Float64Array.of(1.2, 0.3, 0.3, 0.8));
    let rows: Float64Array = Float64Array.from(normal(createKey(5), 16));
    let score = scoreAt(start, rows);
    for (const map of maps) {
      const pushed = pushScore(map, rows, score, 2);
      expect(pushed.turn).toBeLessThan(1e-6);
      [rows, score] = [pushed.rows, pushed.score];
    }
    const logDensityAt = (y: ArrayLike<number>): number => {
      let [at, log] = [Float64Array.from(y), 0];
      for (const map of [...maps].reverse()) {
        const x = new Float64Array(2);
        log -= map.invert!(at, x);
        at = x;
      }
      return log + start.logDensityAt(at);
    };
    rows.forEach((v, at) => {
      const moved = (by: number) =>
        rows.slice(at - (at % 2), at - (at % 2) + 2).map((x, j) => (j === at % 2 ? x + by : x));
      const slope = (logDensityAt(moved(1e-4)) - logDensityAt(moved(-1e-4))) / 2e-4;
      // Inverses are right to 1e-10 (1 + |y|), which a difference divides by 2e-4.
      expect(Math.abs(score[at] - slope)).toBeLessThan(2e-5 * (1 + Math.abs(slope)) * (1 + Math.abs(v)));
    });
  });

  it("is refused behind a map that flattens", () => {
    const push = (_: ArrayLike<number>, y: Float64Array): number => {
      y.fill(1);
      return 0;
    };
    expect(() => pushScore({ push }, Float64Array.of(1), Float64Array.of(1), 1)).toThrow("singular");
  });
});

describe("the residual by the score", () => {
  const N = 4096;

  it("of affine steps has the norm of the closed form, to the noise of the rows", () => {
    const target = { mean: Float64Array.of(0.5, 0.25), precision: Float64Array.of(1.5, -0.4, -0.4, 0.8) };
    const determinant = 1.5 * 0.8 - 0.16;
    const q = normalDistribution(
      target.mean,
      Float64Array.of(0.8, 0.4, 0.4, 1.5).map((v) => v / determinant),
    );
    const from = { mean: Float64Array.of(1, -2), covariance: Float64Array.of(2, 0.6, 0.6, 0.5) };
    const start = normalDistribution(from.mean, from.covariance);
    const h = 0.25;
    const exact = gaussianJkoStep(from, target, h);
    const before = Float64Array.from(start.sample(createKey(3), N));
    const meter = createResidualMeter(engine, kl(q), 2, N);
    for (const late of [0, 0.3]) {
      // Too far by a share of the mean's way: the residual is constant.
      const mean = exact.mean.map((v, i) => v + late * (v - from.mean[i]));
      const push = (x: ArrayLike<number>, y: Float64Array): number => {
        const [u, v] = [x[0] - from.mean[0], x[1] - from.mean[1]];
        y[0] = mean[0] + exact.map[0] * u + exact.map[1] * v;
        y[1] = mean[1] + exact.map[2] * u + exact.map[3] * v;
        return Math.log(exact.map[0] * exact.map[3] - exact.map[1] * exact.map[2]);
      };
      const { rows: after, score, logDet } = pushScore({ push }, before, scoreAt(start, before), 2);
      const logDensity = logDet.map((l, i) => start.logDensityAt(before.subarray(2 * i, 2 * i + 2)) - l);
      const seen = meter.byScore({ before, after, logDensity, score, stepSize: h, key: createKey(4) });
      const truth = gaussianResidual(from, { ...exact, mean }, target, h);
      expect(Math.abs(seen.residual - truth)).toBeLessThan(1e-4 * (1 + truth)); // the engine's pull is of float32
    }
    meter.dispose();
  });

  it("of the porous medium: 0 for the exact scale, and for another what the profile says", () => {
    const [h, s0, m] = [0.05, 0.5, 2];
    const start = barenblatt(1, m, s0);
    const exact = porousStep({ dimension: 1, m }, s0, h) / s0;
    const before = Float64Array.from(start.sample!(createKey(5), N)).filter((x) =>
      Number.isFinite(start.logDensityAt([1.001 * x])),
    );
    const n = before.length;
    expect(n).toBeGreaterThan(0.95 * N);
    const meter = createResidualMeter(engine, internalEnergy(m), 1, n);
    const at = (factor: number) => {
      const push = (x: ArrayLike<number>, y: Float64Array): number => {
        y[0] = factor * x[0];
        return Math.log(factor);
      };
      const { rows: after, score, logDet } = pushScore({ push }, before, scoreAt(start, before), 1);
      const logDensity = logDet.map((l, i) => start.logDensityAt([before[i]]) - l);
      return meter.byScore({ before, after, logDensity, score, stepSize: h, key: createKey(6) }).residual;
    };
    // xi is linear in x for every scale: 2 grad rho = -4 kappa y / s^3 with C - kappa y^2 / s^2, so the residual is |slope| times the rms.
    const rms = Math.sqrt(before.reduce((sum, x) => sum + x * x, 0) / n);
    const slopeOf = (factor: number): number => {
      const kappa = 1 / 12; // alpha (m - 1) / (2 m d), alpha = 1 / 3
      const s = factor * s0;
      return (-4 * kappa * factor) / s ** 3 + (factor - 1) / h;
    };
    expect(at(exact)).toBeLessThan(1e-3);
    expect(at(1.1 * exact) / (Math.abs(slopeOf(1.1 * exact)) * rms)).toBeCloseTo(1, 3);
    meter.dispose();
  });

  it("of an interaction: the noise of other rows leaves no square behind", () => {
    const meter = createResidualMeter(
      engine,
      interaction((z) => scale(squaredNorm(z), 0.5)),
      1,
      N,
    );
    const before = Float64Array.from(normal(fold(createKey(7), "rows"), N), (z) => z);
    const mean = before.reduce((a, b) => a + b, 0) / N;
    const after = before.map((x) => mean + (x - mean) / 1.5);
    const seen = meter.byScore({ before, after, logDensity: before, score: before, stepSize: 0.5, key: createKey(8) });
    expect(Math.abs(seen.square)).toBeLessThan(4 * seen.standardError);
    expect(seen.standardError).toBeLessThan(5e-3);
    meter.dispose();
  });
});
