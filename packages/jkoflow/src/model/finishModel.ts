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
 * Choose the steps per block and score held-out rows: training rows score higher than new ones, so their quantiles would flag
 * too many of these. Steps are those of `flow`, doubled until the mean log-density of held-out rows changes by less than
 * 1e-3 nats (at most 64); then the fewest by which the log-density of a row is off by less than that on average: each row that
 * is scored or drawn pays for them.
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
  const score = (steps: number): ArrayLike<number> => trial.logProb(rows, steps, y);
  let { steps } = flow;
  let [coarse, fine] = [score(steps), score(2 * steps)];
  while (differences(coarse, fine).ofMeans >= FINE_ENOUGH && 2 * steps <= LARGEST_STEPS) {
    steps *= 2;
    [coarse, fine] = [fine, score(2 * steps)];
  }
  const enough = Array.from({ length: steps }, (_, k) => k + 1).find(
    (fewer) => fewer < steps && differences(score(fewer), fine).ofRows < FINE_ENOUGH,
  );
  if (enough !== undefined) [steps, coarse, fine] = [enough, score(enough), score(2 * enough)];
  const solverGap = differences(coarse, fine).ofMeans;
  trial.dispose();
  const condition = given ? { condition: given.condition } : {};
  const unscored: Model = { ...parts, ...condition, flow: { ...flow, steps }, scores: new Float64Array(0) };
  const open = openModel(engine, unscored);
  const count = Math.min(heldOut.length / d, SCORED_ROWS);
  const held = parts.standardizer.inverse(heldOut.subarray(0, count * d));
  const logProb = open.logProb(held, { given: given?.heldOut.subarray(0, count * open.flow.covariates) });
  const scores = scoreQuantiles(open.score(held, logProb));
  open.dispose();
  return { model: { ...unscored, scores }, solverGap };
}

/** Of log-densities: |mean a - mean b| and mean |a - b|, nats. */
function differences(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): { readonly ofMeans: number; readonly ofRows: number } {
  let [sum, sizes] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    sum += a[i] - b[i];
    sizes += Math.abs(a[i] - b[i]);
  }
  return { ofMeans: Math.abs(sum) / a.length, ofRows: sizes / a.length };
}
