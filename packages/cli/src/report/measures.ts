/** What a finished run is worth: held-out likelihoods, how exact the flow is, and the baselines on the same rows. */
import { type data, type Engine, type Model, openModel, type Settings, scoreLogProb } from "jkoflow";
import type { ReportExtent } from "../config/reportExtent.ts";
import type { RunProblem } from "../run/problem.ts";
import type { TrainedRun } from "../run/training.ts";
import { addWeight } from "../run/weights.ts";
import type { Refused } from "./baselineModels.ts";
import { densityEvaluations, type Evaluations, type TrainingEvaluations } from "./evaluations.ts";
import { type FitTests, runFitTests } from "./fitTests.ts";
import { type FlowCertificate, flowCertificate } from "./flowCertificate.ts";
import { type Judged, judgedRows } from "./judged.ts";
import type { BaselineRows, FittedBaseline } from "./judgedBaselines.ts";
import { bitsPerDimension, judgeModel, type ModelMeasures } from "./judgedModel.ts";
import type { Choice, Kept, Stays } from "./keep.ts";

/** One object for the terminal, report.json, report.html and --json. */
export interface Measures extends ModelMeasures {
  /** nats per row, in the units of the data. */
  readonly validationNll: number;
  readonly testNll: number | null;
  /** Of the rows that are not odd. */
  readonly bitsPerDimension: number;
  readonly solverGap: number;
  /** Training. */
  readonly seconds: number;
  readonly evaluations: Evaluations;
  readonly stop: string;
  /** Of the system, as the run was trained. */
  readonly settings: Settings;
  /** SHA-256 of model.safetensors. */
  readonly modelHash: string;
  /** The baseline that the run keeps as its model; null where that is the flow, of which all other figures are. */
  readonly kept: Kept | null;
  /** Where held-out rows chose, and chose the flow: what it was held against. */
  readonly stays: Stays | null;
  readonly rows: { readonly train: number; readonly validation: number; readonly test: number };
  /** Columns that repeat values: where there are some on a grid, `flowLess` is of the probabilities of their cells. */
  readonly ties: data.TiedColumns;
  /** Samples of the model that was kept against the judged rows; null where these are too few, or no report was wished for. */
  readonly fit: FitTests | null;
  /** Of the flow; absent where nothing can be said. */
  readonly certificate?: FlowCertificate;
  /** Of a run whose report is not full. */
  readonly report?: Exclude<ReportExtent, "full">;
}

/** A test that costs a second or two; `jko evaluate --all` takes ten times the rows. */
const FIT_TESTS = { maxRows: 1000, permutations: 200 } as const;
/** The classifier's folds need as many. */
export const LEAST_TESTED = 10;

/** The baselines of a run, on the rows that judge it; none of a report that has none. */
export interface MeasuredBaselines {
  readonly rows: BaselineRows | undefined;
  readonly fitted: readonly (FittedBaseline | Refused)[];
  readonly choice: Choice | undefined;
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
  { rows, fitted, choice }: MeasuredBaselines,
  { extent, seed, pause }: MeasureOptions,
): Promise<Measures> {
  const { model } = trained;
  const { trainRows, columns, validation, test, weights } = problem;
  const open = openModel(engine, model);
  try {
    const judged = judgedRows(problem);
    const ties = rows?.ties ?? { grids: [], spikes: [] };
    const { scores, score, measures } = judgeModel(open, judged, { ties, seed }, fitted, problem.bounds);
    const held = (): number =>
      scoreLogProb(addWeight(open.logProb(validation, { given: problem.conditions?.validation }), weights.validation))
        .nll;
    const isTested = extent === "full" && judged.table.rows >= LEAST_TESTED;
    const { kept, model: simpler } = choice ?? {};
    if (isTested) await pause(`testing samples of the ${kept?.name ?? "flow"} against held-out rows ...`);
    const tests = (): FitTests =>
      simpler ? testsOf(engine, simpler, judged, seed) : runFitTests(open, judged, scores.encoded, seed, FIT_TESTS);
    const certificate = extent === "none" ? undefined : flowCertificate(open, judged, seed);
    return {
      ...measures,
      validationNll: test ? held() : score.nll,
      testNll: test ? score.nll : null,
      bitsPerDimension: bitsPerDimension(measures.odd.others.mean, columns.length),
      seconds: Number(trained.seconds.toFixed(2)),
      evaluations: { ...spent, density: densityEvaluations(model) },
      stop: trained.stop,
      settings: model.settings as Settings,
      solverGap: trained.solverGap,
      modelHash: kept?.modelHash ?? trained.modelHash,
      kept: kept ?? null,
      stays: choice?.stays ?? null,
      rows: { train: trainRows, validation: validation.rows, test: test?.rows ?? 0 },
      ties,
      fit: isTested ? tests() : null,
      ...(certificate ? { certificate } : {}),
      ...(extent === "full" ? {} : { report: extent }),
    };
  } finally {
    open.dispose();
  }
}

/** Of the model that was kept in the place of the flow. */
function testsOf(engine: Engine, model: Model, judged: Judged, seed: number): FitTests {
  const open = openModel(engine, model);
  try {
    return runFitTests(open, judged, open.logProb(judged.table, { given: judged.given }), seed, FIT_TESTS);
  } finally {
    open.dispose();
  }
}
