import { describe, expect, it } from "vitest";
import { banana, type Distribution, eightModes, normalDistribution } from "../distributions/index.ts";
import { createEngine } from "../engine/index.ts";
import { energyDistance, momentsOf } from "../evaluate/index.ts";
import { entropy, hostPotential, interaction, kl, sum } from "../functionals/index.ts";
import { scale, squaredNorm } from "../graph/index.ts";
import { createKey, fold, type Key, normal } from "../random/index.ts";
import { evaluated, hmcMove, taken } from "./hmc.ts";
import {
  covarianceMetric,
  type Evaluator,
  evaluatorOf,
  logZOf,
  resample,
  type SmcState,
  smc,
  targetOf,
} from "./index.ts";

const engine = await createEngine({ threads: 1 });
const key = createKey("smc");
const round = (d: number, deviation: number) =>
  normalDistribution(
    new Array<number>(d).fill(0),
    Float64Array.from({ length: d * d }, (_, at) => (at % (d + 1) === 0 ? deviation ** 2 : 0)),
  );
const SETTINGS = { particles: 1600, groups: 16, ess: 0.9, leaps: 5, moves: 3 };

async function run(
  to: Distribution,
  from = round(to.dimension, 2),
  settings = SETTINGS,
  by: Key = key,
): Promise<SmcState> {
  const [base, target] = [evaluatorOf(engine, from), evaluatorOf(engine, to)];
  const steps = smc({ base, target }, from.sample, settings, by);
  let next = await steps.next();
  while (!next.done) next = await steps.next();
  base.dispose();
  target.dispose();
  return next.value;
}

/** 3 N(m, S), whose ln Z is ln 3. */
const correlated: Distribution = (() => {
  const inner = normalDistribution([1, -2], Float64Array.of(1, 0.9, 0.9, 1));
  return {
    ...{ title: "three times a normal", dimension: 2 },
    logDensity: (x) => inner.logDensity(x),
    logDensityAt: (row) => inner.logDensityAt(row),
    logZ: -Math.log(3), // kl adds it to the energy: the evaluator's density is e^(-logZ) of the normal one
  };
})();

describe("evaluator", () => {
  it("gives log-densities and slopes, whatever a functional is made of, and of temperature D", () => {
    const rows = normal(fold(key, "rows"), 20);
    const law = round(2, 1);
    const plain = evaluatorOf(engine, law).evaluate(rows);
    const host = hostPotential({
      value: ([a, b]) => (a * a + b * b) / 2,
      gradient: (row) => row,
    });
    const found = targetOf(engine, sum([1, host], [2, entropy()]), 2).evaluate(rows);
    if (plain instanceof Promise || found instanceof Promise) throw new Error("not here");
    for (let i = 0; i < 10; i++) {
      const [a, b] = rows.subarray(2 * i, 2 * i + 2);
      expect(plain.logDensity[i]).toBeCloseTo(law.logDensityAt([a, b]), 5);
      expect(found.logDensity[i]).toBeCloseTo(-(a * a + b * b) / 4, 5);
      expect(found.gradient[2 * i + 1]).toBeCloseTo(-b / 2, 5);
    }
  });

  it.each([
    ["an interaction", sum([1, interaction(squaredNorm)], [1, entropy()])],
    ["no entropy", interaction((z) => scale(squaredNorm(z), 1))],
  ])("refuses a functional with %s", (_, functional) => {
    expect(() => targetOf(engine, functional, 2)).toThrow(/expected KL to a density/);
  });
});

describe("moves", () => {
  it("keep the density that they are for: moments of a normal, from its own rows", async () => {
    const law = normalDistribution([1, -2], Float64Array.of(1, 0.9, 0.9, 1));
    const target = evaluatorOf(engine, law);
    const bridge = { base: target, target };
    let particles = await evaluated(bridge, law.sample(fold(key, "own"), 8000));
    const metric = covarianceMetric(particles.rows, 2);
    for (let k = 0; k < 5; k++) {
      const leapfrog = { stepSize: 0.9, leaps: 3, metric };
      const made = await hmcMove(bridge, particles, 1, leapfrog, fold(key, "keep", k));
      expect(made.acceptance).toBeGreaterThan(0.6);
      particles = made.particles;
    }
    const { mean, covariance } = momentsOf(particles.rows, 2);
    expect(Math.abs(mean[0] - 1)).toBeLessThan(0.06);
    expect(Math.abs(covariance[1] - 0.9)).toBeLessThan(0.08);
  });

  it("never go where the density is 0 or no number, and carry what is known of each row along", async () => {
    const half: Evaluator = {
      dimension: 1,
      evaluate: (rows) => ({
        logDensity: Float64Array.from(rows, (x) => (x < 0 ? (x < -1 ? Number.NaN : -Infinity) : -x)),
        gradient: Float64Array.from(rows, () => -1),
      }),
      dispose: () => {},
    };
    const bridge = { base: half, target: half };
    let particles = await evaluated(
      bridge,
      Float32Array.from({ length: 500 }, (_, i) => (i + 0.5) / 100),
    );
    for (let k = 0; k < 20; k++) {
      const leapfrog = { stepSize: 0.8, leaps: 4, metric: Float64Array.of(1) };
      particles = (await hmcMove(bridge, particles, 1, leapfrog, fold(key, "half", k))).particles;
    }
    expect(particles.rows.every((x) => x >= 0)).toBe(true);
    expect(Array.from(particles.target.logDensity)).toEqual(Array.from(particles.rows, (x) => -x));
    const mean = particles.rows.reduce((a, b) => a + b, 0) / 500; // Exp(1)
    expect(Math.abs(mean - 1)).toBeLessThan(4 / Math.sqrt(500));
    const two = taken(particles, Int32Array.of(3, 3), 1);
    expect([two.rows[0], two.rows[1]]).toEqual([particles.rows[3], particles.rows[3]]);
  });

  it("of a way that runs away end before it has no place any more, and it is not taken", async () => {
    // exp(-x^8): the leapfrog of a far row overflows after a few steps.
    let furthest = 0;
    const steep: Evaluator = {
      dimension: 1,
      evaluate: (rows) => {
        furthest = rows.reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : Number.NaN), furthest);
        return {
          logDensity: Float64Array.from(rows, (x) => -(x ** 8)),
          gradient: Float64Array.from(rows, (x) => -8 * x ** 7),
        };
      },
      dispose: () => {},
    };
    const bridge = { base: steep, target: steep };
    const start = await evaluated(
      bridge,
      Float32Array.from({ length: 100 }, (_, i) => (i - 50) / 40),
    );
    const leapfrog = { stepSize: 2, leaps: 20, metric: Float64Array.of(1) };
    const { particles } = await hmcMove(bridge, start, 1, leapfrog, fold(key, "steep"));
    expect(furthest).toBeLessThan(1e30);
    expect(particles.rows.every((x) => Math.abs(x) < 3)).toBe(true);
  });
});

describe("draws by weights", () => {
  it("are systematic: each row as often as its share, to one", () => {
    const weights = Float64Array.of(0.1, 0.5, 0.05, 0.35);
    const { indices, logMean } = resample(
      Float64Array.from({ length: 400 }, (_, i) => Math.log(weights[i % 4])),
      fold(key, "systematic"),
    );
    expect(logMean).toBeCloseTo(Math.log(1 / 4), 12);
    weights.forEach((weight, k) => {
      expect(Math.abs(indices.filter((i) => i % 4 === k).length - 400 * weight)).toBeLessThanOrEqual(100);
    });
    const counts = new Int32Array(400);
    for (const index of indices) counts[index]++;
    expect(counts.every((count, i) => Math.abs(count - 4 * weights[i % 4]) <= 1)).toBe(true);
  });
});

describe("tempered sequential Monte Carlo", () => {
  it("comes to a correlated normal and its ln Z", async () => {
    const { rows, logZ, temperature } = await run(correlated);
    expect(temperature).toBe(1);
    const { value, error } = logZOf(logZ);
    expect(Math.abs(value - Math.log(3))).toBeLessThan(4 * error);
    const { mean, covariance } = momentsOf(rows, 2);
    expect(Math.abs(mean[1] + 2)).toBeLessThan(0.15);
    expect(Math.abs(covariance[1] - 0.9)).toBeLessThan(0.2);
  });

  it("ln Z is within three standard errors in 95 runs of 100, and they are no wider than need be", async () => {
    let [inside, sum, squares, errors] = [0, 0, 0, 0];
    for (let k = 0; k < 100; k++) {
      const settings = { ...SETTINGS, particles: 320, leaps: 3, moves: 2 };
      const { value, error } = logZOf((await run(correlated, undefined, settings, fold(key, "coverage", k))).logZ);
      const off = value - Math.log(3);
      if (Math.abs(off) <= 3 * error) inside++;
      sum += off / 100;
      squares += off ** 2 / 100;
      errors += error ** 2 / 100;
    }
    expect(inside).toBeGreaterThanOrEqual(95);
    expect(Math.abs(sum)).toBeLessThan(4 * Math.sqrt(squares / 100));
    expect(Math.sqrt(errors / squares)).toBeGreaterThan(0.7);
    expect(Math.sqrt(errors / squares)).toBeLessThan(1.5);
  });

  it("finds all of eight modes in their shares, and the shape of a banana", async () => {
    for (const [target, most] of [
      [eightModes(), 2e-3],
      [banana(), 2e-3],
    ] as const) {
      const { rows, logZ } = await run(target, undefined, { ...SETTINGS, particles: 4800 });
      const { value, error } = logZOf(logZ);
      expect(Math.abs(value)).toBeLessThan(4 * error + 0.01);
      const exact = target.sample(fold(key, "exact"), 4800);
      const { unbiased } = energyDistance(rows, exact, 2, fold(key, "distance"), { permutations: 0 });
      expect(unbiased / 2).toBeLessThan(most);
    }
  });

  it("goes on from each of its states to the same bits", async () => {
    const [from, to] = [round(2, 2), banana()];
    const [base, target] = [evaluatorOf(engine, from), evaluatorOf(engine, to)];
    const states: SmcState[] = [];
    const settings = { ...SETTINGS, particles: 320 };
    const whole = smc({ base, target }, from.sample, settings, key);
    let next = await whole.next();
    for (; !next.done; next = await whole.next()) states.push(next.value);
    expect(states.length).toBeGreaterThan(3);
    for (const state of [states[0], states[2], states[states.length - 1]]) {
      const again = smc({ base, target }, from.sample, settings, key, structuredClone(state));
      let more = await again.next();
      while (!more.done) more = await again.next();
      expect(more.value).toEqual(next.value);
    }
  });
});

it("a function of the host that has no value somewhere has no density there", async () => {
  // ln p = 2 ln x - x on x > 0, a Gamma(3): ln Z = ln 2.
  const half = hostPotential({ value: ([x]) => x - 2 * Math.log(x), gradient: ([x]) => [1 - 2 / x] });
  const target = targetOf(engine, sum([1, half], [1, entropy()]), 1);
  const from = normalDistribution([3], Float64Array.of(9));
  const base = evaluatorOf(engine, from);
  const steps = smc({ base, target }, from.sample, { ...SETTINGS, particles: 3200 }, key);
  let next = await steps.next();
  while (!next.done) next = await steps.next();
  const { value, error } = logZOf(next.value.logZ);
  expect(next.value.rows.every((x) => x > 0)).toBe(true);
  expect(Math.abs(value - Math.log(2))).toBeLessThan(4 * error);
});

it("a distribution's ln Z is part of its evaluator", () => {
  const found = targetOf(engine, kl(correlated), 2).evaluate(Float32Array.of(1, -2));
  if (found instanceof Promise) throw new Error("not here");
  expect(found.logDensity[0]).toBeCloseTo(correlated.logDensityAt([1, -2]) + Math.log(3), 5);
});
