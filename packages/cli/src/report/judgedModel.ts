/** A model on the rows that judge it: what the report of a run and `jko evaluate` have in common. */
import { chain, data, type Model, type OpenModel, type Score, scoreLogProb } from "jkoflow";
import { carryingRows, type Estimate } from "jkoflow/evaluate";
import type { RunProblem } from "../run/problem.ts";
import type { Refused } from "./baselineModels.ts";
import { firstJudged, type Judged } from "./judged.ts";
import {
  type BaselineRows,
  compareWithBaselines,
  type FittedBaseline,
  type FlowLess,
  fittedOf,
  hardestOf,
  type JudgedBaseline,
  type JudgedScores,
  judgedScores,
  nllWithout,
  refusedOf,
} from "./judgedBaselines.ts";
import { type LabelScore, scoresByLabel } from "./labels.ts";

/** What of the flow's NLL a few rows carry. */
export interface OddRows {
  /** Counted from 0 among the judged rows, the farthest first; empty where the mean speaks for itself. */
  readonly rows: readonly number[];
  /** NLL of all rows, nats. */
  readonly nll: Estimate;
  /** NLL of the row in the middle, nats. */
  readonly median: number;
  /** NLL of the other rows, nats. */
  readonly others: Estimate;
}

/** Figures of a model that the judged rows give, whatever they are. */
export interface ModelMeasures {
  readonly system: string;
  readonly standardError: number;
  readonly outlierShare: number;
  readonly blocks: number;
  readonly parameters: number;
  /** max |x - F^(-1)(F(x))| in standardised units. */
  readonly inversionError: number;
  readonly columns: number;
  readonly baselines: readonly JudgedBaseline[];
  /** Baselines that these rows do not allow. */
  readonly refused: readonly Refused[];
  /** The flow against each of the baselines. */
  readonly flowLess: readonly FlowLess[];
  readonly odd: OddRows;
  /** Of a conditional flow: by label of every given column of categories. */
  readonly byLabel?: readonly LabelScore[];
}

export interface JudgedModel {
  readonly scores: JudgedScores;
  readonly score: Score;
  readonly measures: ModelMeasures;
}

/** Rows on which the inverse is tried. */
const INVERTED_ROWS = 10_000;

export const parameterCount = (model: Model): number =>
  model.flow.blocks.reduce((sum, { weights }) => sum + weights.length, 0);

export const bitsPerDimension = (nll: number, columns: number): number => nll / columns / Math.LN2;

function oddRows(logProb: Float64Array, { nll, standardError, median }: Score): OddRows {
  const rows = carryingRows(logProb);
  return { rows, nll: { mean: nll, standardError }, median, others: nllWithout(logProb, rows) };
}

/** The first judged rows: as many as checks of exactness take. */
export const checkedRows = (judged: Judged): Judged => firstJudged(judged, INVERTED_ROWS);

/** `rows` says which values repeat in the training rows, and `judgedBaselines` were fitted to these. */
export function judgeModel(
  open: OpenModel,
  judged: Judged,
  rows: Pick<BaselineRows, "ties" | "seed">,
  judgedBaselines: readonly (FittedBaseline | Refused)[],
  bounds: RunProblem["bounds"],
): JudgedModel {
  const { model } = open;
  const logProb = chain.need(open, "logProb");
  const scores = judgedScores((rows, given) => logProb(rows, { given }), judged, rows, bounds);
  const score = scoreLogProb(scores.logProb);
  const fitted = fittedOf(judgedBaselines);
  const flowLess = compareWithBaselines(scores, fitted);
  const odd = oddRows(scores.logProb, score);
  const hardest = fitted.find(({ row }) => row.name === hardestOf(flowLess)?.name);
  const users = data.userConditions(judged.given);
  const checked = checkedRows(judged);
  return {
    scores,
    score,
    measures: {
      system: model.system,
      standardError: score.standardError,
      outlierShare: score.outlierShare,
      blocks: model.flow.blocks.length,
      parameters: parameterCount(model),
      inversionError: chain.need(open, "inversionError")(checked.table, { given: checked.given }),
      columns: judged.table.columns.length,
      baselines: fitted.map(({ row, logProb: of }) => ({ ...row, others: nllWithout(of, odd.rows) })),
      refused: refusedOf(judgedBaselines),
      flowLess,
      odd,
      ...(users ? { byLabel: scoresByLabel(users, scores.logProb, hardest?.logProb) } : {}),
    },
  };
}
