/** What a finished run is worth: held-out likelihoods, how exact the flow is, and the two baselines on the same rows. */
import {
  createKey,
  type data,
  type Engine,
  type Estimate,
  fitGaussian,
  fitMixture,
  fold,
  type Model,
  openModel,
  pairedDifference,
  type Score,
  scoreLogProb,
} from "jkoflow";
import type { RunProblem } from "../run/problem.ts";
import type { TrainedRun } from "../run/training.ts";

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
  readonly stop: string;
  readonly modelHash: string;
  readonly rows: { readonly train: number; readonly validation: number; readonly test: number };
  readonly columns: number;
  readonly baselines: readonly Baseline[];
  /** NLL of the flow less that of the mixture on the same rows; below 0 the flow is better. */
  readonly flowLessMixture: Estimate;
}

/** Rows on which the inverse is tried. */
const INVERTED_ROWS = 10_000;

export const parameterCount = (model: Model): number =>
  model.flow.blocks.reduce((sum, { weights }) => sum + weights.length, 0);

export const firstRows = (table: data.Table, rows: number): data.Table =>
  table.rows <= rows ? table : { ...table, rows, values: table.values.subarray(0, rows * table.columns.length) };

export const bitsPerDimension = (nll: number, columns: number): number => nll / columns / Math.LN2;

export interface FittedBaseline {
  readonly row: Baseline;
  /** Of the judged rows. */
  readonly logProb: Float64Array;
}

/** Both baselines, fitted on the training rows and judged on others. */
export function baselines(
  problem: RunProblem,
  seed: number,
  judged: data.Table,
): { readonly gaussian: FittedBaseline; readonly mixture: FittedBaseline } {
  const { train, validation } = problem;
  const d = train.columns.length;
  const key = fold(createKey(seed), "mixture");
  const fit = (name: string, work: () => { logProb(x: Float32Array, rows: number): Float64Array }): FittedBaseline => {
    const start = performance.now();
    const model = work();
    const seconds = (performance.now() - start) / 1000;
    const logProb = model.logProb(judged.values, judged.rows);
    const score = scoreLogProb(logProb);
    const held = scoreLogProb(model.logProb(validation.values, validation.rows)).nll;
    const testNll = judged === validation ? null : score.nll;
    const row: Baseline = { name, validationNll: held, testNll, standardError: score.standardError, seconds };
    return { row, logProb };
  };
  return {
    gaussian: fit("Gaussian", () => fitGaussian(train.values, train.rows, d)),
    mixture: fit("Gaussian mixture", () => fitMixture(train.values, validation.values, d, key)),
  };
}

export function measure(engine: Engine, problem: RunProblem, trained: TrainedRun, seed: number): Measures {
  const { model } = trained;
  const { train, validation, test } = problem;
  const open = openModel(engine, model);
  try {
    const judged = test ?? validation;
    const logProb = open.logProb(judged);
    const score: Score = scoreLogProb(logProb);
    const validationNll = test ? scoreLogProb(open.logProb(validation)).nll : score.nll;
    const { gaussian, mixture } = baselines(problem, seed, judged);
    return {
      system: model.system,
      validationNll,
      testNll: test ? score.nll : null,
      standardError: score.standardError,
      bitsPerDimension: bitsPerDimension(score.nll, train.columns.length),
      outlierShare: score.outlierShare,
      blocks: model.flow.blocks.length,
      parameters: parameterCount(model),
      seconds: Number(trained.seconds.toFixed(2)),
      stop: trained.stop,
      inversionError: open.inversionError(firstRows(judged, INVERTED_ROWS)),
      solverGap: trained.solverGap,
      modelHash: trained.modelHash,
      rows: { train: train.rows, validation: validation.rows, test: test?.rows ?? 0 },
      columns: train.columns.length,
      baselines: [gaussian.row, mixture.row],
      flowLessMixture: pairedDifference(logProb, mixture.logProb),
    };
  } finally {
    open.dispose();
  }
}
