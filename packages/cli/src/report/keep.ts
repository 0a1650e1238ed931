/**
 * Which model a run keeps with --keep best: the flow, or a baseline that is as good on held-out rows. Validation rows choose, as they
 * choose everything else; test rows only report.
 */
import { type Engine, encodeModel, openModel } from "jkoflow";
import type { Comparison } from "jkoflow/evaluate";
import { mixtureModel } from "jkoflow/model";
import { writeAtomic } from "../files/atomic.ts";
import type { RunProblem } from "../run/problem.ts";
import { sha256 } from "../run/recording.ts";
import type { RunDirectory } from "../run/runDirectory.ts";
import { FLOW_FILE, ofUser, type TrainedRun } from "../run/training.ts";
import {
  type Baseline,
  type BaselineRows,
  compareScores,
  type FittedBaseline,
  judgedScores,
  type ScoreRows,
} from "./judgedBaselines.ts";

/** What a run keeps as its model. */
export interface Kept {
  readonly name: string;
  readonly modelHash: string;
  /** NLL of the flow less that of the model that was kept, on validation rows. */
  readonly flowLess: Comparison;
}

/**
 * The baseline that takes the place of the flow (simplerModel), among those that can be kept; written as
 * model.safetensors, the flow beside it. Undefined where the flow stays.
 */
export function keepBest(
  engine: Engine,
  run: Pick<RunDirectory, "path">,
  problem: RunProblem,
  trained: TrainedRun,
  rows: BaselineRows,
  fitted: readonly FittedBaseline[],
): Kept | undefined {
  const { validation, conditions, weights, bounds } = problem;
  const held = {
    table: validation,
    ...(conditions ? { given: conditions.validation } : {}),
    ...(weights.validation ? { weight: weights.validation } : {}),
  };
  const scores = (score: ScoreRows) => judgedScores(score, held, rows, bounds);
  const open = openModel(engine, trained.model);
  let flow: ReturnType<typeof scores>;
  try {
    flow = scores(open.logProb);
  } finally {
    open.dispose();
  }
  // Ties on no grid cannot be compared by cells: what gains there may only live on them.
  if (rows.ties.spikes.length > 0) return undefined;
  const able = fitted.flatMap(({ row, score, parts }) =>
    parts === undefined ? [] : [{ name: row.name, parts, flowLess: compareScores(flow, scores(score)) }],
  );
  const best = simplerModel(able);
  if (best === undefined) return undefined;
  const model = mixtureModel(best.name, rows.standardizer, best.parts(), validation);
  const bytes = encodeModel(ofUser(engine, model, problem));
  writeAtomic(run.path(FLOW_FILE), encodeModel(trained.model));
  writeAtomic(run.path("model.safetensors"), bytes);
  return { name: best.name, modelHash: sha256(bytes), flowLess: best.flowLess };
}

/**
 * The baseline of the highest held-out score, unless the flow is better by more than the standard error of its gain: as with the size
 * of a mixture, a gain within its error is none, and the flow is the larger model. Besides, its weights were the best of many evaluations
 * at these rows, so that it seems better on them than it is. Undefined where the flow stays.
 *
 * Measured on 29 tables (12 of two Gaussians, 7 toys, 10 real ones; 160 to 1,200 training rows): what was kept is 0.015 nats worse on
 * fresh rows than the better of flow and mixture; 0.026 where the mixture had to gain its standard error, 0.024 where it had to gain
 * anything, 0.058 with the flow and 0.044 with the mixture everywhere.
 */
export function simplerModel<T extends { readonly flowLess: Pick<Comparison, "trimmed"> }>(
  baselines: readonly T[],
): T | undefined {
  if (baselines.length === 0) return undefined;
  const best = baselines.reduce((a, b) => (b.flowLess.trimmed.mean > a.flowLess.trimmed.mean ? b : a));
  const { mean, standardError } = best.flowLess.trimmed;
  return mean < -standardError ? undefined : best;
}

/** Why --keep best kept no baseline. */
export function flowStays(
  fitted: readonly { readonly row: Pick<Baseline, "keepable"> }[],
  { spikes }: Pick<BaselineRows["ties"], "spikes">,
): string {
  const why = !fitted.some(({ row }) => row.keepable)
    ? "baselines that are given something, as here columns, categories, gaps or atoms, cannot be kept"
    : spikes.length > 0
      ? `values recur in ${spikes.map(({ name }) => name).join(", ")} on no grid, so that a gain there may be none`
      : "validation rows prefer it to every baseline that can be kept";
  return `--keep best: the flow stays the model: ${why}`;
}
