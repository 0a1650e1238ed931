/**
 * Which model a run keeps with --keep best: the flow, or a baseline that is as good on held-out rows. Validation rows choose, as they
 * choose everything else; test rows only report.
 */
import { type Engine, encodeModel, type Model, openModel } from "jkoflow";
import { type Comparison, estimate } from "jkoflow/evaluate";
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
  isBeyond,
  type JudgedScores,
  judgedScores,
  type ScoreRows,
} from "./judgedBaselines.ts";

/** The flow and the best baseline that can be kept, on validation rows; nats per row. */
interface HeldOut {
  /** NLL as judged: by the cells of rounded values, where columns repeat values. */
  readonly flow: number;
  readonly baseline: number;
  /** NLL of the flow less that of the baseline. */
  readonly flowLess: Comparison;
}

/** The baseline that a run keeps as its model. */
export interface Kept extends HeldOut, Pick<Baseline, "name" | "validationNll" | "testNll" | "standardError"> {
  readonly modelHash: string;
}

/** Why the flow stayed: a baseline that it is better than, or a reason why none could take its place. */
export type Stays = (HeldOut & Pick<Baseline, "name">) | { readonly why: string };

/** What held-out rows chose, and the model where that is a baseline. */
export type Choice =
  | { readonly kept: Kept; readonly model: Model; readonly stays?: never }
  | { readonly stays: Stays; readonly kept?: never; readonly model?: never };

/**
 * The baseline that takes the place of the flow, the simplest of those that can be kept and that held-out rows do not tell to be
 * worse; written as model.safetensors, the flow beside it.
 */
export function keepBest(
  engine: Engine,
  run: Pick<RunDirectory, "path">,
  problem: RunProblem,
  trained: TrainedRun,
  rows: BaselineRows,
  fitted: readonly FittedBaseline[],
): Choice {
  const why = whyNone(fitted, rows.ties);
  if (why !== undefined) return { stays: { why } };
  const { validation, conditions, weights, bounds } = problem;
  const held = {
    table: validation,
    ...(conditions ? { given: conditions.validation } : {}),
    ...(weights.validation ? { weight: weights.validation } : {}),
  };
  const scores = (score: ScoreRows) => judgedScores(score, held, rows, bounds);
  const open = openModel(engine, trained.model);
  let flow: JudgedScores;
  try {
    flow = scores((rows, given) => open.logProb(rows, { given }));
  } finally {
    open.dispose();
  }
  const able = fitted.flatMap(({ row, score, parts }) => {
    if (parts === undefined) return [];
    const own = parts();
    return [{ row, parts: own, scores: scores(score), asks: own.mixture.margins ? CLEAR : 1 }];
  });
  const best = simplest(able, (a, b) => compareScores(a.scores, b.scores));
  const flowLess = compareScores(flow, best.scores);
  const figures = { flow: nllOf(flow), baseline: nllOf(best.scores), flowLess };
  const { row, parts } = best;
  if (flowLess.trimmed.mean < 0 && isBeyond(flowLess.trimmed, 1)) return { stays: { name: row.name, ...figures } };
  const { condition } = trained.model;
  const given = condition && conditions ? { condition, heldOut: conditions.validation } : undefined;
  const plain = mixtureModel(row.name, rows.standardizer, parts, validation, given);
  const model = ofUser(engine, plain, problem);
  const bytes = encodeModel(model);
  writeAtomic(run.path(FLOW_FILE), encodeModel(trained.model));
  writeAtomic(run.path("model.safetensors"), bytes);
  const { name, validationNll, testNll, standardError } = row;
  return { kept: { name, modelHash: sha256(bytes), validationNll, testNll, standardError, ...figures }, model };
}

const nllOf = ({ cells, logProb }: JudgedScores): number => -estimate(cells ?? logProb).mean;

/** As a flow behind kernel margins asks for, by the same reason (prepare/margins.ts of the library). */
const CLEAR = 3;

/** One of several models, and the standard errors of its gain that it has to gain on a simpler one. */
interface Candidate {
  readonly asks: number;
}

/**
 * Of models from the simplest to the largest, the simplest that no larger one beats on held-out rows by more than what that asks
 * for: as with the size of a mixture, a gain within its error is none. `less` is the NLL of the first less that of the second. Kernel margins
 * ask for a clear difference (CLEAR): a width of every column was chosen on these very rows, and they have thousands of pieces where a mixture has a few
 * numbers.
 *
 * The flow comes last, as the largest; besides, its weights were the best of many evaluations on these rows, so that it seems better on them than it
 * is. Measured on 29 tables (12 of two Gaussians, 7 toys, 10 real ones; 160 to 1,200 training rows) with Gaussian, mixture and flow: what was
 * kept is 0.015 nats worse on fresh rows than the better of flow and mixture; 0.026 where the mixture had to gain its standard
 * error, 0.024 where it had to gain anything, 0.058 with the flow and 0.044 with the mixture everywhere.
 */
export const simplest = <T extends Candidate>(
  models: readonly T[],
  less: (a: T, b: T) => Pick<Comparison, "trimmed">,
): T =>
  models.reduce((best, larger) => {
    const { trimmed } = less(best, larger);
    return trimmed.mean > 0 && isBeyond(trimmed, larger.asks) ? larger : best;
  });

/** Why no baseline can take the place of the flow; undefined where one can. */
export function whyNone(
  fitted: readonly { readonly row: Pick<Baseline, "keepable"> }[],
  { spikes }: Pick<BaselineRows["ties"], "spikes">,
): string | undefined {
  if (fitted.length === 0) return "no baseline could be fitted";
  if (!fitted.some(({ row }) => row.keepable)) return "no baseline that was fitted is one that a run can keep";
  // Ties on no grid cannot be compared by cells: what gains there may only live on them.
  if (spikes.length === 0) return undefined;
  return `values recur in ${spikes.map(({ name }) => name).join(", ")} on no grid, so that the gain of a baseline may be none`;
}
