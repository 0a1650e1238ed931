/**
 * The laws that every system keeps, over the registry; their runs are in small.testing.ts.
 *
 * Closed form: for data N(0, s^2) per axis a JKO step of size h has the map x -> a x with
 * a = (s^2/h + sqrt(s^4/h^2 + 4 (1 + 1/h) s^2)) / (2 (1 + 1/h) s^2), and C = a^2 s^2 / 2 - log a + log(2 pi) / 2;
 * maximum likelihood alone is h = infinity, where C is the entropy.
 */

import { afterAll, describe, expect, it } from "vitest";
import * as chain from "../chain/index.ts";
import { createTable, type Problem } from "../data/index.ts";
import { standardNormal } from "../distributions/index.ts";
import { createEngine, type Engine } from "../engine/index.ts";
import { scoreLogProb } from "../evaluate/index.ts";
import { entropy, likelihood, potential, sum, transport } from "../functionals/index.ts";
import { squaredNorm } from "../graph/index.ts";
import { trainingProgram, weightScalars } from "../maps/index.ts";
import { decodeModel, encodeModel, openModel } from "../model/index.ts";
import { createKey } from "../random/index.ts";
import type { Settings } from "../settings/index.ts";
import { expectAbilities } from "./abilities.testing.ts";
import type { Equation, EvolutionProblem } from "./evolution.ts";
import { checkEvolutionSettings, evolutionSystems } from "./evolutionSystems.ts";
import { systems } from "./index.ts";
import { gaussian, gaussianRows, moons, S1, S2, small } from "./small.testing.ts";
import { startTraining } from "./startTraining.ts";
import type { Trained, TrainingEvent, TrainingState, Wish } from "./system.ts";

const engines = [await createEngine({ threads: 1 }), await createEngine({ threads: 2 })];
const [engine] = engines;
afterAll(() => {
  for (const each of engines) each.dispose();
});

/** The slope a of the JKO step of size h from N(0, s^2). */
const slope = (s: number, h: number): number => {
  const [q, k] = [(s * s) / h, 1 + 1 / h];
  return (q + Math.sqrt(q * q + 4 * k * s * s)) / (2 * k * s * s);
};

async function run(
  name: string,
  problem: Problem,
  given: Settings,
  on: Engine = engine,
  resume?: TrainingState,
  onEvent: (event: TrainingEvent) => void = () => {},
): Promise<Trained> {
  const system = systems[name];
  const settings = system.check({ ...system.defaults(problem, createKey(1)), ...given });
  const training = system.train(on, problem, settings, createKey(2), resume);
  for (;;) {
    const next = await training.next();
    if (next.done) return next.value;
    onEvent(next.value);
  }
}

describe.each(Object.keys(systems))("%s", (name) => {
  const { settings, gaussian: ofGaussian } = small[name];

  it("takes its own defaults and presets, and names an unknown setting", () => {
    const system = systems[name];
    const defaults = system.defaults(moons, createKey(1));
    expect(Object.keys(system.check(defaults)).sort()).toEqual(Object.keys(system.settings).sort());
    // The publications have settings by the columns of their tables; "edges" is for the plane alone.
    for (const [preset, settings] of Object.entries(system.presets ?? {}))
      for (const d of preset === "published" ? [2, 6, 8, 21, 43, 63] : [2]) {
        const table = createTable(new Float32Array(3 * d), d);
        system.check({ ...defaults, ...settings({ train: table, validation: table }) });
      }
    expect(() => system.check({ ...defaults, update: 3 })).toThrow("did you mean updates?");
    expect(() => system.check({ ...defaults, updates: 0 })).toThrow("whole number of at least 1");
  });

  it("the same seed gives the same bits at 1 and 2 threads; a run that is resumed too; the energy falls", async () => {
    const middles: TrainingState[] = [];
    const ends: TrainingState[] = [];
    let start = Number.NaN;
    let end = Number.NaN;
    const whole = await run(name, moons, settings, engines[0], undefined, ({ type, values, state }) => {
      if (type === "update" && values.score !== undefined && Number.isNaN(start)) start = Number(values.score);
      if (type === "step" && values.accepted === 1) end = Number(values.score);
      if (type === "update" && values.update === 7) middles.push(structuredClone(state()));
      if (type === "step") ends.push(structuredClone(state()));
    });
    expect(end).toBeLessThan(start);
    const bytes = encodeModel(whole.model);
    expect(encodeModel((await run(name, moons, settings, engines[1])).model)).toEqual(bytes);
    // Inside of the first and of the last try of a block, after the first, and after the last.
    for (const state of new Set([middles[0], ends[0], middles.at(-1)!, ends.at(-1)!])) {
      expect(encodeModel((await run(name, moons, settings, engine, state)).model)).toEqual(bytes);
    }
    expect(decodeModel(bytes).flow.blocks).toEqual(whole.model.flow.blocks);

    const open = openModel(engine, whole.model);
    // Runge-Kutta forward and back with the steps of the model, in float32.
    expectAbilities(open, { width: 16, cells: 160, mass: 5e-3, inversion: 1e-3 });
    open.dispose();
  });

  it("Gaussian data meet the closed form", async () => {
    const { model } = await run(name, gaussian, ofGaussian.settings);
    const held = gaussianRows("test", 4000);
    const open = openModel(engine, model);
    const slopes = [S1, S2].map((s) => slope(s, ofGaussian.step));
    const wanted = [S1, S2].reduce((sum, s, k) => {
      const a = slopes[k];
      return sum + (a * a * s * s) / 2 - Math.log(a) + Math.log(2 * Math.PI) / 2;
    }, 0);
    // The rows' own deviation from their law is taken out: the same closed form with their second moments.
    const moments = [0, 1].map((k) => {
      let sum = 0;
      for (let i = 0; i < held.rows; i++) sum += held.values[2 * i + k] ** 2 / held.rows;
      return sum;
    });
    const luck = moments.reduce((sum, v, k) => sum + (slopes[k] ** 2 * (v - [S1, S2][k] ** 2)) / 2, 0);
    const { nll } = scoreLogProb(open.logProb(held));
    expect(Math.abs(nll - luck - wanted)).toBeLessThan(0.02);
    if (Number.isFinite(ofGaussian.step)) {
      const { z } = open.flow.push(held.values);
      [0, 1].forEach((k) => {
        let sum = 0;
        for (let i = 0; i < held.rows; i++) sum += (z[2 * i + k] * held.values[2 * i + k]) / held.rows;
        expect(Math.abs(sum / moments[k] / slopes[k] - 1)).toBeLessThan(0.05);
      });
    }
    if (name === "ot-flow") {
      // Straight lines at constant speed: E|z - x|^2 = 2 E L.
      const objective = sum([1, likelihood()], [1, transport()]);
      const program = engine.load(trainingProgram(model.flow.block, 8, "plain", objective.terms));
      const values = program.run({
        parameters: engine.parameters(model.flow.blocks[0].weights),
        inputs: { x: engine.table(held.rows, 2, held.values) },
        scalars: weightScalars(objective),
      });
      expect(values.movement[0] / (2 * values.transport[0])).toBeGreaterThan(0.99);
    }
    open.dispose();
  });

  it("break stops it, and the engine can go on", async () => {
    const system = systems[name];
    const chosen = system.check({ ...system.defaults(moons, createKey(1)), ...settings });
    let updates = 0;
    for await (const event of system.train(engine, moons, chosen, createKey(3))) {
      if (event.type === "update" && ++updates === 3) break;
    }
    expect(updates).toBe(3);
    expect((await run(name, moons, { ...settings, updates: 4 })).model.system).toBe(name);
  });
});

/** Small runs of the systems for evolutions. */
const smallEvolutions: Readonly<Record<string, Settings>> = {
  "jko-icnn": { width: 8, rank: 2, identityUpdates: 40, updates: 40, batchSize: 64, poolRows: 500, heldOutRows: 400 },
  landau: { hidden: [8], startUpdates: 200, updates: 6, batchSize: 100, particles: 400, heldOutParticles: 200 },
  variational: { hidden: [8], criticHidden: [8], updates: 40, batchSize: 64, poolRows: 500, heldOutRows: 400 },
};

/** Two steps towards the minimum of |x|^2 from N(0, I). */
const decay: EvolutionProblem = {
  title: "decay",
  dimension: 2,
  columns: ["x", "y"],
  start: standardNormal(2),
  functional: potential(squaredNorm),
  time: 0.1,
  step: 0.05,
};

/** The same start for the systems of another equation. */
const problemsOf: Readonly<Record<Equation, EvolutionProblem>> = {
  "gradient flow": decay,
  collisions: { ...decay, functional: entropy(), collisions: { gamma: 0, constant: 1 / 16 } },
};

describe.each(Object.keys(evolutionSystems))("%s", (name) => {
  const problem = problemsOf[evolutionSystems[name].equation];
  const evolve = async (on: Engine): Promise<chain.Chain> => {
    const system = evolutionSystems[name];
    const settings = checkEvolutionSettings(system, problem, smallEvolutions[name]);
    const training = system.run({ engine: on, problem, settings, key: createKey(2) });
    for (;;) {
      const next = await training.next();
      if (!next.done) continue;
      const parts = next.value.maps.map((weights) => ({ config: next.value.map, weights }));
      const { columns } = decay;
      return { system: name, columns, base: "start", direction: "from base", parts, times: [0, 0.05, 0.1] };
    }
  };

  it("refuses problems of another equation, with the system for them", () => {
    for (const other of Object.values(problemsOf).filter((other) => other !== problem))
      expect(() => checkEvolutionSettings(evolutionSystems[name], other, {})).toThrow("the system for it is");
  });

  it("gives a chain: the same bits at 1 and 2 threads, whose abilities agree with each other", async () => {
    const found = await evolve(engines[0]);
    const bytes = chain.encodeChain(found);
    expect(chain.encodeChain(await evolve(engines[1]))).toEqual(bytes);
    const open = chain.openChain(chain.decodeChain(bytes), { engine, start: decay.start });
    expectAbilities(open, { width: 12, cells: 60, mass: 2e-3, inversion: 1e-6 });
    open.dispose();
  });
});

it("every system has a small run", () => {
  expect(Object.keys(small).sort()).toEqual(Object.keys(systems).sort());
  expect(Object.keys(smallEvolutions).sort()).toEqual(Object.keys(evolutionSystems).sort());
});

it("settings of OT-Flow from before the scales of its start are taken as what they were", () => {
  const { openingScale, outputScale, ...older } = systems["ot-flow"].defaults(moons, createKey(1));
  expect([openingScale, outputScale]).not.toEqual([1, 1]);
  expect(systems["ot-flow"].check(older)).toMatchObject({ openingScale: 1, outputScale: 1 });
});

it.each(["ot-flow", "ffjord", "rnode"])(
  "%s keeps the average of the weights, which older settings do without",
  async (name) => {
    const system = systems[name];
    const { averaging, ...older } = system.defaults(moons, createKey(1), { effort: "best" });
    expect(averaging).toBe(0.99);
    expect(system.check(older)).toMatchObject({ averaging: 0 });
    const average = await run(name, moons, { ...small[name].settings, averaging: 0.9 });
    const last = await run(name, moons, { ...small[name].settings, averaging: 0 });
    expect(average.model.flow.blocks).not.toEqual(last.model.flow.blocks);
  },
);

it("a system without wishes refuses them", () => {
  const system = { ...systems.ffjord, name: "plain", wishes: [] };
  const start = (wish: Wish) => startTraining(system, moons, wish);
  expect(() => start({ effort: "best" })).toThrow("effort: best for plain, expected normal");
  expect(() => start({ purpose: "anomalies" })).toThrow("for: anomalies for plain, expected density");
  expect(start({ effort: "normal", purpose: "density" }).system).toBe(system);
});

it("RNODE without its penalties is FFJORD to the last bit", async () => {
  const common = { ...small.ffjord.settings, divergence: "exact", outputScale: 1, lambdaK: 0, lambdaJ: 0 };
  const [a, b] = [await run("ffjord", moons, common), await run("rnode", moons, common)];
  expect(b.model.flow.blocks).toEqual(a.model.flow.blocks);
  const penalised = await run("rnode", moons, { ...common, lambdaK: 0.1 });
  expect(penalised.model.flow.blocks).not.toEqual(a.model.flow.blocks);
});

it("adaptive training keeps its bits at 2 threads and when resumed, and counts evaluations", async () => {
  const adaptive = { ...small.rnode.settings, solver: "dopri5", updates: 6, rtol: 1e-4, atol: 1e-4 };
  let state: TrainingState | undefined;
  const counts: number[] = [];
  const whole = await run("rnode", moons, adaptive, engines[0], undefined, (event) => {
    if (event.type !== "update") return;
    if (event.values.update === 3) state = structuredClone(event.state());
    counts.push(Number(event.values.forward));
  });
  const bytes = encodeModel(whole.model);
  expect(encodeModel((await run("rnode", moons, adaptive, engines[1])).model)).toEqual(bytes);
  expect(encodeModel((await run("rnode", moons, adaptive, engine, state)).model)).toEqual(bytes);
  // 2 + 6 (accepted + rejected) for each of two fields
  for (const count of counts) expect(count % 2).toBe(0);
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(16);
});
