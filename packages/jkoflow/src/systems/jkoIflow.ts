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
import { fitStandardizer } from "../data/index.ts";
import type { Engine } from "../engine/index.ts";
import { type BlockConfig, blockSize, createBlockRunner, finishModel } from "../flow/index.ts";
import { grow } from "../jko/index.ts";
import type { MlpConfig } from "../nn/index.ts";
import { fold, type Key, permutation } from "../random/index.ts";
import { defaults, describe, type JkoIflowSettings, kinds } from "./jkoIflowSettings.ts";
import { checkSettings } from "./settings.ts";
import type { Problem, System, Trained, TrainingEvent, TrainingState } from "./system.ts";

/** Factor of the first block's output layer at its start: near the identity, yet with a gradient in every weight. */
const OUTPUT_SCALE = 0.1;

async function* train(
  engine: Engine,
  { train: table, validation }: Problem,
  settings: JkoIflowSettings,
  key: Key,
  resume?: TrainingState,
): AsyncGenerator<TrainingEvent, Trained> {
  const standardizer = fitStandardizer(table, { kind: settings.standardize, transform: settings.transform });
  const { hidden, time, beta, divergence } = settings;
  const activation = settings.activation === "tanh" ? { kind: "tanh" as const } : { kind: "softplus" as const, beta };
  const field: MlpConfig = { kind: "mlp", dimension: table.columns.length, hidden, activation, time };
  const block: BlockConfig = { field, divergence };
  yield { type: "start", parametersPerBlock: blockSize(block), settings, notes: [] };

  const particles = {
    train: standardizer.forward(table),
    validation: shuffled(standardizer.forward(validation), field.dimension, fold(key, "validation")),
  };
  const growth = {
    ...settings,
    stepSizes: { kind: "list" as const, values: settings.stepSizes }, // h_1, h_2, ...
    largestBlocks: settings.blocks,
    freeBlock: settings.freeBlock === "if-not-converged",
    outputScale: OUTPUT_SCALE,
    step: settings,
  };
  const runner = createBlockRunner(engine, block);
  try {
    const { blocks, stop } = yield* grow(runner, particles, growth, key, resume);
    const parts = { system: jkoIflow.name, standardizer, settings };
    const flow = { block, blocks, steps: settings.scoringSteps };
    return { ...finishModel(engine, parts, flow, table, particles.validation), stop };
  } finally {
    runner.dispose();
  }
}

/** Rows in an order by key: the first ones are then a fair sample. */
function shuffled(rows: Float32Array, d: number, key: Key): Float32Array {
  const out = new Float32Array(rows.length);
  permutation(key, rows.length / d).forEach((from, to) => {
    out.set(rows.subarray(from * d, (from + 1) * d), to * d);
  });
  return out;
}

export const jkoIflow: System<JkoIflowSettings> = {
  name: "jko-iflow",
  title: "JKO-iFlow",
  reference: "Xu, Cheng, Xie, Normalizing flow neural networks by JKO scheme, NeurIPS 2023, arXiv:2212.14424",
  describe,
  defaults,
  check: (settings) => {
    checkSettings(settings, kinds, "jko-iflow");
    return settings as JkoIflowSettings;
  },
  train,
};
