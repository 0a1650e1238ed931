import { afterAll, describe, expect, it } from "vitest";
import {
  type CorrectedModel,
  decodeCorrected,
  encodeCorrected,
  holdsChain,
  holdsCorrected,
  isRejection,
  logWeightsOf,
  openCorrected,
} from "../chain/index.ts";
import { type Distribution, gaussianMixture, normalDistribution, standardNormal } from "../distributions/index.ts";
import { createEngine } from "../engine/index.ts";
import { hostPotential, kl, sum } from "../functionals/index.ts";
import { entropy } from "../functionals/terms.ts";
import { namedProblem } from "../problems/index.ts";
import { createKey } from "../random/index.ts";
import { graphTargetOf } from "../sampling/index.ts";
import { expectAbilities } from "./abilities.testing.ts";
import type { EvolutionProblem } from "./evolution.ts";
import { neuralJkoIc } from "./neuralJkoIc.ts";
import type { NeuralJkoIcState } from "./neuralJkoIcRun.ts";

const engine = await createEngine({ threads: 1 });
const two = await createEngine({ threads: 2 });
afterAll(() => {
  engine.dispose();
  two.dispose();
});
const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
const column = (rows: Float64Array, k: number): Float64Array => rows.filter((_, i) => i % 2 === k);

const problemOf = (target: Distribution): EvolutionProblem => ({
  title: target.title,
  dimension: 2,
  columns: ["a", "b"],
  start: standardNormal(2),
  functional: kl(target),
  time: 1,
  step: 1,
});

const published = { from: "start", widening: 1, firstStep: 0.05, judgedRows: 2000 };

async function run(
  target: Distribution,
  given: object,
  { seed = 1, by = engine, resume }: { seed?: number; by?: typeof engine; resume?: NeuralJkoIcState } = {},
) {
  const settings = { ...neuralJkoIc.defaults, ...published, ...given };
  const training = neuralJkoIc.run({ engine: by, problem: problemOf(target), settings, key: createKey(seed), resume });
  const [states, places]: [NeuralJkoIcState[], string[]] = [[], []];
  let next = await training.next();
  for (; !next.done; next = await training.next()) {
    const { type, place, values, state } = next.value;
    if (type === "step" || values.update === 5) states.push(structuredClone(state()));
    places.push([type, ...place].join(" "));
  }
  return { result: next.value, states, places };
}

const open = (model: CorrectedModel, target: Distribution) =>
  openCorrected(model, { engine, target: graphTargetOf(kl(target), 2), start: standardNormal(2) });

it("one flow from N(0, I) to a Gaussian is the JKO step of h = tau / 2", async () => {
  const [at, variance, tau] = [1, 0.25, 1];
  const target = normalDistribution([at, 0], Float64Array.of(variance, 0, 0, variance));
  const few = { hidden: [32, 32], updates: 600, pool: 8000, firstStep: tau, flowsBefore: 1, rejectionFlows: 0 };
  const sampler = open((await run(target, few)).result.model, target);
  const { values } = sampler.sample(createKey(1), 20_000);
  // KL + |m - 0|^2 / (2 h) + (s - 1)^2 / (2 h) is least where m (1 + h / v) = h at / v and s (1 + h / v) = 1 + h / s.
  const h = tau / 2;
  const pull = 1 + h / variance;
  const deviation = (1 + Math.sqrt(1 + 4 * pull * h)) / (2 * pull);
  [(h * at) / variance / pull, 0].forEach((expected, k) => {
    const own = column(values, k);
    const found = mean(own);
    expect(Math.abs(found - expected)).toBeLessThan(0.03);
    expect(Math.abs(Math.sqrt(mean(own.map((x) => (x - found) ** 2))) - deviation)).toBeLessThan(0.03);
  });
  sampler.dispose();
});

describe("two modes of unequal weight", async () => {
  const covariance = Float64Array.of(0.15, 0, 0, 0.15);
  const modes = [-1.5, 1.5].map((x) => normalDistribution([x, 0], covariance));
  const target = gaussianMixture([0.8, 0.2], modes);
  const small = { hidden: [24, 24], updates: 250, batchSize: 256, pool: 4000, flowsBefore: 1, rejectionFlows: 1 };
  const { result } = await run(target, small);
  const { model, reports, figures } = result;
  const sampler = open(model, target);
  const drawn = sampler.draw(createKey(2), 10_000);

  it("each part raises the bound, and rejections move the weights to those of the target", () => {
    const flows = open({ ...model, parts: model.parts.slice(0, 2) }, target);
    const weightOf = (rows: Float64Array): number => mean(column(rows, 0).map((x) => (x > 0 ? 1 : 0)));
    const before = Math.abs(weightOf(flows.sample(createKey(2), 10_000).values) - 0.2);
    flows.dispose();
    const after = Math.abs(weightOf(drawn.values) - 0.2);
    expect(after).toBeLessThan(before - 0.02);
    const { chain } = sampler;
    const last = mean(logWeightsOf(chain.target, { rows: drawn.values, logProb: drawn.logProb }));
    const bounds = [...reports.map(({ meanLogRatio }) => meanLogRatio), last];
    bounds.slice(1).forEach((bound, k) => {
      expect(bound).toBeGreaterThan(bounds[k]);
    });
    expect(last).toBeLessThan(0.01);
  });

  it("its abilities agree: rows carry the density that is computed at them, and its mass is 1", () => {
    expectAbilities(sampler, { width: 12, cells: 100, mass: 0.02, inversion: 0 });
    expect(figures.carriedGap).toBeLessThan(1e-3);
    expect(Math.abs(figures.solverGap)).toBeLessThan(0.01);
    const shares = model.parts.filter(isRejection).map(({ mean: share }) => share);
    expect(figures.passes).toBeCloseTo(2 * shares.reduce((all, share) => all * (1 + share), 1), 10);
    for (const share of shares) expect(Math.abs(share - 0.2)).toBeLessThan(0.02);
  });

  it("its mass is 1 as near as its shares are counted: ln Z, which is 0, within its standard error", () => {
    const errors = reports.flatMap(({ massError }) => massError ?? []);
    expect(errors.length).toBe(3);
    for (const error of errors) expect(error).toBeLessThanOrEqual(0.001);
    expect(figures.logZError).toBeGreaterThan(Math.hypot(...errors));
    expect(Math.abs(figures.logZ)).toBeLessThan(4 * figures.logZError);
  });

  it("parts stand in the order of the schedule", () => {
    expect(model.parts.map((part) => isRejection(part))).toEqual([false, false, true, true, true]);
    expect(reports.map(({ step }) => step)).toEqual([0.05, 0.2, undefined, undefined, undefined]);
  });

  it("comes out of its file as it went in; a damaged description is refused", () => {
    const bytes = encodeCorrected(model);
    expect([holdsCorrected(bytes), holdsChain(bytes)]).toEqual([true, false]);
    expect(decodeCorrected(bytes)).toEqual(model);
    const wrong = { ...model, parts: [{ kind: "rejection", logC: 1, mean: 2 } as const] };
    expect(() => decodeCorrected(encodeCorrected(wrong))).toThrow(
      "part 0.mean: 2, expected a number above 0 and below 1",
    );
    expect(() => decodeCorrected(bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte)))).toThrow();
  });
});

describe("from the mixture of tempered SMC", async () => {
  const modes = [-3, 3].map((x) => normalDistribution([x, 0], Float64Array.of(0.2, 0, 0, 0.2)));
  const target = gaussianMixture([0.7, 0.3], modes);
  const small = {
    ...{ from: "smc", population: 640, hidden: [8, 8], updates: 12, batchSize: 128, pool: 1000 },
    ...{ flowsBefore: 1, rejectionFlows: 1, widening: 3, judgedRows: 500 },
  };
  const { result, states, places } = await run(target, small);

  it("is near the target before any map, and its mixture is in the file", () => {
    // The wide quarter costs at most a quarter of (3^2 - 1) d / 2 = 8 nats; from N(0, I) it would be some 18.
    expect(result.reports[0].meanLogRatio).toBeGreaterThan(-2);
    expect(decodeCorrected(encodeCorrected(result.model))).toEqual(result.model);
    expect(Math.abs(result.start!.logZ)).toBeLessThan(5 * result.start!.logZError);
  });

  it("goes on from each state to the same bits, and has them for two threads", async () => {
    expect(places[1]).toBe("step base");
    for (const state of states) expect((await run(target, small, { resume: state })).result).toEqual(result);
    expect((await run(target, small, { by: two })).result).toEqual(result);
    expect((await run(target, small, { seed: 2 })).result).not.toEqual(result);
  });
});

it("refuses what is no target, settings that are none, and targets without a graph", () => {
  expect(() => neuralJkoIc.checkProblem(namedProblem("landau:bkw2", createKey(0)))).toThrow("expected KL to a density");
  const of = (given: object) => () => neuralJkoIc.check({ ...neuralJkoIc.defaults, ...given });
  expect(of({ rejectionRate: 1 })).toThrow("neural-jko-ic:rejectionRate: 1, expected a number above 0 and below 1");
  expect(of({ updatez: 3 })).toThrow("did you mean updates?");
  const host = hostPotential({ value: (row) => row[0] ** 2, gradient: (row) => [2 * row[0], 0] });
  const problem = { ...problemOf(standardNormal(2)), functional: sum([1, entropy()], [1, host]) };
  expect(() => neuralJkoIc.checkProblem(problem)).toThrow("use --system smc, or write it as a graph");
});

it("a target that is a functional has its density in float64, up to the constant that is not known", () => {
  const normal = normalDistribution([1, 2], Float64Array.of(2, 0.5, 0.5, 1));
  const { logDensityOf, logDensityAt } = graphTargetOf(sum([2, kl(normal)]), 2);
  const rows = Float64Array.of(0, 0, 1, 2, -3, 4);
  [0, 1, 2].forEach((i) => {
    const row = rows.subarray(2 * i, 2 * i + 2);
    expect(logDensityOf(rows)[i]).toBeCloseTo(normal.logDensityAt(row), 12);
    expect(logDensityAt(row)).toBe(logDensityOf(rows)[i]);
  });
});
