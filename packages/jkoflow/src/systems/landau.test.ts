/** JKO for Landau beside the BKW solution and closed forms of Maxwell molecules; what holds for any network holds at any h. */
import { afterAll, describe, expect, it } from "vitest";
import { type OpenChain, openChain } from "../chain/index.ts";
import { bkw, normalDistribution, uniformBox } from "../distributions/index.ts";
import { createEngine, type Engine } from "../engine/index.ts";
import { maxwellCovarianceAt } from "../evaluate/index.ts";
import { entropy } from "../functionals/index.ts";
import { createCollisionPrograms } from "../jko/index.ts";
import { scoreNetwork } from "../maps/index.ts";
import { mlpSize } from "../nn/index.ts";
import { createKey, fold } from "../random/index.ts";
import type { Settings } from "../settings/index.ts";
import type { EvolutionEvent, EvolutionProblem } from "./evolution.ts";
import { landau } from "./landau.ts";

const engines = [await createEngine({ threads: 1 }), await createEngine({ threads: 2 })];
const [engine] = engines;
afterAll(() => {
  for (const each of engines) each.dispose();
});

async function run(
  problem: EvolutionProblem,
  given: Settings,
  seed: number,
  on: Engine = engine,
  resume?: ReturnType<EvolutionEvent["state"]>,
) {
  const settings = landau.check({ ...landau.defaults(problem), ...given });
  const training = landau.run({ engine: on, problem, settings, key: createKey(seed), ...(resume ? { resume } : {}) });
  const events: EvolutionEvent[] = [];
  for (;;) {
    const next = await training.next();
    if (next.done) return { events, evolved: next.value, settings };
    events.push(next.value);
  }
}

/** Stored maps as what a user opens. */
const openMaps = (
  { columns, start }: EvolutionProblem,
  { maps, map }: { readonly maps: readonly Float32Array[]; readonly map: { readonly kind: string } },
): OpenChain => {
  const parts = maps.map((weights) => ({ config: map, weights }));
  return openChain({ system: "landau", columns, base: "start", direction: "from base", parts }, { start });
};

const K = (t: number): number => 1 - Math.exp(-t / 8) / 2;

/** The plane's BKW solution from t = 1. */
const problemOf = (changes: Partial<EvolutionProblem>): EvolutionProblem => ({
  title: "test",
  dimension: 2,
  columns: ["vx", "vy"],
  start: bkw(2, K(1)),
  functional: entropy(),
  collisions: { gamma: 0, constant: 1 / 16 },
  time: 0.2,
  step: 0.1,
  ...changes,
});

const small = {
  hidden: [8],
  startUpdates: 300,
  updates: 6,
  particles: 400,
  heldOutParticles: 300,
  storedParticles: 50,
};
const steps = (events: readonly EvolutionEvent[]) => events.filter(({ type }) => type === "step").map((e) => e.values);

describe("landau", () => {
  it("follows the BKW solution: density, E|v|^4 and H after ten steps, momentum and energy to rounding", async () => {
    const problem = problemOf({ time: 1 });
    const { evolved, settings } = await run(
      problem,
      { particles: 1600, heldOutParticles: 1600, hidden: [16, 16], startUpdates: 1000 },
      1,
    );
    const config = evolved.map;
    const network = scoreNetwork(config);
    const programs = createCollisionPrograms(engine, network, problem.start, {
      ...{ kernel: config, h: 0.1, determinant: "exact", start: "stratified", batch: Number(settings.batchSize) },
    });
    // The held-out particles of that run, again.
    const rows = programs.draw(fold(createKey(1), "held out"), 1600);
    const [before, H0] = [rows.v.slice(), rows.logDensity.reduce((sum, x) => sum + x / 1600, 0)];
    for (const weights of evolved.maps) programs.push(rows, weights.subarray(0, mlpSize(network)));
    programs.dispose();
    const exact = bkw(2, K(2));
    let [gap, norm, fourth, energy, before2] = [0, 0, 0, 0, 0];
    for (let i = 0; i < 1600; i++) {
      const row = rows.v.subarray(2 * i, 2 * i + 2);
      const [ours, theirs] = [Math.exp(rows.logDensity[i]), Math.exp(exact.logDensityAt(row))];
      gap += (ours - theirs) ** 2;
      norm += theirs ** 2;
      const squares = row[0] ** 2 + row[1] ** 2;
      fourth += squares ** 2 / 1600;
      energy += squares;
      before2 += before[2 * i] ** 2 + before[2 * i + 1] ** 2;
    }
    expect(Math.sqrt(gap / norm)).toBeLessThan(0.08);
    // 6.4424 at the start
    expect(Math.abs(fourth - exact.fourthMoment)).toBeLessThan(0.1);
    const dH = rows.logDensity.reduce((sum, x) => sum + x / 1600, 0) - H0;
    const exactdH = exact.energy - bkw(2, K(1)).energy;
    expect(Math.abs(dH / exactdH - 1)).toBeLessThan(0.12);
    expect(Math.abs(energy / before2 - 1)).toBeLessThan(1e-12);
    for (const k of [0, 1]) {
      let change = 0;
      for (let i = 0; i < 1600; i++) change += (rows.v[2 * i + k] - before[2 * i + k]) / 1600;
      expect(Math.abs(change)).toBeLessThan(1e-13);
    }
    // Stored maps move any row: fresh ones, which are taken back.
    const open = openMaps(problem, evolved);
    const { values: fresh } = open.sample!(createKey(8), 50);
    const logProb = open.logProb!(fresh);
    const again = open.fromBase!(open.toBase!(fresh));
    fresh.forEach((value, at) => {
      expect(Math.abs(again[at] - value)).toBeLessThan(1e-7);
    });
    // Near the exact density, where it is not small: in nats
    logProb.forEach((value, i) => {
      const theirs = exact.logDensityAt(fresh.subarray(2 * i, 2 * i + 2));
      if (theirs > -4) expect(Math.abs(value - theirs)).toBeLessThan(0.3);
    });
  });

  it("H falls in every step and every batch at h = 1 and 5, exact and trace, pairs and moments, trained or not", async () => {
    for (const [gamma, h, determinant] of [
      [0, 1, "exact"],
      [0, 5, "trace"],
      [-3, 1, "exact"],
      [-3, 5, "trace"],
    ] as const) {
      const problem = problemOf({ collisions: { gamma, constant: 1 / 16 }, time: 3 * h, step: h });
      const { events } = await run(problem, { ...small, determinant, startUpdates: 30, batchSize: 100 }, 2);
      let before = Number(events[0].values.energy);
      for (const values of steps(events)) {
        expect(Number(values.objective)).toBeLessThanOrEqual(0);
        expect(Number(values.determinant)).toBeGreaterThan(0);
        expect(Number(values.energy)).toBeLessThanOrEqual(before);
        before = Number(values.energy);
      }
    }
  });

  it("covariance of Maxwell molecules in space, from diag(1.8, 0.2, 1), within 0.05 after t = 0.5", async () => {
    const covariance = Float64Array.of(1.8, 0, 0, 0, 0.2, 0, 0, 0, 1);
    const start = normalDistribution([0, 0, 0], covariance);
    const problem = problemOf({
      dimension: 3,
      columns: ["x", "y", "z"],
      start,
      collisions: { gamma: 0, constant: 1 / 24 },
      time: 0.5,
    });
    const { evolved } = await run(
      problem,
      { ...small, hidden: [16], particles: 800, startUpdates: 600, storedParticles: 400 },
      3,
    );
    const open = openMaps(problem, evolved);
    const n = 4000;
    const { values: x } = open.sample!(createKey(4), n);
    const x0 = start.sample(createKey(4), n);
    const exact = maxwellCovarianceAt(covariance, 3, 1 / 24, 0.5);
    for (let k = 0; k < 3; k++) {
      let [after, before] = [0, 0];
      for (let i = 0; i < n; i++) {
        after += x[3 * i + k] ** 2 / n;
        before += x0[3 * i + k] ** 2 / n;
      }
      // The change: what the draw of the start has missed is in both.
      expect(Math.abs(after - before - (exact[4 * k] - covariance[4 * k]))).toBeLessThan(0.05);
    }
  });

  it("goes on to the same bits from any event, and gives them for any number of threads", async () => {
    for (const gamma of [0, -3]) {
      const problem = problemOf({ collisions: { gamma, constant: 1 / 16 } });
      const given = { ...small, startUpdates: 40, updates: 20, batchSize: 80 };
      const { events, evolved } = await run(problem, given, 5);
      expect(events.map(({ type }) => type).filter((type) => type !== "update")).toEqual(["start", "step", "step"]);
      expect((await run(problem, given, 5, engines[1])).evolved.maps).toEqual(evolved.maps);
      expect((await run(problem, given, 6)).evolved.maps).not.toEqual(evolved.maps);
      for (const { state } of events) {
        const again = (await run(problem, given, 5, engine, structuredClone(state()))).evolved;
        expect(again.maps).toEqual(evolved.maps);
        expect(again.reports).toEqual(evolved.reports);
      }
    }
  });

  it("refuses what it cannot take, in one line", async () => {
    const line = { ...problemOf({}), dimension: 1, start: normalDistribution([0], Float64Array.of(1)) };
    await expect(run(line, small, 1)).rejects.toThrow("1 column, expected 2 or 3");
    const { collisions: _, ...flow } = problemOf({});
    await expect(run(flow, small, 1)).rejects.toThrow("the system for it is jko-icnn");
    await expect(run(problemOf({ collisions: { gamma: 3, constant: 1 } }), small, 1)).rejects.toThrow(
      "gamma: 3, expected",
    );
    const box = problemOf({ start: uniformBox(2, -1, 1) });
    expect(landau.defaults(box).start).toBe("independent");
    await expect(run(box, { ...small, start: "stratified" }, 1)).rejects.toThrow("expected independent rows");
  });
});
