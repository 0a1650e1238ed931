/** From trained blocks to a model: solver steps that are fine enough, and the scores of held-out rows. */

import { createFlow, type FlowConfig } from "../chain/index.ts";
import type { Standardizer } from "../data/index.ts";
import type { Kernels } from "../distributions/index.ts";
import type { Engine } from "../engine/index.ts";
import type { Model } from "./model.ts";
import type { ModelCondition } from "./modelCondition.ts";
import { openModel } from "./openModel.ts";
import { scoreQuantiles } from "./scoreQuantiles.ts";

/** What the rows of a conditional model are given: covariates `[n, c]`. */
export interface GivenRows {
  readonly condition: ModelCondition;
  readonly train: Float32Array;
  readonly heldOut: Float32Array;
}

/** A model with what is known of its steps. */
export interface Finished {
  readonly model: Model;
  /** Change of the held-out NLL when the stored solver steps are doubled, nats. */
  readonly solverGap: number;
}

const LARGEST_STEPS = 64;
const FINE_ENOUGH = 1e-3; // nats
const SCORED_ROWS = 20_000;

/**
 * Choose the steps per block (those of `flow`, doubled until the mean log-density of held-out rows changes by less than
 * 1e-3 nats, at most 64) and score held-out rows: training rows score higher than new ones, so
 * their quantiles would flag too many of these.
 */
export function finishModel(
  engine: Engine,
  parts: {
    readonly system: string;
    readonly standardizer: Standardizer;
    readonly settings: Model["settings"];
    readonly kernels?: Kernels;
  },
  flow: FlowConfig,
  heldOut: Float32Array,
  given?: GivenRows,
): Finished {
  const trial = createFlow(engine, flow);
  const d = flow.block.field.dimension;
  const n = Math.min(heldOut.length / d, 2000);
  const rows = heldOut.subarray(0, n * d);
  const y = given?.heldOut.subarray(0, n * trial.covariates);
  const mean = (steps: number): number => trial.logProb(rows, steps, y).reduce((s, x) => s + x / n, 0);
  let { steps } = flow;
  let [coarse, fine] = [mean(steps), mean(2 * steps)];
  while (Math.abs(fine - coarse) >= FINE_ENOUGH && 2 * steps <= LARGEST_STEPS) {
    steps *= 2;
    [coarse, fine] = [fine, mean(2 * steps)];
  }
  trial.dispose();
  const condition = given ? { condition: given.condition } : {};
  const unscored: Model = { ...parts, ...condition, flow: { ...flow, steps }, scores: new Float64Array(0) };
  const open = openModel(engine, unscored);
  const count = Math.min(heldOut.length / d, SCORED_ROWS);
  const held = parts.standardizer.inverse(heldOut.subarray(0, count * d));
  const logProb = open.logProb(held, { given: given?.heldOut.subarray(0, count * open.flow.covariates) });
  const scores = scoreQuantiles(open.score(held, logProb));
  open.dispose();
  return { model: { ...unscored, scores }, solverGap: Math.abs(fine - coarse) };
}
