/**
 * JKO for the Landau equation: each step of the scheme is a network s(v), found by gradient descent over batches of particles
 * that keep their interactions, and moves the particles by v' = -int A(v - w) (s(v) - s(w)) f(w) dw.
 *
 * Y. Huang, L. Wang, "JKO for Landau: a variational particle method for homogeneous Landau equation", arXiv:2409.12296, IMA J.
 * Numer. Anal. 2026: with the metric of that equation in the place of W_2,
 *
 *   s_k = argmin_s  (1/2) iint |s(v) - s(w)|_A^2 f f - (2/h) int log det(I + h G) f,   f_k = T_k # f_{k-1},  T_k(v) = v + h g(v)
 *
 * Ours, after measurements: particles start in strata; each batch goes as far along its s as lowers the objective, so that H
 * falls in every batch for any h; what a step adds to the energy is taken back by a scale; a step is stored with particles of its
 * own for the density before it, so that it is a map of any row, with a log-determinant and an inverse.
 */
import { checkKernel, checkVelocities } from "../collisions/kernel.ts";
import { InputError } from "../errors/index.ts";
import {
  type CollidingRows,
  createCollisionPrograms,
  type MapScheme,
  mapSteps,
  type Phase,
  type Step,
} from "../jko/index.ts";
import { type CollisionConfig, scoreNetwork } from "../maps/index.ts";
import { initMlp } from "../nn/index.ts";
import { fold, permutation } from "../random/index.ts";
import { cosineRate } from "../train/index.ts";
import { type EvolutionSystem, evolutionSystem } from "./evolution.ts";
import { settings } from "./landauSettings.ts";

/** Updates over which the rate rises. */
const WARMUP = 5;
/** Particles of a batch that is taught the score of the start. */
const START_BATCH = 512;

/**
 * JKO for Landau (arXiv:2409.12296). H = int f log f in nats. 2 or 3 columns.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, landau, problems } from "jkoflow";
 *
 * const engine = await createEngine({ threads: 1 });
 * const problem = problems.namedProblem("landau:bkw2", createKey(0), { time: 0.2, step: 0.1 });
 * const small = { hidden: [8], startUpdates: 100, updates: 5, particles: 400, heldOutParticles: 400, storedParticles: 100 };
 * const settings = { ...landau.defaults(problem), ...small };
 * for await (const { type, values } of landau.run({ engine, problem, settings, key: createKey(1) })) {
 *   if (type === "step") console.log(Number(values.objective) <= 0); // H does not rise
 * }
 * engine.dispose();
 * ```
 */
export const landau: EvolutionSystem<CollisionConfig> = evolutionSystem({
  name: "landau",
  title: "JKO steps of the Landau equation, by particles",
  reference: "Huang, Wang, IMA J. Numer. Anal. 2026, arXiv:2409.12296",
  settings,
  equation: "collisions",
  takes: ["logDensity"],
  suited: ({ start }) => ({ start: start.stratified ? ("stratified" as const) : ("independent" as const) }),
  checkProblem: ({ dimension, start }) => {
    checkVelocities(dimension);
    if (!start.sample) throw new InputError({ where: "start", came: start.title, expected: "one that gives samples" });
  },

  async *run({ engine, problem, settings, key, ...surroundings }) {
    const { dimension, start, step: h, collisions } = problem;
    landau.checkProblem(problem);
    const { hidden, activation: name, beta, separation, storedParticles } = settings;
    const config: CollisionConfig = {
      kind: "collision",
      dimension: checkVelocities(dimension),
      hidden,
      activation: name === "tanh" ? { kind: name } : { kind: name, beta },
      ...{ gamma: collisions!.gamma, constant: collisions!.constant, separation },
      step: h,
      particles: storedParticles,
    };
    checkKernel(config);
    const { determinant, start: way, batchSize: batch } = settings;
    const programs = createCollisionPrograms(engine, scoreNetwork(config), start, {
      kernel: config,
      h,
      determinant,
      start: way,
      batch,
    });
    const { parameters, draw, push, measure, player, objective } = programs;
    parameters.write(initMlp(scoreNetwork(config), fold(key, "init")));

    const phase = (name: "start" | "step", { rows, heldOut }: Step<CollidingRows>): Phase<Int32Array> => {
      const [updates, peak] =
        name === "start" ? [settings.startUpdates, settings.startRate] : [settings.updates, settings.learningRate];
      const rate = { warmup: WARMUP, peak, floor: settings.learningRateFloor, updates };
      const count = rows.logDensity.length;
      const size = name === "start" ? START_BATCH : config.gamma === 0 ? count : batch;
      const everyone = Int32Array.from({ length: count }, (_, i) => i);
      return {
        name,
        updates,
        players: [player(name, rows, (update) => cosineRate(rate, update))],
        draw: (key) => (size < count ? permutation(key, count).slice(0, size) : everyone),
        ...(name === "start"
          ? {}
          : {
              judge: {
                every: settings.evaluateEvery,
                patience: settings.patience,
                evaluate: () => ({ score: objective(heldOut) }),
              },
            }),
      };
    };
    const scheme: MapScheme<CollidingRows, Int32Array> = {
      ...{ steps: Math.round(problem.time / h), stepSize: h, parameters: { map: parameters }, draw, push },
      rows: { count: settings.particles, drawn: "once", heldOut: settings.heldOutParticles },
      measure: (rows, weights) => ({ ...measure(rows, weights) }),
      phases: (step) => [...(step.number === 1 ? [phase("start", step)] : []), phase("step", step)],
      dispose: () => {},
    };
    try {
      const { maps, ...rest } = yield* mapSteps(scheme, key, surroundings);
      return {
        start,
        map: config,
        stepSize: h,
        ...rest,
        maps: programs.stored(fold(key, "stored"), storedParticles, maps),
      };
    } finally {
      programs.dispose();
    }
  },
});
