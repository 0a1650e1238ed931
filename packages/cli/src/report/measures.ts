/** What a finished run is worth: held-out likelihoods, how exact the flow is, and the two baselines on the same rows. */
import {
  createKey,
  type Engine,
  type Estimate,
  fold,
  type Model,
  openModel,
  pairedDifference,
  type Score,
  type Settings,
  scoreLogProb,
} from "jkoflow";
import type { RunProblem } from "../run/problem.ts";
import type { TrainedRun } from "../run/training.ts";
import { addWeight } from "../run/weights.ts";
import { type Baselines, conditionalBaselines, plainBaselines } from "./baselineModels.ts";
import { densityEvaluations, type Evaluations, type TrainingEvaluations } from "./evaluations.ts";
import { type FitTests, runFitTests } from "./fitTests.ts";
import { firstJudged, type Judged, judgedRows } from "./judged.ts";
import { type LabelScore, scoresByLabel } from "./labels.ts";

/** A model without training by gradient, fitted on the same rows. */
export interface Baseline {
  readonly name: string;
  readonly validationNll: number;
  readonly testNll: number | null;
  readonly standardError: number;
  /** Fitting and choosing. */
  readonly seconds: number;
}

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
  readonly modelHash: string;
  readonly rows: { readonly train: number; readonly validation: number; readonly test: number };
  readonly columns: number;
  readonly baselines: readonly Baseline[];
  /** NLL of the flow less that of the mixture on the same rows; below 0 the flow is better. */
  readonly flowLessMixture: Estimate;
  /** Of a conditional flow, on the judged rows: by label of every given column of categories. */
  readonly byLabel?: readonly LabelScore[];
  /** Samples against the judged rows; null where these are too few. */
  readonly fit: FitTests | null;
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

export interface FittedBaseline {
  readonly row: Baseline;
  /** Of the judged rows. */
  readonly logProb: Float64Array;
}

/** What the baselines need of the training rows, so that a large table need not be kept until the report. */
export interface BaselineRows extends Baselines {
  /** Spent on what they need. */
  readonly seconds: number;
  readonly seed: number;
}

export function baselineRows(problem: RunProblem, seed: number): BaselineRows {
  const key = fold(createKey(seed), "mixture");
  const start = performance.now();
  const { models } = problem.conditions ? conditionalBaselines(problem, key) : plainBaselines(problem, key);
  return { models, seed, seconds: (performance.now() - start) / 1000 };
}

/** The baselines that these rows allow, fitted on the training rows and judged on others; given what the flow is given. */
export function baselines(
  { models, seconds: before }: BaselineRows,
  { validation, conditions, weights }: Pick<RunProblem, "validation" | "conditions" | "weights">,
  { table: judged, given, weight }: Judged,
): readonly FittedBaseline[] {
  return models.flatMap(({ fit }) => {
    const start = performance.now();
    const fitted = fit();
    if ("refused" in fitted) return [];
    const { name, logProb: logProbOf } = fitted;
    const seconds = before + (performance.now() - start) / 1000;
    const logProb = addWeight(logProbOf(judged, given), weight);
    const score = scoreLogProb(logProb);
    const held = scoreLogProb(addWeight(logProbOf(validation, conditions?.validation), weights.validation)).nll;
    const testNll = judged === validation ? null : score.nll;
    return [{ row: { name, validationNll: held, testNll, standardError: score.standardError, seconds }, logProb }];
  });
}

export function measure(
  engine: Engine,
  problem: RunProblem,
  trained: TrainedRun,
  spent: TrainingEvaluations,
  fitted: BaselineRows,
): Measures {
  const { model } = trained;
  const { trainRows, columns, validation, test, weights } = problem;
  const open = openModel(engine, model);
  try {
    const judged = judgedRows(problem);
    const encoded = open.logProb(judged.table, judged.given);
    const logProb = addWeight(encoded, judged.weight);
    const score: Score = scoreLogProb(logProb);
    const heldOut = (): Float64Array =>
      addWeight(open.logProb(validation, problem.conditions?.validation), weights.validation);
    const held = (): number => scoreLogProb(heldOut()).nll;
    const others = baselines(fitted, problem, judged);
    const mixture = others[1] ?? others[0];
    const checked = firstJudged(judged, INVERTED_ROWS);
    return {
      system: model.system,
      validationNll: test ? held() : score.nll,
      testNll: test ? score.nll : null,
      standardError: score.standardError,
      bitsPerDimension: bitsPerDimension(score.nll, columns.length),
      outlierShare: score.outlierShare,
      blocks: model.flow.blocks.length,
      parameters: parameterCount(model),
      seconds: Number(trained.seconds.toFixed(2)),
      evaluations: { ...spent, density: densityEvaluations(model) },
      stop: trained.stop,
      settings: model.settings as Settings,
      inversionError: open.inversionError(checked.table, checked.given),
      solverGap: trained.solverGap,
      modelHash: trained.modelHash,
      rows: { train: trainRows, validation: validation.rows, test: test?.rows ?? 0 },
      columns: columns.length,
      baselines: others.map(({ row }) => row),
      flowLessMixture: pairedDifference(logProb, mixture.logProb),
      ...(judged.given ? { byLabel: scoresByLabel(judged.given, logProb, mixture.logProb) } : {}),
      fit: judged.table.rows < LEAST_TESTED ? null : runFitTests(open, judged, encoded, fitted.seed, FIT_TESTS),
    };
  } finally {
    open.dispose();
  }
}
