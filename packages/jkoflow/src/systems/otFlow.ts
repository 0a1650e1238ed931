/**
 * OT-Flow: a flow along the gradient of a potential, with the transport cost and the Hamilton-Jacobi-Bellman equation in its
 * loss.
 *
 * Derek Onken, Samy Wu Fung, Xingjian Li, Lars Ruthotto, "OT-Flow: Fast and Accurate Continuous Normalizing Flows via
 * Optimal Transport", AAAI 2021, arXiv:2006.00104.
 *
 *   x' = v(x, t) = -grad Phi(x, t) / alpha_L,  t in [0, 1];  Phi, grad Phi and its Laplacian: nn/potential.ts
 *   loss = alpha_L E[L] + alpha_C E[C] + alpha_R E[R],       the terms: functionals/pathTerms.ts
 *     C = |x(1)|^2 / 2 - int div v dt + (d/2) log 2 pi       negative log-likelihood, nats
 *     L = int |v|^2 / 2 dt,  R = int |-dPhi/dt + alpha_L |v|^2 / 2| dt
 *
 * E[C] is the data's entropy plus KL(f#rho | N(0, I)) and the least L for a map is W_2^2 / 2, so the flow is one JKO step of
 * size h = alpha_C / alpha_L; `blocks` above 1 takes several, each from where the last one ended: JKO-Flow (Vidal, Wu Fung,
 * Tenorio, Osher, Nurbekyan, Sci. Rep. 13, 2023, arXiv:2211.16757).
 * Departures, with reasons: the best weights are chosen by held-out NLL (`select`: "loss" is the paper's), because blocks
 * over-fit silently; by default the rate falls by a cosine within a budget of updates; incomplete last batches are left out.
 */
import type { Problem } from "../data/index.ts";
import { InputError } from "../errors/index.ts";
import { hjb, likelihood, sum, transport } from "../functionals/index.ts";
import { sharedGrowth } from "../jko/index.ts";
import { chooseStandardizer, settingsOf } from "../prepare/index.ts";
import type { Key } from "../random/index.ts";
import {
  above,
  acceptance,
  alphaTriple,
  but,
  defaultsOf,
  longTraining,
  movementRatio,
  PLANE,
  type Settings,
  type SettingsOf,
  SMALL_TABLE,
  schedule,
  setting,
  standardization,
  training,
  whole,
  withEffort,
} from "../settings/index.ts";
import { presets } from "./published/otFlow.ts";
import { type System, type SystemPlan, system, type Wish } from "./system.ts";

const settings = {
  ...standardization,
  width: setting(whole(1), 64, "m, the width of the layers of the potential"),
  layers: setting(whole(1), 1, "M, its residual layers after the opening one"),
  alpha: setting(
    alphaTriple,
    [1, 100, 15],
    "[alpha_L, alpha_C, alpha_R]: weights of transport, likelihood and Hamilton-Jacobi-Bellman term",
  ),
  blocks: setting(whole(1), 1, "largest number of blocks; above 1 it is JKO-Flow"),
  ...training,
  ...schedule,
  clip: but(training.clip, 100),
  solverSteps: but(training.solverSteps, 6),
  scoringSteps: but(training.scoringSteps, 10),
  acceptance,
  movementRatio,
  openingScale: setting(above(0), 1, "factor of its first layer at the start; above 1 for fine structure", 1),
  // At 0 the quadratic term would have no gradient.
  outputScale: setting(above(0), 0.03, "factor of w and A at the start: near 0 the flow begins near the identity", 1),
};

export type OtFlowSettings = SettingsOf<typeof settings>;

/**
 * For regions with sharp edges, such as the checkerboard: a steeper first layer and less weight on the transport, so a lower
 * rate, more updates, and a finer grid for held-out rows, since such fields are the ones to buy likelihood of the grid. Thin
 * curves such as spirals want more of alpha_R.
 * @throws InputError for a table that is not in the plane.
 */
function edges({ train }: Problem): Settings {
  const d = train.columns.length;
  if (d > PLANE) {
    const came = `${d} columns`;
    throw new InputError({ where: "preset edges", came, expected: `at most ${PLANE}: it is for the plane` });
  }
  return {
    ...{ openingScale: 8, alpha: [1, 30, 3], updates: 28_000, learningRate: 0.006, patience: 200, averaging: 0.99 },
    ...{ solverSteps: 9, scoringSteps: 32, evaluateEvery: 50 },
  };
}

/** In the plane twice the updates do: half the rate would not get far there. */
const longInPlane = ({ updates, patience }: OtFlowSettings): Partial<OtFlowSettings> => {
  return { updates: 2 * updates, patience: 2 * patience, averaging: 0.99, scoringSteps: 32 };
};

/**
 * Defaults for a table nobody tuned for: smaller than published, for one processor and minutes. There is no clamp: on whitened
 * rows of MINIBOONE the published one, 1.5 with a rate of 0.02, fell back to the identity. Flows start near
 * the identity, in the plane with a steep first layer: from the published start two circles stayed at the identity. Drawn
 * solver steps, the clip and the Hamilton-Jacobi-Bellman term are against likelihood that is there on one grid only.
 */
function defaults(problem: Problem, _key: Key, { effort }: Wish = {}): OtFlowSettings {
  const { train } = problem;
  const d = train.columns.length;
  const plane = d <= PLANE;
  const small = train.rows < SMALL_TABLE;
  const normal: OtFlowSettings = {
    ...defaultsOf(settings),
    ...settingsOf(chooseStandardizer(problem)),
    width: plane ? 32 : 64,
    openingScale: plane ? 6 : 1,
    alpha: plane ? [1, 10, 2] : [1, 100, 15],
    updates: plane ? (small ? 10_000 : 16_000) : 1500,
    batchSize: Math.min(train.rows, plane ? 500 : 125),
    learningRate: plane ? 0.01 : 0.02,
    patience: plane ? (small ? 100 : 200) : 15,
    clip: plane ? 10 : 100,
    solverSteps: plane ? 8 : 6,
    scoringSteps: plane ? 16 : 10,
    evaluateEvery: small ? 20 : 50,
    acceptance: small ? "clear" : "any",
  };
  return withEffort(normal, effort, plane ? longInPlane(normal) : longTraining(normal));
}

function plan({ train }: Problem, settings: OtFlowSettings): SystemPlan {
  const [alphaL, alphaC, alphaR] = settings.alpha;
  const objective = sum([alphaC, likelihood()], [alphaL, transport()], [alphaR, hjb()]);
  const { width, layers, openingScale } = settings;
  const dimension = train.columns.length;
  const growth = sharedGrowth(settings);
  return {
    block: () => ({
      field: { kind: "potential", dimension, width, layers, openingScale, inertia: alphaL },
      divergence: "exact",
    }),
    growth: {
      ...growth,
      largestBlocks: settings.blocks,
      movementRatio: settings.movementRatio,
      outputScale: settings.outputScale,
      step: { ...growth.step, objective },
    },
    notes: [`a JKO step of size h = alpha_C / alpha_L = ${alphaC / alphaL}`],
  };
}

/**
 * OT-Flow (arXiv:2006.00104), with several blocks JKO-Flow (arXiv:2211.16757); losses in nats. It knows no conditions.
 * `check` throws InputError for a setting of the wrong kind or range, the preset `edges` for a table of over 4 columns.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, data, fit, otFlow } from "jkoflow";
 *
 * const engine = await createEngine({ threads: 1 });
 * const rows = (name: string, n: number) => data.createTable(data.toys.moons.sample(createKey(name), n), 2);
 * const problem = { train: rows("train", 500), validation: rows("validation", 100) };
 * const { model } = await fit(engine, problem, { system: otFlow, settings: { width: 8, updates: 5, batchSize: 100 } });
 * console.log(model.system); // ot-flow
 * engine.dispose();
 * ```
 */
export const otFlow: System<OtFlowSettings> = system({
  name: "ot-flow",
  title: "OT-Flow",
  reference: "Onken, Wu Fung, Li, Ruthotto, OT-Flow, AAAI 2021, arXiv:2006.00104",
  wishes: ["effort"],
  settings,
  defaults,
  presets: { ...presets, edges },
  plan,
});
