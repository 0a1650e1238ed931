/** The baselines of a run, fitted on its training rows and judged on others, and the flow beside each of them. */
import { createKey, type data, fold, scoreLogProb } from "jkoflow";
import { type Comparison, cellLogProb, compareModels, type Estimate, estimate } from "jkoflow/evaluate";
import type { MixtureParts } from "jkoflow/model";
import { tiesOf } from "../run/inCells.ts";
import type { RunProblem } from "../run/problem.ts";
import { addWeight } from "../run/weights.ts";
import { type Baselines, conditionalBaselines, plainBaselines, type Refused } from "./baselineModels.ts";
import { baselineSpace } from "./baselineSpace.ts";
import { firstJudged, type Judged } from "./judged.ts";

/** A model without training by gradient, fitted on the same rows. */
export interface Baseline {
  readonly name: string;
  readonly validationNll: number;
  readonly testNll: number | null;
  readonly standardError: number;
  /** Fitting and choosing. */
  readonly seconds: number;
  /** How it had to be fitted, where that is not as usual. */
  readonly note?: string;
  /** Whether --keep best can make it the model of the run. */
  readonly keepable: boolean;
}

/** A baseline with its NLL on the rows that are left where odd ones carry the flow's. */
export interface JudgedBaseline extends Baseline {
  readonly others: Estimate;
}

/** NLL of the flow less that of a baseline on the judged rows; below 0 the flow is better. */
export interface FlowLess extends Comparison {
  readonly name: string;
}

/** What the baselines need of the training rows, so that a large table need not be kept until the report. */
export interface BaselineRows extends Baselines {
  /** Spent on what they need. */
  readonly seconds: number;
  /** Encoded rows to the coordinates in which they are fitted. */
  readonly standardizer: data.Standardizer;
  readonly ties: data.TiedColumns;
  readonly seed: number;
}

/** Of a density: log p of encoded rows, nats. */
export type ScoreRows = (rows: data.Table, given?: data.ConditionRows) => Float64Array;

/** What two models are compared by, on the same rows with the same draws; nats. */
export interface JudgedScores {
  /** log p of the judged rows, in the user's terms. */
  readonly logProb: Float64Array;
  /** The same of the encoded rows. */
  readonly encoded: Float64Array;
  /** Of the cells that rows were rounded from, where columns repeat values; of the first rows, if there are many. */
  readonly cells?: Float64Array;
}

export interface FittedBaseline extends JudgedScores {
  readonly row: Baseline;
  readonly score: ScoreRows;
  /** Of one that can be kept: this, in the coordinates of the baselines. */
  readonly parts?: () => MixtureParts;
}

/** Cells are scored by many draws, so not of all rows of a large table. */
const CELL_ROWS = 5000;

export function baselineRows(problem: RunProblem, seed: number): BaselineRows {
  const start = performance.now();
  const key = fold(createKey(seed), "mixture");
  const ties = tiesOf(problem);
  const { problem: moved, standardizer, back } = baselineSpace(problem, ties.grids, fold(createKey(seed), "cells"));
  const { models } = problem.conditions ? conditionalBaselines(moved, key) : plainBaselines(moved, key);
  const inOwnUnits = models.map(({ name, fit }) => ({
    name,
    fit: () => {
      const fitted = fit();
      return "refused" in fitted ? fitted : back(fitted);
    },
  }));
  return { models: inOwnUnits, standardizer, ties, seed, seconds: (performance.now() - start) / 1000 };
}

/** Scores of the judged rows by one model. `rows` says how these repeat values. */
export function judgedScores(
  score: ScoreRows,
  { table, given, weight }: Judged,
  { ties, seed }: Pick<BaselineRows, "ties" | "seed">,
  bounds: RunProblem["bounds"],
): JudgedScores {
  const encoded = score(table, given);
  const logProb = addWeight(encoded, weight);
  if (ties.grids.length === 0) return { logProb, encoded };
  const some = firstJudged({ table, ...(given ? { given } : {}) }, CELL_ROWS);
  const key = fold(createKey(seed), "rounding cells");
  const cells = cellLogProb((rows) => score(rows, some.given), some.table, ties.grids, key, bounds ? { bounds } : {});
  return { logProb, encoded, cells };
}

/** Fits one baseline and judges it; given what the flow is given. */
export function judgeBaseline(
  fit: Baselines["models"][number]["fit"],
  rows: BaselineRows,
  problem: Pick<RunProblem, "validation" | "conditions" | "weights" | "bounds">,
  judged: Judged,
): FittedBaseline | Refused {
  const start = performance.now();
  const fitted = fit();
  if ("refused" in fitted) return fitted;
  const { name, note, logProb: score, parts } = fitted;
  const seconds = rows.seconds + (performance.now() - start) / 1000;
  const scores = judgedScores(score, judged, rows, problem.bounds);
  const { nll, standardError } = scoreLogProb(scores.logProb);
  const { validation, conditions, weights } = problem;
  const isHeld = judged.table === validation;
  const held = isHeld
    ? nll
    : scoreLogProb(addWeight(score(validation, conditions?.validation), weights.validation)).nll;
  const testNll = isHeld ? null : nll;
  return {
    row: {
      name,
      validationNll: held,
      testNll,
      standardError,
      seconds,
      keepable: parts !== undefined,
      ...(note ? { note } : {}),
    },
    ...scores,
    score,
    ...(parts ? { parts } : {}),
  };
}

export const fittedOf = (all: readonly (FittedBaseline | Refused)[]): FittedBaseline[] =>
  all.flatMap((one) => ("refused" in one ? [] : [one]));

/** NLL of rows but those that are odd, nats. */
export const nllWithout = (logProb: Float64Array, odd: readonly number[]): Estimate =>
  estimate(logProb.filter((_, i) => !odd.includes(i)).map((value) => -value));

export const refusedOf = (all: readonly (FittedBaseline | Refused)[]): Refused[] =>
  all.flatMap((one) => ("refused" in one ? [one] : []));

/** Two models by the cells of rounded values where there are some, else by the density. */
export const compareScores = (a: JudgedScores, b: JudgedScores): Comparison =>
  a.cells && b.cells ? compareModels(a.cells, b.cells) : compareModels(a.logProb, b.logProb);

/** The flow against each baseline. */
export const compareWithBaselines = (flow: JudgedScores, fitted: readonly FittedBaseline[]): FlowLess[] =>
  fitted.map((one) => ({ name: one.row.name, ...compareScores(flow, one) }));

/** The baseline that the flow does worst against; undefined without baselines. */
export const hardestOf = (comparisons: readonly FlowLess[]): FlowLess | undefined =>
  comparisons.length === 0 ? undefined : comparisons.reduce((a, b) => (b.trimmed.mean > a.trimmed.mean ? b : a));

/** Beyond so many standard errors a difference is called one. */
const TOLD = 2;
/** Below it, nats, two densities are one computed in two ways, in float32: a flow without blocks and its Gaussian. */
const SAME = 1e-5;

/** Whether a difference is beyond chance, by so many standard errors, and beyond rounding. */
export const isBeyond = ({ mean, standardError }: Estimate, errors: number = TOLD): boolean =>
  Math.abs(mean) > Math.max(SAME, errors * standardError);

/**
 * The baseline that the verdict is about: of those that beat the flow the one that does so by most, else of those that are level
 * with it, else the one that comes nearest. A smaller lead may be the surer one: the flow wins where it beats them all.
 */
export function decidingOf(comparisons: readonly FlowLess[]): FlowLess | undefined {
  const beaten = ({ trimmed }: FlowLess): boolean => trimmed.mean < 0 && isBeyond(trimmed);
  const beating = ({ trimmed }: FlowLess): boolean => trimmed.mean > 0 && isBeyond(trimmed);
  const level = comparisons.filter((one) => !beaten(one) && !beating(one));
  return hardestOf(comparisons.filter(beating)) ?? hardestOf(level) ?? hardestOf(comparisons);
}
