/**
 * OT-Flow: a flow along the gradient of a potential, with the transport cost and the Hamilton-Jacobi-Bellman equation in its
 * loss.
 *
 * Derek Onken, Samy Wu Fung, Xingjian Li, Lars Ruthotto, "OT-Flow: Fast and Accurate Continuous Normalizing Flows via
 * Optimal Transport", AAAI 2021, arXiv:2006.00104.
 *
 *   x' = v(x, t) = -grad Phi(x, t) / alpha_L,  t in [0, 1];  Phi, grad Phi and its Laplacian: nn/potential.ts
 *   loss = alpha_L E[L] + alpha_C E[C] + alpha_R E[R],       the terms: flow/objective.ts
 *     C = |x(1)|^2 / 2 - int div v dt + (d/2) log 2 pi       negative log-likelihood, nats
 *     L = int |v|^2 / 2 dt,  R = int |-dPhi/dt + alpha_L |v|^2 / 2| dt
 *
 * E[C] is the data's entropy plus KL(f#rho | N(0, I)) and the least L for a map is W_2^2 / 2, so the flow is one JKO step of
 * size h = alpha_C / alpha_L; `blocks` above 1 takes several, each from where the last one ended: JKO-Flow (Vidal, Wu Fung,
 * Tenorio, Osher, Nurbekyan, Sci. Rep. 13, 2023, arXiv:2211.16757).
 * Departures, with reasons: the best weights are chosen by held-out NLL (`select`: "loss" is the paper's), because blocks
 * over-fit silently; by default the rate falls by a cosine within a budget of updates; incomplete last batches are left out.
 */
import { hjb, likelihood, sum, transport } from "../functionals/index.ts";
import { presets } from "./otFlowPublished.ts";
import { defaults, edges, type OtFlowSettings, settings } from "./otFlowSettings.ts";
import { type Problem, type System, type SystemPlan, system } from "./system.ts";
import { trainingGrowth } from "./trainingGrowth.ts";

function plan({ train }: Problem, settings: OtFlowSettings): SystemPlan {
  const [alphaL, alphaC, alphaR] = settings.alpha;
  const path = alphaR > 0 ? ([[alphaR, hjb()]] as const) : [];
  const objective = sum([alphaC, likelihood()], [alphaL, transport()], ...path);
  const { width, layers, openingScale } = settings;
  const dimension = train.columns.length;
  const growth = trainingGrowth(settings);
  return {
    standardization: { kind: settings.standardize, transform: settings.transform },
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
