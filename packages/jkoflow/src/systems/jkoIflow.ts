/**
 * JKO-iFlow: a normalizing flow grown block by block, each block one JKO step toward the standard normal.
 *
 * Chen Xu, Xiuyuan Cheng, Yao Xie, "Normalizing flow neural networks by JKO scheme", NeurIPS 2023, arXiv:2212.14424.
 *
 *   T_k = argmin_T  KL(T_# p_{k-1} | N(0, I)) + E|x - T(x)|^2 / (2 h_k),      p_k = (T_k)_# p_{k-1}       (section 3)
 *   L_k = E[ |x(1)|^2 / 2 - int_0^1 div v_k ds + |x(1) - x(0)|^2 / (2 h_k) ],  x' = v_k(x, s), x(0) ~ p_{k-1}
 *   log p(x) = log N(F(x); 0, I) + sum_k int_0^1 div v_k ds,                   F = T_L o ... o T_1
 *
 * Algorithm 1: train block k on the particles, push them through it, go on with k + 1 (warm start), until they stop moving.
 * Departures, with reasons: the divergence is exact instead of estimated (no variance, same cost, see maps/field.ts); the
 * gradient is that of the discrete solution; growth is ended by held-out rows instead of the movement ratio (which stops
 * too early on large tables and too late on small ones; it remains as `movementRatio`); weight decay and jitter. After
 * growth: reparameterisation (section 4.2), refinement (Algorithm 2) and, ours, removal and joint training by the likelihood
 * alone, each kept only where held-out rows agree (jko/improve.ts).
 *
 * Conditional, p(x | y): the field is given covariates y and the objective averages over y; or, base "labels", the target
 * of each row is N(mu(y), I) and the field is one for all y (see data/labelMeans.ts). Where y are cells of the rows themselves,
 * an affine map by y comes before the first block (data/opening.ts). On a graph the field's first layer is
 * that of nn/graphLayer.ts.
 */

import type { Problem } from "../data/index.ts";
import { InputError } from "../errors/index.ts";
import { isStage } from "../jko/index.ts";
import { checkField, type FieldConfig } from "../maps/index.ts";
import { namedActivation } from "../nn/index.ts";
import { defaults } from "./jkoIflowDefaults.ts";
import { type JkoIflowSettings, settings } from "./jkoIflowSettings.ts";
import { type System, type SystemPlan, system } from "./system.ts";

/** Factor of the first block's output layer at its start: near the identity, yet with a gradient in every weight. */
const OUTPUT_SCALE = 0.1;

function plan({ train }: Problem, settings: JkoIflowSettings): SystemPlan {
  const { divergence, base, graphNodes: nodes } = settings;
  const dimension = train.columns.length;
  return {
    block: (covariates: number) => ({
      field: fieldOf(settings, dimension, covariates),
      divergence,
      ...(base === "labels" ? { base } : {}),
    }),
    growth: {
      ...settings,
      stepSizes: { kind: "list", values: settings.stepSizes }, // h_1, h_2, ...
      largestBlocks: settings.blocks,
      freeBlock: settings.freeBlock === "if-not-converged",
      outputScale: OUTPUT_SCALE,
      step: settings,
    },
    stages: { ...settings, stages: settings.stages.split(",").filter(isStage), step: settings },
    timeLimit: settings.timeLimit,
    target: { base, nodes },
    kernelWidth: settings.kernelWidth,
  };
}

/** The velocity network: an MLP, or one on the nodes of a graph. */
function fieldOf(settings: JkoIflowSettings, dimension: number, covariates: number): FieldConfig {
  const { hidden, time, graphNodes: nodes, graphEdges, graphChannels: channels } = settings;
  const condition = covariates > 0 ? { condition: covariates } : {};
  const common = { dimension, activation: namedActivation(settings), time, ...condition };
  const fail = (place: string, came: string, expected: string): never => {
    throw new InputError({ where: "jko-iflow", place, came, expected });
  };
  if (settings.field === "potential") {
    if (covariates > 0 || nodes > 0) fail("field", "potential", "mlp for conditional flows and flows on graphs");
    return { kind: "potential", dimension, width: hidden[0] };
  }
  if (nodes === 0) return { kind: "mlp", hidden, ...common };
  if (settings.standardize === "whiten" || settings.standardize === "radial")
    fail("standardize", settings.standardize, "zscore or none, as whitening mixes the nodes of a graph");
  const edges = graphEdges.map((node) => node - 1);
  // The graph layer takes the place of the first hidden layer.
  const others = hidden.length > 1 ? hidden.slice(1) : hidden;
  return checkField({ kind: "graph", nodes, edges, channels, hidden: others, ...common }, fail);
}

/**
 * JKO-iFlow (arXiv:2212.14424): one block for each step of the scheme, trained in order; losses in nats. It takes conditions.
 * `check` throws InputError for a setting of the wrong kind or range.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, data, fit, jkoIflow } from "jkoflow";
 *
 * const engine = await createEngine({ threads: 1 });
 * const rows = (name: string, n: number) => data.createTable(data.toys.moons.sample(createKey(name), n), 2);
 * const problem = { train: rows("train", 500), validation: rows("validation", 100) };
 * const settings = { blocks: 1, hidden: [8], updates: 5 };
 * const { model } = await fit(engine, problem, { system: jkoIflow, settings });
 * console.log(model.system); // jko-iflow
 * engine.dispose();
 * ```
 */
export const jkoIflow: System<JkoIflowSettings> = system({
  name: "jko-iflow",
  title: "JKO-iFlow",
  reference: "Xu, Cheng, Xie, Normalizing flow neural networks by JKO scheme, NeurIPS 2023, arXiv:2212.14424",
  conditions: "accepted",
  wishes: ["effort", "purpose"],
  settings,
  defaults,
  plan,
});
