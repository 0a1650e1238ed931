/**
 * JKO-ICNN: each step of the scheme is a map, the gradient of an input-convex network, found by gradient descent.
 *
 * D. Alvarez-Melis, Y. Schiff, Y. Mroueh, "Optimizing functionals on the space of probabilities with input convex neural
 * networks", TMLR 2022, arXiv:2106.00774, algorithm 1; P. Mokrov et al., "Large-scale Wasserstein gradient flows", NeurIPS
 * 2021, arXiv:2106.00736, algorithm 1, whose network, rows and factor h these are:
 *
 *   u_k = argmin over convex u of  E |grad u(x) - x|^2 / 2 + h F(grad u # rho_{k-1}),     rho_k = grad u_k # rho_{k-1}
 *
 * Ours, after measurements: the rate falls inside each step (a constant one misses the exact step by a factor of five); rows
 * are drawn afresh at each step and pushed through the maps that are done (a pool that is kept is over-fitted); F is
 * reported on rows that no step was trained on, by many partners of each where F is an interaction; the network has a
 * quadratic part, so that it begins near the identity. Log-determinants of training, and of the F that is reported, are exact
 * up to 12 columns and beyond them estimates whose spread is part of the standard error of F; scores are exact for any.
 */
import { InputError } from "../errors/index.ts";
import { LARGEST_ROW_MATRIX } from "../graph/index.ts";
import {
  controlledSteps,
  createMapPrograms,
  disposeRows,
  type MapScheme,
  type Measured,
  mapSteps,
  type Phase,
  type RowDraw,
  type Rows,
  type Step,
  type StepReport,
} from "../jko/index.ts";
import { checkDimension, type GradientConfig, gradientMap } from "../maps/index.ts";
import { fold } from "../random/index.ts";
import { above, atLeast, but, setting, share, training, whole } from "../settings/index.ts";
import { cosineRate } from "../train/index.ts";
import { drawn, type EvolutionSystem, evolutionSystem } from "./evolution.ts";

const settings = {
  width: setting(whole(1), 64, "units of both hidden layers of the convex network"),
  rank: setting(whole(1), 5, "squares in each unit"),
  convexity: setting(share, 1e-3, "least eigenvalue of a map's Jacobian"),
  outputScale: setting(above(0), 0.05, "factor of the network's part in the first map, before training"),
  identityUpdates: setting(whole(1), 200, "updates towards the identity, before the first step"),
  updates: but(training.updates, 500, "optimiser updates of a step"),
  batchSize: but(training.batchSize, 1024),
  learningRate: but(training.learningRate, 5e-3, "Adam's rate at its peak, after a short rise"),
  learningRateFloor: but(training.learningRateFloor, 0.02),
  ...drawn,
  tolerance: setting(
    atLeast(0),
    0,
    "above 0: step sizes are chosen on the way, so that one step and two of half its size are so near by moments (SymKL, nats)",
  ),
};

/** Updates over which the rate rises. */
const WARMUP = 20;
const reportOf = ({ terms, ...measured }: Measured): StepReport => ({ ...measured, ...terms });

/**
 * JKO-ICNN (arXiv:2106.00774, arXiv:2106.00736). F in its own units, nats where it is a KL. At most 32 columns;
 * beyond 12 log-determinants in training are estimates, and internal energies, which are not linear in them, are refused.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, jkoIcnn, problems } from "jkoflow";
 *
 * const engine = await createEngine({ threads: 1 });
 * const problem = problems.namedProblem("ou:1", createKey(0), { time: 0.1, step: 0.05 });
 * const settings = { ...jkoIcnn.defaults(problem), width: 8, updates: 20, poolRows: 1000, heldOutRows: 500 };
 * for await (const { type, place, values } of jkoIcnn.run({ engine, problem, settings, key: createKey(1) })) {
 *   if (type === "step") console.log(place[0], Number.isFinite(values.energy));
 * }
 * engine.dispose();
 * ```
 */
export const jkoIcnn: EvolutionSystem<GradientConfig> = evolutionSystem({
  name: "jko-icnn",
  title: "JKO steps as gradients of input-convex networks",
  reference:
    "Alvarez-Melis, Schiff, Mroueh, TMLR 2022, arXiv:2106.00774; Mokrov et al., NeurIPS 2021, arXiv:2106.00736",
  settings,
  // Six columns, two steps: at a floor of 0.02 the noise of the last updates left 6e-4 of SymKL, at this one 1e-4.
  // Of what the host computes of all rows together, every row of a batch costs as much as the target has rows.
  suited: ({ functional }) =>
    functional.needs.includes("together") ? { updates: 100, batchSize: 100, heldOutRows: 1000 } : {},
  accurate: { updates: 1000, learningRateFloor: 0.002 },
  takes: ["logDensity", "pair", "host", "together"],
  checkProblem: ({ dimension, start, functional }) => {
    checkDimension(dimension);
    const curved = functional.terms.find(({ name, needs }) => needs.includes("logDensity") && !/^entropy/.test(name));
    if (curved && dimension > LARGEST_ROW_MATRIX) {
      const came = `${functional.title} in ${dimension} dimensions`;
      const expected = `at most ${LARGEST_ROW_MATRIX} columns for powers of the density: beyond, log-determinants are estimates`;
      throw new InputError({ where: "jko-icnn", came, expected });
    }
    if (!start.sample) throw new InputError({ where: "start", came: start.title, expected: "one that gives samples" });
  },

  notes: ({ dimension }) =>
    dimension > LARGEST_ROW_MATRIX
      ? [
          "log-determinants in training, and the F of its events, are estimates by random signs, whose spread is part of the standard error; figures and scores of the finished flow are exact",
        ]
      : [],

  async *run({ engine, problem, settings, key, ...surroundings }) {
    const { dimension, start, functional, step: h } = problem;
    jkoIcnn.checkProblem(problem);
    const { width, rank, convexity } = settings;
    const config: GradientConfig = { kind: "gradient", dimension, width, rank, convexity };
    const programs = createMapPrograms(engine, gradientMap, config, start, functional);
    const { parameters, draw, push, measure } = programs;
    parameters.write(gradientMap.init(config, fold(key, "init"), settings.outputScale));
    const scoreOf = (name: "identity" | "step", { moved, energy }: Measured, h: number): number =>
      name === "identity" ? moved : moved / 2 + h * energy;

    /** Towards the identity or the objective, judged at its end. */
    const phase = (
      name: "identity" | "step",
      updates: number,
      { rows, heldOut }: Step<Rows>,
      h: number,
    ): Phase<RowDraw> => {
      const rate = { warmup: WARMUP, peak: settings.learningRate, floor: settings.learningRateFloor, updates };
      return {
        name,
        updates,
        players: [programs.player(name, rows, h, (update) => cosineRate(rate, update))],
        draw: (key) => programs.batch(key, settings.poolRows, settings.batchSize),
        judge: {
          every: updates,
          patience: Number.POSITIVE_INFINITY,
          evaluate: () => ({ score: scoreOf(name, measure(heldOut, parameters.read()), h) }),
        },
      };
    };
    const schemeOf = (h: number, steps: number): MapScheme<Rows, RowDraw> => ({
      ...{ steps, stepSize: h, parameters: { map: parameters }, draw, push },
      rows: { count: settings.poolRows, drawn: "for each step", heldOut: settings.heldOutRows },
      measure: (rows, weights) => reportOf(measure(rows, weights)),
      phases: (step) => [
        ...(step.number === 1 ? [phase("identity", settings.identityUpdates, step, h)] : []),
        phase("step", settings.updates, step, h),
      ],
      dispose: disposeRows,
    });
    const { time } = problem;
    const { tolerance } = settings;
    const places = ({ x }: Rows): Float32Array => x.read();
    try {
      const trained =
        tolerance > 0
          ? yield* controlledSteps(
              { control: { time, step: h, tolerance }, dimension, of: schemeOf, places },
              key,
              surroundings,
            )
          : yield* mapSteps(schemeOf(h, Math.round(time / h)), key, surroundings);
      return { start, map: config, stepSize: h, ...trained };
    } finally {
      programs.dispose();
    }
  },
});
