/** From trained blocks to a model: solver steps that are fine enough, and the scores of held-out rows. */

import type { FlowConfig } from "../chain/index.ts";
import type { Standardizer } from "../data/index.ts";
import type { Kernels } from "../distributions/index.ts";
import type { Engine } from "../engine/index.ts";
import type { Model } from "./model.ts";
import type { ModelCondition } from "./modelCondition.ts";
import { openModel } from "./openModel.ts";
import { scoreQuantiles } from "./scoreQuantiles.ts";
import { chooseSteps } from "./solverSteps.ts";

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

const SCORED_ROWS = 20_000;

/**
 * Choose the solver steps of each block (solverSteps.ts) and score held-out rows: training rows score higher than new ones, so
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
  const d = flow.block.field.dimension;
  const { flow: stepped, solverGap } = chooseSteps(engine, flow, heldOut, given?.heldOut);
  const condition = given ? { condition: given.condition } : {};
  const unscored: Model = { ...parts, ...condition, flow: stepped, scores: new Float64Array(0) };
  const open = openModel(engine, unscored);
  const count = Math.min(heldOut.length / d, SCORED_ROWS);
  const held = parts.standardizer.inverse(heldOut.subarray(0, count * d));
  const logProb = open.logProb(held, { given: given?.heldOut.subarray(0, count * open.flow.covariates) });
  const scores = scoreQuantiles(open.score(held, logProb));
  open.dispose();
  return { model: { ...unscored, scores }, solverGap };
}
