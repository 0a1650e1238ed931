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
 * reported on rows that no step was trained on; the network has a quadratic part, so that it begins near the identity.
 */
import { InputError } from "../errors/index.ts";
import { createMapPrograms, disposeRows, type Measured } from "../jko/index.ts";
import { checkDimension, type GradientConfig, gradientMap } from "../maps/index.ts";
import { fold } from "../random/index.ts";
import { above, but, setting, share, training, whole } from "../settings/index.ts";
import { cosineRate, train } from "../train/index.ts";
import {
  type EvolutionEvent,
  type EvolutionState,
  type EvolutionSystem,
  evolutionSystem,
  type StepReport,
} from "./evolution.ts";

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
  poolRows: setting(whole(1), 50_000, "rows that are drawn for a step"),
  heldOutRows: setting(whole(2), 20_000, "rows on which F is reported, and no step is trained"),
};

/** Updates over which the rate rises. */
const WARMUP = 20;
/** Updates between two events. */
const EVERY = 20;

const reportOf = (step: number, time: number, { energy, energyError, moved, terms }: Measured): StepReport => ({
  step,
  time,
  energy,
  energyError,
  moved,
  ...terms,
});

type Place = Pick<EvolutionEvent, "type" | "place" | "values">;
const at = (now: EvolutionState, place: Place): EvolutionEvent => ({ ...place, state: () => now });

/**
 * JKO-ICNN (arXiv:2106.00774, arXiv:2106.00736). F in its own units, nats where it is a KL. At most 12 columns.
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
  checkProblem: ({ dimension, start }) => {
    checkDimension(dimension);
    if (!start.sample) throw new InputError({ where: "start", came: start.title, expected: "one that gives samples" });
  },

  async *run({ engine, problem, settings, key, resume }) {
    const { dimension, start, functional, step: h } = problem;
    jkoIcnn.checkProblem(problem);
    const { width, rank, convexity } = settings;
    const config: GradientConfig = { kind: "gradient", dimension, width, rank, convexity };
    const steps = Math.round(problem.time / h);
    const programs = createMapPrograms(engine, gradientMap, config, start, functional);
    const { parameters } = programs;
    const maps = [...(resume?.maps ?? [])];
    const heldOut = programs.draw(fold(key, "held out"), settings.heldOutRows);
    for (const [i, map] of maps.entries()) programs.push(heldOut, map, i + 1);
    const reports = [...(resume?.reports ?? [reportOf(0, 0, programs.measure(heldOut))])];
    let training = resume?.training;

    const state = (training?: EvolutionState["training"]): EvolutionState => ({
      format: 1,
      maps: [...maps],
      reports: [...reports],
      ...(training ? { training } : {}),
    });
    const scores = {
      identity: ({ moved }: Measured) => moved,
      step: ({ moved, energy }: Measured) => moved / 2 + h * energy,
    };
    try {
      parameters.write(maps.at(-1) ?? gradientMap.init(config, fold(key, "init"), settings.outputScale));
      const values = { steps, parametersPerStep: parameters.size, ...reports[0] };
      yield at(state(training), { type: "start", place: [], values });

      for (let k = maps.length + 1; k <= steps; k++) {
        const pool = programs.draw(fold(key, "pool", k), settings.poolRows);
        for (const [i, map] of maps.entries()) programs.push(pool, map, i + 1);

        for (const phase of k === 1 ? (["identity", "step"] as const) : (["step"] as const)) {
          if (training && training.phase !== phase) continue;
          const updates = phase === "identity" ? settings.identityUpdates : settings.updates;
          const rate = { warmup: WARMUP, peak: settings.learningRate, floor: settings.learningRateFloor, updates };
          const loop = train(
            {
              players: [programs.player(phase, pool, h, (update) => cosineRate(rate, update))],
              draw: (update) => programs.batch(fold(key, phase, k, update), settings.poolRows, settings.batchSize),
              judge: {
                every: updates,
                patience: Number.POSITIVE_INFINITY,
                evaluate: () => ({ score: scores[phase](programs.measure(heldOut, parameters.read())) }),
              },
              updates,
            },
            training?.inner,
          );
          training = undefined;
          let next = loop.next();
          for (; !next.done; next = loop.next()) {
            const { update, found, state: inner } = next.value;
            if (update % EVERY > 0) continue;
            const [{ values: means, gradientNorm, learningRate }] = found;
            const values = { loss: means.loss[0], gradientNorm, learningRate };
            const place = [`step ${k}`, phase, `update ${update}`];
            yield at(state({ phase, inner: inner() }), { type: "update", place, values });
          }
          parameters.write(next.value.weights[0]);
        }
        disposeRows(pool);

        const weights = parameters.read();
        const measured = programs.measure(heldOut, weights);
        programs.push(heldOut, weights, k);
        maps.push(weights);
        reports.push(reportOf(k, k * h, measured));
        yield at(state(), { type: "step", place: [`step ${k}`], values: reports[k] });
      }
      return { start, map: config, stepSize: h, maps, reports, stop: "end of the time" };
    } finally {
      disposeRows(heldOut);
      programs.dispose();
    }
  },
});
