/** Residuals of steps of known flows: exact ones have none. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { barenblatt, normalDistribution, standardNormal } from "../distributions/index.ts";
import { createEngine, type Engine } from "../engine/index.ts";
import { porousStep } from "../evaluate/barenblattFlow.ts";
import { gaussianJkoStep } from "../evaluate/gaussianFlow.ts";
import { entropy, interaction, internalEnergy, kl, potential, sum } from "../functionals/index.ts";
import { cos, scale, squaredNorm } from "../graph/index.ts";
import { createKey, normal } from "../random/index.ts";
import { createResidualMeter } from "./residualMeter.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ threads: 1 });
});
afterAll(() => engine.dispose());

const N = 8192;

it("a step of a Gaussian: none where it is exact, and what is left out where it is half of one", () => {
  const to = { mean: Float64Array.of(1, 0), covariance: Float64Array.of(2, 0, 0, 0.5) };
  const target = { mean: to.mean, precision: Float64Array.of(0.5, 0, 0, 2) };
  const start = standardNormal(2);
  const { mean, map, covariance } = gaussianJkoStep(start, target, 0.2);
  const meter = createResidualMeter(engine, kl(normalDistribution(to.mean, to.covariance)), 2, N);
  const before = Float64Array.from(normal(createKey(3), 2 * N));
  const move = (share: number) => {
    const part = (i: number) => share * map[3 * i] + (1 - share);
    const after = before.map((x, at) => share * mean[at % 2] + part(at % 2) * x);
    const S = Float64Array.of(part(0) ** 2, 0, 0, part(1) ** 2);
    const density = normalDistribution(
      mean.map((v) => share * v),
      S,
    );
    const logDensity = Float64Array.from({ length: N }, (_, i) =>
      density.logDensityAt(after.subarray(2 * i, 2 * i + 2)),
    );
    return meter.at({ before, after, logDensity, stepSize: 0.2, key: createKey(4) });
  };
  expect(covariance[0]).toBeCloseTo(map[0] ** 2, 12);
  const exact = move(1);
  expect(Math.abs(exact.square)).toBeLessThan(4 * exact.standardError);
  expect(move(0.5).residual).toBeGreaterThan(0.2);
  expect(meter.leastCurvature(before)).toBeCloseTo(0.5, 2);
  meter.dispose();
});

it("a step of the porous medium equation: the pressure of rho^2", () => {
  const h = 0.05;
  const s0 = 0.1 ** (1 / 3);
  const start = barenblatt(1, 2, s0);
  const s1 = porousStep({ dimension: 1, m: 2 }, s0, h);
  const meter = createResidualMeter(engine, internalEnergy(2), 1, N);
  const before = Float64Array.from(start.sample!(createKey(5), N));
  const grown = (factor: number) => {
    const after = before.map((x) => factor * x);
    const logDensity = before.map((x) => start.logDensityAt([x]) - Math.log(factor));
    return meter.at({ before, after, logDensity, stepSize: h, key: createKey(6) });
  };
  const exact = grown(s1 / s0);
  expect(Math.abs(exact.square)).toBeLessThan(4 * exact.standardError);
  const off = grown(1.1 * (s1 / s0));
  expect(off.square).toBeGreaterThan(4 * off.standardError);
  meter.dispose();
});

it("an interaction pulls by other rows: a quadratic one contracts about the mean by 1 / (1 + h)", () => {
  const meter = createResidualMeter(
    engine,
    interaction((z) => scale(squaredNorm(z), 0.5)),
    1,
    N,
  );
  const before = Float64Array.from(normal(createKey(7), N), (z) => z);
  const mean = before.reduce((a, b) => a + b, 0) / N;
  const at = (factor: number) => {
    const after = before.map((x) => mean + factor * (x - mean));
    return meter.at({ before, after, logDensity: new Float64Array(N), stepSize: 0.5, key: createKey(8) });
  };
  const exact = at(1 / 1.5);
  expect(Math.abs(exact.square)).toBeLessThan(4 * exact.standardError + 1e-3);
  expect(at(0.8).square).toBeGreaterThan(0.05);
  expect(meter.leastCurvature(before)).toBeUndefined();
  meter.dispose();
});

it("sees where a potential is not convex, and that none has no curvature", () => {
  const rows = Float64Array.from(normal(createKey(9), N));
  const wavy = createResidualMeter(engine, sum([1, entropy()], [1, potential(cos)]), 1, N);
  expect(wavy.leastCurvature(rows)).toBeLessThan(-0.9);
  const none = createResidualMeter(engine, entropy(), 1, N);
  expect(none.leastCurvature(rows)).toBe(0);
  wavy.dispose();
  none.dispose();
});
