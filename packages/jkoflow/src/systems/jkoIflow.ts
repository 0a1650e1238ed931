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
 * Departures, with reasons: the divergence is exact instead of estimated (no variance, same cost, see flow/field.ts); the
 * gradient is that of the discrete solution; growth is ended by held-out rows instead of the movement ratio (which stops
 * too early on large tables and too late on small ones; it remains as `movementRatio`); weight decay and jitter.
 */
import type { Engine } from "../engine/index.ts";
import type { FieldConfig } from "../flow/index.ts";
import { trainFlow } from "../jko/index.ts";
import type { Key } from "../random/index.ts";
import { defaults, describe, type JkoIflowSettings, kinds } from "./jkoIflowSettings.ts";
import { checkSettings } from "./settings.ts";
import type { Problem, System, Trained, TrainingEvent, TrainingState } from "./system.ts";

/** Factor of the first block's output layer at its start: near the identity, yet with a gradient in every weight. */
const OUTPUT_SCALE = 0.1;

/** A free velocity network, or the gradient of a potential (JKO-Flow, Vidal et al., Sci. Rep. 13, 2023, arXiv:2211.16757). */
function fieldOf(settings: JkoIflowSettings, dimension: number): FieldConfig {
  const { hidden, time, beta } = settings;
  if (settings.field === "potential") return { kind: "potential", dimension, width: hidden[0] };
  const activation = settings.activation === "tanh" ? { kind: "tanh" as const } : { kind: "softplus" as const, beta };
  return { kind: "mlp", dimension, hidden, activation, time };
}

function train(
  engine: Engine,
  problem: Problem,
  settings: JkoIflowSettings,
  key: Key,
  resume?: TrainingState,
): AsyncGenerator<TrainingEvent, Trained> {
  const plan = {
    system: jkoIflow.name,
    settings,
    standardization: { kind: settings.standardize, transform: settings.transform },
    block: { field: fieldOf(settings, problem.train.columns.length), divergence: settings.divergence },
    growth: {
      ...settings,
      stepSizes: { kind: "list" as const, values: settings.stepSizes }, // h_1, h_2, ...
      largestBlocks: settings.blocks,
      freeBlock: settings.freeBlock === "if-not-converged",
      outputScale: OUTPUT_SCALE,
      step: settings,
    },
  };
  return trainFlow(engine, problem, plan, key, resume);
}

export const jkoIflow: System<JkoIflowSettings> = {
  name: "jko-iflow",
  title: "JKO-iFlow",
  reference: "Xu, Cheng, Xie, Normalizing flow neural networks by JKO scheme, NeurIPS 2023, arXiv:2212.14424",
  describe,
  defaults,
  check: (given) => {
    const settings = { field: "mlp", ...given }; // runs of the first release do not name it
    checkSettings(settings, kinds, "jko-iflow");
    return settings as unknown as JkoIflowSettings;
  },
  train,
};
