/**
 * Variational Wasserstein gradient flow: each step of the scheme is a game of a map and a critic, without a log-determinant.
 *
 * J. Fan, Q. Zhang, A. Taghvaei, Y. Chen, "Variational Wasserstein gradient flow", ICML 2022, arXiv:2112.02424, algorithm 1:
 *
 *   T_k = argmin over T  max over v   E |T(x) - x|^2 / 2 + h ( E[a(v(T x))] - E_gamma[b(v)] + E[V(T x)] ),   x of rho_{k-1}
 *
 * a, b and the reference gamma are those of the functional (functionals/bound.ts); the reference has the moments of rho_{k-1}.
 * Ours, after measurements: the bound of Donsker and Varadhan in the place of its linear form; rows are drawn afresh at each
 * step; no dropout; a quadratic critic and a linear map are in the families; rates fall inside each step. F on held-out rows
 * is by change of variables, exact where the map is one-to-one, or by a second critic, where the target is rows or the columns are
 * more than 12 (jko/saddleMeter.ts); `gap` is what the critic's bound falls short of it.
 */
import { InputError } from "../errors/index.ts";
import { boundedTerm } from "../functionals/index.ts";
import {
  createMapPrograms,
  createReference,
  createSaddle,
  disposeSaddleRows,
  exactMeter,
  initCritic,
  type MapScheme,
  mapSteps,
  type Phase,
  rivalMeter,
  type SaddleDraw,
  type SaddleRows,
  type Step,
  saddlePhase,
  withReference,
} from "../jko/index.ts";
import { type MapConfig, withUnits } from "../maps/index.ts";
import { fold } from "../random/index.ts";
import { type EvolutionSystem, evolutionSystem } from "./evolution.ts";
import { isExact, mapOf, settings } from "./variationalSettings.ts";

/** Of the network's part in a first convex map, as in jko-icnn. */
const OUTPUT_SCALE = 0.05;
/** Columns that no one has tried more of. */
const MOST_COLUMNS = 64;

/**
 * Variational Wasserstein gradient flow (arXiv:2112.02424). F in its own units, nats where it is a KL. At most one term of F
 * may need the density or be a divergence to rows. A residual map gives samples, a convex one, up to 12 columns, log-densities too.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, problems, variational } from "jkoflow";
 *
 * const engine = await createEngine({ threads: 1 });
 * const problem = problems.namedProblem("ou:1", createKey(0), { time: 0.1, step: 0.05 });
 * const small = { hidden: [8], criticHidden: [8], updates: 20, poolRows: 1000, heldOutRows: 500 };
 * const settings = { ...variational.defaults(problem), ...small };
 * for await (const { type, place, values } of variational.run({ engine, problem, settings, key: createKey(1) })) {
 *   if (type === "step") console.log(place[0], Number.isFinite(values.gap));
 * }
 * engine.dispose();
 * ```
 */
export const variational: EvolutionSystem<MapConfig> = evolutionSystem({
  name: "variational",
  title: "JKO steps as games of a map and a critic",
  reference: "Fan, Zhang, Taghvaei, Chen, ICML 2022, arXiv:2112.02424",
  settings,
  takes: ["logDensity", "critic", "pair"],
  checkProblem: ({ dimension, start, functional }) => {
    if (dimension > MOST_COLUMNS)
      throw new InputError({ where: "variational", came: `${dimension} columns`, expected: `at most ${MOST_COLUMNS}` });
    if (!start.sample) throw new InputError({ where: "start", came: start.title, expected: "one that gives samples" });
    boundedTerm(functional);
  },
  checkSuited: ({ functional, dimension }, { map }) => {
    if (map !== "convex" || isExact(functional, dimension)) return;
    const expected = "residual, where F in training is by a second critic";
    throw new InputError({ where: "variational:map", came: '"convex"', expected, fix: "leave it out" });
  },

  notes: ({ functional, dimension }) => [
    isExact(functional, dimension)
      ? "F is by change of variables: exact where the maps are one-to-one, a lower bound where they fold; gap is what the critic's bound falls short of it on held-out rows"
      : "F in training is the bound of a second critic on held-out rows, a lower bound; gap is what that one adds to the first",
  ],

  async *run({ engine, problem, settings, key, ...surroundings }) {
    const { dimension: d, start, functional, step: h } = problem;
    variational.checkProblem(problem, settings);
    const { batchSize, poolRows } = settings;
    const isConvex = settings.map === "convex";
    const exact = isExact(functional, d);
    const { kind, config } = mapOf(settings, d);
    const bound = boundedTerm(functional)?.bound;
    const critic = { dimension: d, hidden: settings.criticHidden, reference: bound?.reference ?? "normal" };
    const saddle = createSaddle(engine, kind, config, critic, functional);
    const reference = createReference(engine, d, critic.reference, batchSize, bound?.target);
    saddle.map.write(kind.init(config, fold(key, "init"), isConvex ? OUTPUT_SCALE : 0));
    saddle.critic.write(initCritic(critic, fold(key, "critic")));

    let now: SaddleRows | undefined;
    /** The reference has the moments of the step's rows; both players go on in their units. */
    const begin = (number: number, rows: SaddleRows): void => {
      now = rows;
      const { flat, mean, spread } = reference.begin(rows.x.read(), fold(key, "reference", number));
      saddle.critic.write(withReference(saddle.critic.read(), flat));
      if (!isConvex) saddle.map.write(withUnits(saddle.map.read(), mean, spread));
    };
    const programs = exact ? createMapPrograms(engine, kind, config, start, functional) : undefined;
    const meter = programs
      ? exactMeter(programs, saddle, reference)
      : rivalMeter(saddle, reference, key, { ...settings, start, begin, rows: () => now });
    const phase = (name: "identity" | "step", updates: number, step: Step<SaddleRows>): Phase<SaddleDraw> =>
      saddlePhase(name, updates, h, step, { saddle, reference, meter }, settings);
    const scheme: MapScheme<SaddleRows, SaddleDraw> = {
      steps: Math.round(problem.time / h),
      stepSize: h,
      parameters: { map: saddle.map, critic: saddle.critic },
      rows: { count: poolRows, drawn: "for each step", heldOut: settings.heldOutRows },
      draw: (from, n, use) => (use === "pool" ? saddle.draw(start, from, n) : meter.draw(from, n)),
      push: (rows, weights, k) => (rows.logDensity ? meter.push(rows, weights, k) : saddle.push(rows, weights)),
      measure: meter.report,
      phases: (step) => {
        begin(step.number, step.rows);
        const first = isConvex && step.number === 1 ? [phase("identity", settings.identityUpdates, step)] : [];
        return [...first, phase("step", settings.updates, step)];
      },
      dispose: disposeSaddleRows,
    };
    try {
      return { start, map: config, stepSize: h, ...(yield* mapSteps(scheme, key, surroundings)) };
    } finally {
      reference.dispose();
      programs?.dispose();
      saddle.dispose();
    }
  },
});
