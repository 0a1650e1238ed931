/** What `jko evaluate` says of a model on any rows: one object for --json, and its lines for people. */
import type { OpenModel } from "jkoflow";
import { pairedDifference } from "jkoflow/evaluate";
import { describeUnfit, type UnfitCount } from "../input/unfitRows.ts";
import { count, counted, nats, small } from "../progress/numbers.ts";
import { excessInWords, type FitTests, fitTestLines } from "./fitTests.ts";
import type { InversionErrors } from "./inversion.ts";
import type { Judged } from "./judged.ts";
import { bitsPerDimension, checkedRows, type JudgedModel, type ModelMeasures } from "./judgedModel.ts";
import type { Measures } from "./measures.ts";
import { flowLessLine, labelText, oddLine, SHOWN_LABELS } from "./words.ts";

export interface Evaluation extends ModelMeasures {
  /** nats per row; null where it is not known. */
  readonly validationNll: number | null;
  readonly testNll: number | null;
  /** Where some rows have no density: NLL of the others, and what those are. */
  readonly nllOfOthers?: number;
  readonly outside?: UnfitCount;
  readonly bitsPerDimension: number;
  readonly median: number;
  readonly seconds: number | null;
  readonly solverGap: number;
  readonly modelHash: string;
  readonly rows: number;
}

/** The rows, and what they are to the model. */
export interface EvaluatedRows {
  readonly judged: Judged;
  /** Rows of the file without a density. */
  readonly unfit: UnfitCount;
  /** Whether these rows chose the flow. */
  readonly part: "validation" | "other";
}

/** `before` are the figures of the run that the model is of. */
export function evaluationOf(
  open: OpenModel,
  { score, measures }: JudgedModel,
  { judged, unfit, part }: EvaluatedRows,
  before: Measures | undefined,
  modelHash: string,
): Evaluation {
  // Of a kept baseline the figures of the run's flow are not its own.
  const own = before?.kept ? before.baselines.find(({ name }) => name === before.kept?.name) : before;
  const heldOut = part === "validation";
  const { rows, columns } = judged.table;
  return {
    ...measures,
    validationNll: heldOut ? score.nll : (own?.validationNll ?? null),
    testNll: heldOut || unfit.rows > 0 ? null : score.nll,
    ...(unfit.rows > 0 ? { nllOfOthers: score.nll, outside: unfit } : {}),
    bitsPerDimension: bitsPerDimension(score.nll, columns.length),
    median: score.median,
    seconds: before?.seconds ?? null,
    solverGap: solverGap(open, checkedRows(judged)),
    modelHash,
    rows,
  };
}

/** Change of the NLL when the solver's steps are doubled, nats. */
function solverGap({ model, flow, covariates }: OpenModel, { table, given }: Judged): number {
  const [x, y] = [model.standardizer.forward(table), covariates(given)];
  return Math.abs(pairedDifference(flow.logProb(x, { times: 2 }, y), flow.logProb(x, { times: 1 }, y)).mean);
}

export const unfitNote = (unfit: UnfitCount, others: number): string =>
  `${describeUnfit(unfit, "without a density, so that the NLL of all rows is infinite")}; all figures are of the other ${counted(others, "row")}; --strict refuses such a file`;

/** Tests of fit and inversion errors are there where they were asked for. */
export function evaluationLines(
  evaluation: Evaluation,
  { score }: JudgedModel,
  { unfit, part }: EvaluatedRows,
  scored: string,
  fit: FitTests | undefined,
  inversion: InversionErrors | undefined,
): string[] {
  const { rows, baselines, refused, flowLess, odd, byLabel = [] } = evaluation;
  const heldOut = part === "validation";
  const square = (value: number): string => value.toExponential(1);
  const lines: (readonly [name: string, text: string])[] = [
    ["rows", count(rows)],
    ...(unfit.rows > 0 ? [["no density", `${counted(unfit.rows, "row")} besides: NLL inf over all`] as const] : []),
    [scored, `${heldOut ? "validation " : ""}NLL ${nats(score.nll)} +- ${nats(score.standardError)} nats`],
    ...baselines.map(
      (row) => [row.name, `NLL ${nats(row.testNll ?? row.validationNll)} +- ${nats(row.standardError)} nats`] as const,
    ),
    ...refused.map((one) => [one.name, one.refused] as const),
    ...flowLess.map((one) => [`${scored} less ${one.name}`, flowLessLine(one)] as const),
    ["bits per dimension", nats(evaluation.bitsPerDimension)],
    [
      "median",
      `${nats(score.median)} nats; ${(100 * score.outlierShare).toPrecision(2)} % of the rows cost more than ${nats(score.median + 2 * Math.abs(score.median))}`,
    ],
    ...oddLine(odd, rows, heldOut ? "validation" : "judged").map((text) => ["odd rows", text] as const),
    ...byLabel.slice(0, SHOWN_LABELS).map((one) => [`${one.column} ${one.label}`, labelText(one)] as const),
    ["inversion error", `${square(evaluation.inversionError)} in standardised units`],
    ["solver gap", `${small(evaluation.solverGap)} nats`],
  ];
  if (inversion) {
    const byBlock = inversion.blocks.length > 0 ? `; by block ${inversion.blocks.map(square).join(", ")}` : "";
    const adaptive = `with adaptive steps ${square(inversion.adaptiveHalfSquare)}`;
    lines.push(["half mean square", `inversion error ${square(inversion.halfSquare)}, ${adaptive}${byBlock}`]);
    if (fit) lines.push(["samples", excessInWords(fit)]);
  }
  const width = Math.max(...lines.map(([name]) => name.length));
  const table = lines.map(([name, text]) => `${name.padEnd(width)}  ${text}`);
  return inversion && fit ? [...table, "", ...fitTestLines(fit)] : table;
}
