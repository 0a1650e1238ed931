import { afterAll, describe, expect, it } from "vitest";
import { drawsOf, isRejection, logProbOf, logWeightsOf } from "../chain/index.ts";
import { gaussianMixture, normalDistribution, standardNormal } from "../distributions/index.ts";
import { createEngine } from "../engine/index.ts";
import { createKey } from "../random/index.ts";
import { neuralJkoIc, openSampler, type SamplerReport } from "./neuralJkoIc.ts";

const engine = await createEngine({ threads: 1 });
afterAll(engine.dispose);
const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
const column = (rows: Float64Array, k: number): Float64Array => rows.filter((_, i) => i % 2 === k);

it("one flow from N(0, I) to a Gaussian is the JKO step of h = tau / 2", () => {
  const [at, variance, tau] = [1, 0.25, 1];
  const target = normalDistribution([at, 0], Float64Array.of(variance, 0, 0, variance));
  const base = standardNormal(2);
  const { parts } = neuralJkoIc(engine, target, {
    key: createKey(0),
    settings: { hidden: [32, 32], updates: 600, pool: 8000, firstStep: tau, flowsBefore: 1, rejectionFlows: 0 },
  });
  const sampler = openSampler(engine, parts, { base, target });
  const { rows } = drawsOf(sampler, createKey(1)).take(20_000);
  // KL + |m - 0|^2 / (2 h) + (s - 1)^2 / (2 h) is least where m (1 + h / v) = h at / v and s (1 + h / v) = 1 + h / s.
  const h = tau / 2;
  const pull = 1 + h / variance;
  const deviation = (1 + Math.sqrt(1 + 4 * pull * h)) / (2 * pull);
  [(h * at) / variance / pull, 0].forEach((expected, k) => {
    const values = column(rows, k);
    const found = mean(values);
    expect(Math.abs(found - expected)).toBeLessThan(0.03);
    expect(Math.abs(Math.sqrt(mean(values.map((x) => (x - found) ** 2))) - deviation)).toBeLessThan(0.03);
  });
  sampler.dispose();
});

describe("two modes of unequal weight", () => {
  const covariance = Float64Array.of(0.15, 0, 0, 0.15);
  const modes = [-1.5, 1.5].map((x) => normalDistribution([x, 0], covariance));
  const target = gaussianMixture([0.8, 0.2], modes);
  const base = standardNormal(2);
  const settings = { hidden: [24, 24], updates: 250, batchSize: 256, pool: 4000, flowsBefore: 1, rejectionFlows: 1 };
  const train = (seed: number, onPart?: (report: SamplerReport) => void) =>
    neuralJkoIc(engine, target, { key: createKey(seed), settings, ...(onPart ? { onPart } : {}) });
  const told: SamplerReport[] = [];
  const { parts, reports } = train(1, (report) => told.push(report));
  const sampler = openSampler(engine, parts, { base, target });
  const drawn = drawsOf(sampler, createKey(2)).take(10_000);

  it("each part raises the bound, and rejections move the weights to those of the target", () => {
    const flows = openSampler(engine, parts.slice(0, 2), { base, target });
    const weightOf = (rows: Float64Array): number => mean(column(rows, 0).map((x) => (x > 0 ? 1 : 0)));
    const before = Math.abs(weightOf(drawsOf(flows, createKey(2)).take(10_000).rows) - 0.2);
    flows.dispose();
    const after = Math.abs(weightOf(drawn.rows) - 0.2);
    expect(after).toBeLessThan(before - 0.02);
    const bounds = [...reports.map(({ meanLogWeight }) => meanLogWeight), mean(logWeightsOf(target, drawn))];
    bounds.slice(1).forEach((bound, k) => {
      expect(bound).toBeGreaterThan(bounds[k]);
    });
    expect(bounds[bounds.length - 1]).toBeLessThan(0.01);
  });

  it("its density has mass 1 and is that which rows carry", () => {
    const at = logProbOf(sampler, drawn.rows.subarray(0, 2000));
    expect(Math.max(...at.map((value, i) => Math.abs(value - drawn.logProb[i])))).toBeLessThan(1e-3);
    const [cells, width] = [100, 12];
    const cell = width / cells;
    const grid = Float64Array.from(
      { length: 2 * cells * cells },
      (_, i) => -width / 2 + cell * ((i % 2 === 0 ? (i >> 1) % cells : Math.floor((i >> 1) / cells)) + 0.5),
    );
    const mass = logProbOf(sampler, grid).reduce((all, l) => all + Math.exp(l) * cell * cell, 0);
    expect(Math.abs(mass - 1)).toBeLessThan(0.02);
  });

  it("parts stand in the order of the schedule and are told as they come", () => {
    expect(parts.map((part) => isRejection(part))).toEqual([false, false, true, true, true]);
    expect(told).toEqual(reports);
    expect(reports.map(({ step }) => step)).toEqual([0.05, 0.2, undefined, undefined, undefined]);
  });

  it("the same seed gives the same bits, another seed others", () => {
    expect(train(1).parts).toEqual(parts);
    expect(train(3).parts).not.toEqual(parts);
  });

  it("refuses settings that are none", () => {
    const of = (settings: object) => () => neuralJkoIc(engine, target, { key: createKey(0), settings });
    expect(of({ rejectionRate: 1 })).toThrow("neural-jko-ic:rejectionRate: 1, expected a number above 0 and below 1");
    expect(of({ updatez: 3 })).toThrow("did you mean updates?");
  });
});
