/** From trained blocks to a model: solver steps that are fine enough, and the scores of the training rows. */
import type { Standardizer, Table } from "../data/index.ts";
import type { Engine } from "../engine/index.ts";
import { createFlow, type FlowConfig } from "./flow.ts";
import { type Model, openModel, scoreQuantiles } from "./model.ts";

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
 * 1e-3 nats, at most 64) and score the training rows.
 */
export function finishModel(
  engine: Engine,
  parts: { readonly system: string; readonly standardizer: Standardizer; readonly settings: Model["settings"] },
  flow: FlowConfig,
  train: Table,
  heldOut: Float32Array,
): Finished {
  const trial = createFlow(engine, flow);
  const rows = heldOut.subarray(0, Math.min(heldOut.length, 2000 * flow.block.field.dimension));
  const mean = (steps: number): number => trial.logProb(rows, steps).reduce((s, x, _, all) => s + x / all.length, 0);
  let { steps } = flow;
  let [coarse, fine] = [mean(steps), mean(2 * steps)];
  while (Math.abs(fine - coarse) >= FINE_ENOUGH && 2 * steps <= LARGEST_STEPS) {
    steps *= 2;
    [coarse, fine] = [fine, mean(2 * steps)];
  }
  trial.dispose();
  const unscored: Model = { ...parts, flow: { ...flow, steps }, scores: new Float64Array(0) };
  const open = openModel(engine, unscored);
  const count = Math.min(train.rows, SCORED_ROWS);
  const scores = scoreQuantiles(open.logProb(train.values.subarray(0, count * train.columns.length)));
  open.dispose();
  return { model: { ...unscored, scores }, solverGap: Math.abs(fine - coarse) };
}
