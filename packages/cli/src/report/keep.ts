/**
 * Which model a run keeps with --keep best: the flow, or a baseline that held-out rows prefer. Validation rows choose, as they
 * choose everything else; test rows only report.
 */
import { type Comparison, type Engine, encodeModel, type Model, mixtureModel, openModel } from "jkoflow";
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
 * The baseline of the highest held-out score above that of the flow, among those that can be kept; written as
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
  let best: { readonly name: string; readonly model: () => Model; readonly flowLess: Comparison } | undefined;
  for (const { row, score, parts } of fitted) {
    if (parts === undefined) continue;
    const model = (): Model => mixtureModel(row.name, rows.standardizer, parts(), validation);
    const flowLess = compareScores(flow, scores(score));
    const { mean, standardError } = flowLess.trimmed;
    // As with the size of a mixture: a gain within its error is none.
    if (mean > standardError && mean > (best?.flowLess.trimmed.mean ?? 0)) best = { name: row.name, model, flowLess };
  }
  if (best === undefined) return undefined;
  const bytes = encodeModel(ofUser(engine, best.model(), problem));
  writeAtomic(run.path(FLOW_FILE), encodeModel(trained.model));
  writeAtomic(run.path("model.safetensors"), bytes);
  return { name: best.name, modelHash: sha256(bytes), flowLess: best.flowLess };
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
      : "validation rows prefer no baseline that can be kept";
  return `--keep best: the flow stays the model: ${why}`;
}
