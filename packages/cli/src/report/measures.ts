/** What a finished run is worth: held-out likelihoods, how exact the flow is, and the baselines on the same rows. */
import {
  carryingRows,
  data,
  type Engine,
  type Estimate,
  type Model,
  openModel,
  type Score,
  type Settings,
  scoreLogProb,
} from "jkoflow";
import type { ReportExtent } from "../config/reportExtent.ts";
import type { RunProblem } from "../run/problem.ts";
import type { TrainedRun } from "../run/training.ts";
import { addWeight } from "../run/weights.ts";
import type { Refused } from "./baselineModels.ts";
import { densityEvaluations, type Evaluations, type TrainingEvaluations } from "./evaluations.ts";
import { type FitTests, runFitTests } from "./fitTests.ts";
import { firstJudged, judgedRows } from "./judged.ts";
import {
  type BaselineRows,
  compareWithBaselines,
  type FittedBaseline,
  type FlowLess,
  fittedOf,
  hardestOf,
  type JudgedBaseline,
  judgedScores,
  nllWithout,
  refusedOf,
} from "./judgedBaselines.ts";
import type { Kept } from "./keep.ts";
import { type LabelScore, scoresByLabel } from "./labels.ts";

export interface Exactness {
  /** max |x - F^(-1)(F(x))| in standardised units. */
  readonly inversionError: number;
  readonly solverGap: number;
}

/** One object for the terminal, report.json, report.html and --json. */
export interface Measures extends Exactness {
  readonly system: string;
  /** nats per row, in the units of the data. */
  readonly validationNll: number;
  readonly testNll: number | null;
  /** Of testNll, or of validationNll where there are no test rows. */
  readonly standardError: number;
  /** Of the rows that are not odd. */
  readonly bitsPerDimension: number;
  readonly outlierShare: number;
  readonly blocks: number;
  readonly parameters: number;
  /** Training. */
  readonly seconds: number;
  readonly evaluations: Evaluations;
  readonly stop: string;
  /** Of the system, as the run was trained. */
  readonly settings: Settings;
  /** SHA-256 of model.safetensors. */
  readonly modelHash: string;
  /** The baseline that the run keeps as its model; null where that is the flow. */
  readonly kept: Kept | null;
  readonly rows: { readonly train: number; readonly validation: number; readonly test: number };
  readonly columns: number;
  readonly baselines: readonly JudgedBaseline[];
  /** Baselines that these rows do not allow. */
  readonly refused: readonly Refused[];
  /** The flow against each of the baselines. */
  readonly flowLess: readonly FlowLess[];
  /** Columns that repeat values: where there are some on a grid, `flowLess` is of the probabilities of their cells. */
  readonly ties: data.TiedColumns;
  readonly odd: OddRows;
  /** Of a conditional flow, on the judged rows: by label of every given column of categories. */
  readonly byLabel?: readonly LabelScore[];
  /** Samples against the judged rows; null where these are too few, or no report was wished for. */
  readonly fit: FitTests | null;
  /** Of a run whose report is not full. */
  readonly report?: Exclude<ReportExtent, "full">;
}

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

export function oddRows(logProb: Float64Array, { nll, standardError, median }: Score): OddRows {
  const rows = carryingRows(logProb);
  return { rows, nll: { mean: nll, standardError }, median, others: nllWithout(logProb, rows) };
}

/** Rows on which the inverse is tried. */
const INVERTED_ROWS = 10_000;
/** A look that costs a second or two; `jko evaluate --all` takes ten times the rows. */
const FIT_TESTS = { maxRows: 1000, permutations: 200 } as const;
/** The classifier's folds need as many. */
export const LEAST_TESTED = 10;

export const parameterCount = (model: Model): number =>
  model.flow.blocks.reduce((sum, { weights }) => sum + weights.length, 0);

export const bitsPerDimension = (nll: number, columns: number): number => nll / columns / Math.LN2;

/** The baselines of a run, on the rows that judge it; none of a report that has none. */
export interface MeasuredBaselines {
  readonly rows: BaselineRows | undefined;
  readonly fitted: readonly (FittedBaseline | Refused)[];
  readonly kept: Kept | undefined;
}

/** How long measuring takes is said before each part of it by `pause`, which lets a signal in. */
export interface MeasureOptions {
  readonly extent: ReportExtent;
  readonly seed: number;
  readonly pause: (phase: string) => Promise<void>;
}

export async function measure(
  engine: Engine,
  problem: RunProblem,
  trained: TrainedRun,
  spent: TrainingEvaluations,
  { rows, fitted, kept }: MeasuredBaselines,
  { extent, seed, pause }: MeasureOptions,
): Promise<Measures> {
  const { model } = trained;
  const { trainRows, columns, validation, test, weights } = problem;
  const open = openModel(engine, model);
  try {
    const judged = judgedRows(problem);
    const ties = rows?.ties ?? { grids: [], spikes: [] };
    const scores = judgedScores(open.logProb, judged, { ties, seed }, problem.bounds);
    const { logProb } = scores;
    const users = data.userConditions(judged.given);
    const score: Score = scoreLogProb(logProb);
    const baselines = fittedOf(fitted);
    const flowLess = compareWithBaselines(scores, baselines);
    const odd = oddRows(logProb, score);
    const hardest = baselines.find(({ row }) => row.name === hardestOf(flowLess)?.name);
    const heldOut = (): Float64Array =>
      addWeight(open.logProb(validation, problem.conditions?.validation), weights.validation);
    const held = (): number => scoreLogProb(heldOut()).nll;
    const isTested = extent === "full" && judged.table.rows >= LEAST_TESTED;
    if (isTested) await pause("testing samples of the flow against held-out rows ...");
    const checked = firstJudged(judged, INVERTED_ROWS);
    return {
      system: model.system,
      validationNll: test ? held() : score.nll,
      testNll: test ? score.nll : null,
      standardError: score.standardError,
      bitsPerDimension: bitsPerDimension(odd.others.mean, columns.length),
      outlierShare: score.outlierShare,
      blocks: model.flow.blocks.length,
      parameters: parameterCount(model),
      seconds: Number(trained.seconds.toFixed(2)),
      evaluations: { ...spent, density: densityEvaluations(model) },
      stop: trained.stop,
      settings: model.settings as Settings,
      inversionError: open.inversionError(checked.table, checked.given),
      solverGap: trained.solverGap,
      modelHash: kept?.modelHash ?? trained.modelHash,
      kept: kept ?? null,
      rows: { train: trainRows, validation: validation.rows, test: test?.rows ?? 0 },
      columns: columns.length,
      baselines: baselines.map(({ row, logProb: of }) => ({ ...row, others: nllWithout(of, odd.rows) })),
      refused: refusedOf(fitted),
      flowLess,
      ties,
      odd,
      ...(users ? { byLabel: scoresByLabel(users, logProb, hardest?.logProb) } : {}),
      fit: isTested ? runFitTests(open, judged, scores.encoded, seed, FIT_TESTS) : null,
      ...(extent === "full" ? {} : { report: extent }),
    };
  } finally {
    open.dispose();
  }
}
