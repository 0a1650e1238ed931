import { describe, expect, it } from "vitest";
import { openChain } from "../chain/index.ts";
import { normalDistribution, standardNormal } from "../distributions/index.ts";
import { createEngine, type Engine } from "../engine/index.ts";
import { gaussianJkoStep, gaussianKl, gaussianSymKl } from "../evaluate/gaussianFlow.ts";
import { symKl } from "../evaluate/symKl.ts";
import { internalEnergy, kl, klToRows, potential, sum, transport } from "../functionals/index.ts";
import { squaredNorm } from "../graph/index.ts";
import type { EvolutionState } from "../jko/index.ts";
import { createKey } from "../random/index.ts";
import type { Settings } from "../settings/index.ts";
import type { EvolutionEvent, EvolutionProblem, Evolved } from "./evolution.ts";
import { jkoIcnn } from "./jkoIcnn.ts";

async function train(
  engine: Engine,
  problem: EvolutionProblem,
  chosen: Settings,
  seed: number,
  resume?: EvolutionState,
): Promise<{
  readonly events: EvolutionEvent[];
  readonly evolved: Evolved<unknown> & { readonly maps: readonly Float32Array[] };
}> {
  const settings = { ...jkoIcnn.defaults(problem), ...chosen };
  const run = jkoIcnn.run({ engine, problem, settings, key: createKey(seed), ...(resume ? { resume } : {}) });
  const events: EvolutionEvent[] = [];
  for (;;) {
    const next = await run.next();
    if (next.done) return { events, evolved: next.value };
    events.push(next.value);
  }
}

const problemOf = (changes: Partial<EvolutionProblem>): EvolutionProblem => ({
  title: "test",
  dimension: 2,
  columns: ["x", "y"],
  start: standardNormal(2),
  functional: potential(squaredNorm),
  time: 0.1,
  step: 0.05,
  ...changes,
});

const small = { width: 8, rank: 2, identityUpdates: 40, updates: 60, batchSize: 64, poolRows: 500, heldOutRows: 400 };

describe("jko-icnn", () => {
  // A start and a target that do not commute; one step of h = 0.25.
  it.each([1, 2])("one step is the exact one between Gaussians: SymKL below 1e-3, seed %d", async (seed) => {
    const engine = await createEngine({ threads: 1 });
    const [mean, covariance] = [Float64Array.of(1, -2), Float64Array.of(2, 0.6, 0.6, 0.5)];
    const precision = Float64Array.of(1.5, -0.4, -0.4, 0.8);
    const determinant = 1.5 * 0.8 - 0.4 * 0.4;
    const inverse = Float64Array.of(0.8, 0.4, 0.4, 1.5).map((v) => v / determinant);
    const start = normalDistribution(mean, covariance);
    const functional = kl(normalDistribution([0.5, 0.25], inverse));
    const problem = problemOf({ start, functional, time: 0.25, step: 0.25 });
    const chosen = { batchSize: 512, poolRows: 20_000 };
    const { evolved, events } = await train(engine, problem, chosen, seed);
    const exact = gaussianJkoStep({ mean, covariance }, { mean: Float64Array.of(0.5, 0.25), precision }, 0.25);
    const step = normalDistribution(exact.mean, exact.covariance);
    const config = { kind: "gradient", dimension: 2, width: 64, rank: 5, convexity: 1e-3 } as const;
    const parts = evolved.maps.map((weights) => ({ config, weights }));
    const about = { system: "jko-icnn", columns: ["x", "y"], base: "start", direction: "from base" } as const;
    const flow = openChain({ ...about, parts }, { start });
    const n = 4000;
    const ours = flow.draw!(createKey(7), n);
    const theirs = step.sample(createKey(8), n);
    const logs = (x: ArrayLike<number>) =>
      Float64Array.from({ length: n }, (_, i) => step.logDensityAt([x[2 * i], x[2 * i + 1]]));
    const gap = symKl({ p: ours.logProb, q: logs(ours.values) }, { p: flow.logProb!(theirs), q: logs(theirs) });
    expect(gap.value + 3 * gap.error).toBeLessThan(1e-3);
    // F and the distance moved, of held-out rows, beside the closed form; KL0 3.3260, KL1 1.8467, W2^2 0.3052
    const [start_, after] = [events[0].values, events.at(-1)!.values];
    expect(Math.abs(Number(start_.energy) - 3.3260331947)).toBeLessThan(4 * Number(start_.energyError));
    expect(Math.abs(Number(after.energy) - 1.8467331331)).toBeLessThan(4 * Number(after.energyError));
    expect(Math.abs(Number(after.moved) - exact.moved)).toBeLessThan(0.02);
    engine.dispose();
  });

  it("finds maps that are not affine: F = int rho^2 + int x^2 rho falls below what any Gaussian has", async () => {
    const engine = await createEngine({ threads: 1 });
    const functional = sum([1, internalEnergy(2)], [1, potential(squaredNorm)]);
    const start = normalDistribution([0], Float64Array.of(0.04));
    const problem = problemOf({ dimension: 1, columns: ["x"], start, functional, time: 0.4, step: 0.1 });
    const { events } = await train(engine, problem, { batchSize: 512, updates: 300 }, 1);
    const { energy, energyError } = events.at(-1)!.values;
    // N(0, s^2) has 1 / (2 sqrt(pi) s) + s^2, least at s^3 = 1 / (4 sqrt(pi)); the steady state has 0.7862
    const s = (4 * Math.sqrt(Math.PI)) ** (-1 / 3);
    const gaussian = 1 / (2 * Math.sqrt(Math.PI) * s) + s * s;
    expect(Number(energy) + 4 * Number(energyError)).toBeLessThan(gaussian);
    expect(Number(energy) + 4 * Number(energyError)).toBeGreaterThan(0.7862);
    engine.dispose();
  });

  it("goes on to the same bits from any event, and gives them for any number of threads", async () => {
    const problem = problemOf({ functional: kl(normalDistribution([1, 0], Float64Array.of(0.5, 0, 0, 1))) });
    const [one, two] = [await createEngine({ threads: 1 }), await createEngine({ threads: 2 })];
    const { events, evolved } = await train(one, problem, small, 3);
    expect(events.map(({ type }) => type).filter((type) => type !== "update")).toEqual(["start", "step", "step"]);
    expect((await train(two, problem, small, 3)).evolved.maps).toEqual(evolved.maps);
    expect((await train(one, problem, small, 4)).evolved.maps).not.toEqual(evolved.maps);
    for (const { state } of events) {
      const copy = structuredClone(state());
      const again = (await train(one, problem, small, 3, copy)).evolved;
      expect(again.maps).toEqual(evolved.maps);
      expect(again.reports).toEqual(evolved.reports);
    }
    one.dispose();
    two.dispose();
  });

  it("d = 16, where log-determinants of training are estimates: one step is the exact one between Gaussians", async () => {
    const engine = await createEngine({ threads: 1 });
    const d = 16;
    const diagonal = (of: (k: number) => number): Float64Array =>
      Float64Array.from({ length: d * d }, (_, at) => (at % (d + 1) === 0 ? of(at / (d + 1)) : 0));
    const mean = Float64Array.from({ length: d }, (_, k) => (k % 2 === 0 ? 0.3 : -0.3));
    const covariance = diagonal((k) => 0.5 + k / d);
    const start = standardNormal(d);
    const problem = problemOf({
      dimension: d,
      start,
      functional: kl(normalDistribution(mean, covariance)),
      time: 0.1,
      step: 0.1,
    });
    const chosen = {
      width: 4,
      rank: 1,
      batchSize: 256,
      updates: 240,
      identityUpdates: 40,
      poolRows: 20_000,
      heldOutRows: 4000,
    };
    const { evolved, events } = await train(engine, problem, chosen, 1);
    const precision = diagonal((k) => 1 / (0.5 + k / d));
    const exact = gaussianJkoStep(
      { mean: new Float64Array(d), covariance: start.covariance },
      { mean, precision },
      0.1,
    );
    const config = { kind: "gradient", dimension: d, width: 4, rank: 1, convexity: 1e-3 } as const;
    // Exact log-determinants, by Cholesky's factor.
    const columns = Array.from({ length: d }, (_, k) => `x${k + 1}`);
    const about = { system: "jko-icnn", columns, base: "start", direction: "from base" } as const;
    const flow = openChain({ ...about, parts: [{ config, weights: evolved.maps[0] }] }, { start });
    const step = normalDistribution(exact.mean, exact.covariance);
    const n = 2000;
    const [ours, theirs] = [flow.draw!(createKey(7), n), step.sample(createKey(8), n)];
    const logs = (x: ArrayLike<number>) =>
      Float64Array.from({ length: n }, (_, i) => step.logDensityAt(Array.from({ length: d }, (_, k) => x[i * d + k])));
    const gap = symKl({ p: ours.logProb, q: logs(ours.values) }, { p: flow.logProb!(theirs), q: logs(theirs) });
    const moved = gaussianSymKl({ mean: new Float64Array(d), covariance: start.covariance }, exact);
    expect(gap.value).toBeLessThan(0.05 * moved);
    expect(jkoIcnn.notes!(problem)[0]).toContain("log-determinants in training");
    expect(jkoIcnn.notes!({ ...problem, dimension: 12 })).toEqual([]);
    // F of held-out rows by estimated log-determinants.
    const after = events.at(-1)!.values;
    const energy = gaussianKl(exact, { mean, covariance });
    expect(Math.abs(Number(after.energy) - energy)).toBeLessThan(4 * Number(after.energyError) + 0.01);
    engine.dispose();
  });

  it("refuses more columns than its maps have, and a start without samples", async () => {
    const engine = await createEngine({ kind: "reference" });
    const wide = problemOf({ dimension: 33, start: standardNormal(33) });
    await expect(train(engine, wide, small, 1)).rejects.toThrow("33 columns, expected at most 32");
    const power = problemOf({ dimension: 13, start: standardNormal(13), functional: internalEnergy(2) });
    await expect(train(engine, power, small, 1)).rejects.toThrow("in 13 dimensions, expected at most 12 columns");
    const { sample: _, ...still } = standardNormal(2);
    await expect(train(engine, problemOf({ start: still }), small, 1)).rejects.toThrow(
      "expected one that gives samples",
    );
    engine.dispose();
  });

  it("refuses a term that only a critic knows, before anything is trained", () => {
    const rows = problemOf({ functional: klToRows(new Float32Array(20)) });
    expect(() => jkoIcnn.checkProblem(rows)).toThrow(
      'jko-icnn: the term "kl", which asks for a critic, expected terms that ask for no more than the density, pairs of rows, the host, all rows together; the system for it is variational',
    );
    const path = problemOf({ functional: transport() });
    expect(() => jkoIcnn.checkProblem(path)).toThrow("an integral along the way, transport");
  });
});
