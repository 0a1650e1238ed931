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
 * is by change of variables, exact where the map is one-to-one, and `gap` is what the critic's bound falls short of it.
 */
import { InputError } from "../errors/index.ts";
import { boundedTerm } from "../functionals/index.ts";
import { LARGEST_ROW_MATRIX } from "../graph/index.ts";
import {
  createMapPrograms,
  createReference,
  createSaddle,
  disposeSaddleRows,
  initCritic,
  type MapScheme,
  type Measured,
  mapSteps,
  type Phase,
  type SaddleDraw,
  type SaddleRows,
  type Step,
  type StepReport,
  scored,
  withReference,
} from "../jko/index.ts";
import { type MapConfig, mapKinds, withUnits } from "../maps/index.ts";
import { fold, integers } from "../random/index.ts";
import { but, oneOf, setting, share, training, whole, wholeList } from "../settings/index.ts";
import { cosineRate } from "../train/index.ts";
import { drawn, type EvolutionSystem, evolutionSystem } from "./evolution.ts";

const settings = {
  map: setting(
    oneOf("residual", "convex"),
    "residual",
    "residual: samples; convex: the gradient of a potential, a density too",
  ),
  hidden: setting(wholeList, [32, 32], "widths of the hidden layers of the map; of a convex one the first"),
  rank: setting(whole(1), 5, "squares in each unit of a convex map"),
  convexity: setting(share, 1e-3, "least eigenvalue of a convex map's Jacobian"),
  identityUpdates: setting(whole(1), 200, "updates of a convex map towards the identity, before the first step"),
  criticHidden: setting(wholeList, [32, 32], "widths of the hidden layers of the critic"),
  criticTurns: setting(whole(1), 2, "updates of the critic for one of the map"),
  updates: but(training.updates, 400, "optimiser updates of the map in a step"),
  batchSize: but(training.batchSize, 1024),
  learningRate: but(training.learningRate, 5e-3, "Adam's rate of both at its peak, after a short rise"),
  learningRateFloor: but(training.learningRateFloor, 0.02),
  ...drawn,
  poolRows: but(drawn.poolRows, 100_000),
};

/** Updates over which the rate rises. */
const WARMUP = 20;
/** Of the network's part in a first convex map, as in jko-icnn. */
const OUTPUT_SCALE = 0.05;

/**
 * Variational Wasserstein gradient flow (arXiv:2112.02424). F in its own units, nats where it is a KL. At most one term of F
 * may need the density, and at most 12 columns. A residual map gives samples, a convex one log-densities too.
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
  checkProblem: ({ dimension, start, functional }) => {
    if (dimension > LARGEST_ROW_MATRIX)
      throw new InputError({
        where: "variational",
        came: `${dimension} columns`,
        expected: `at most ${LARGEST_ROW_MATRIX}, up to which F on held-out rows is exact`,
      });
    if (!start.sample) throw new InputError({ where: "start", came: start.title, expected: "one that gives samples" });
    boundedTerm(functional);
  },

  notes: () => [
    "F is by change of variables: exact where the maps are one-to-one, a lower bound where they fold; gap is what the critic's bound falls short of it on held-out rows",
  ],

  async *run({ engine, problem, settings, key, ...surroundings }) {
    const { dimension: d, start, functional, step: h } = problem;
    variational.checkProblem(problem);
    const { hidden, rank, convexity, batchSize, poolRows } = settings;
    const isConvex = settings.map === "convex";
    const kind = isConvex ? mapKinds.gradient : mapKinds.residual;
    const sizes = isConvex ? { kind: "gradient", width: hidden[0], rank, convexity } : { kind: "residual", hidden };
    const config: MapConfig = { ...sizes, dimension: d };
    const side = boundedTerm(functional)?.bound?.reference ?? "normal";
    const critic = { dimension: d, hidden: settings.criticHidden, reference: side };
    const programs = createMapPrograms(engine, kind, config, start, functional);
    const saddle = createSaddle(engine, kind, config, critic, functional);
    const reference = createReference(engine, d, side, batchSize);
    saddle.map.write(kind.init(config, fold(key, "init"), isConvex ? OUTPUT_SCALE : 0));
    saddle.critic.write(initCritic(critic, fold(key, "critic")));

    /** The reference has the moments of the step's rows; both players go on in their units. */
    const begin = ({ number, rows }: Step<SaddleRows>): void => {
      const { flat, mean, spread } = reference.begin(rows.x.read(), fold(key, "reference", number));
      saddle.critic.write(withReference(saddle.critic.read(), flat));
      if (!isConvex) saddle.map.write(withUnits(saddle.map.read(), mean, spread));
    };
    const phase = (
      name: "identity" | "step",
      updates: number,
      { rows, heldOut }: Step<SaddleRows>,
    ): Phase<SaddleDraw> => {
      const { learningRate: peak, learningRateFloor: floor, criticTurns } = settings;
      const rate = (update: number): number => cosineRate({ warmup: WARMUP, peak, floor, updates }, update);
      const score = ({ moved, energy }: Measured): number => (name === "identity" ? moved : moved / 2 + h * energy);
      return {
        name,
        updates,
        players: [
          saddle.mapPlayer(name, rows, h, rate),
          ...(name === "step" ? saddle.criticPlayers(rows, reference, criticTurns, rate) : []),
        ],
        draw: (from) => ({
          ...programs.batch(fold(from, "rows"), poolRows, batchSize),
          reference: integers(fold(from, "reference"), 1, 0, 2 ** 30)[0],
        }),
        judge: {
          every: updates,
          patience: Number.POSITIVE_INFINITY,
          evaluate: () => ({ score: score(programs.measure(scored(heldOut), saddle.map.read())) }),
        },
      };
    };
    const scheme: MapScheme<SaddleRows, SaddleDraw> = {
      steps: Math.round(problem.time / h),
      stepSize: h,
      parameters: { map: saddle.map, critic: saddle.critic },
      rows: { count: poolRows, drawn: "for each step", heldOut: settings.heldOutRows },
      draw: (from, n, use) => (use === "pool" ? saddle.draw(start, from, n) : programs.draw(from, n)),
      push: (rows, weights, k) =>
        rows.logDensity ? programs.push(scored(rows), weights, k) : saddle.push(rows, weights),
      measure: (rows, weights) => {
        const { terms, ...measured } = programs.measure(scored(rows), weights);
        const gap: StepReport = weights ? { gap: measured.energy - saddle.bound(rows, reference) } : {};
        return { ...measured, ...gap, ...terms };
      },
      phases: (step) => {
        begin(step);
        const first = isConvex && step.number === 1 ? [phase("identity", settings.identityUpdates, step)] : [];
        return [...first, phase("step", settings.updates, step)];
      },
      dispose: disposeSaddleRows,
    };
    try {
      return { start, map: config, stepSize: h, ...(yield* mapSteps(scheme, key, surroundings)) };
    } finally {
      reference.dispose();
      programs.dispose();
      saddle.dispose();
    }
  },
});
