/** What events.jsonl and --json say about training: no wall-clock values, likelihoods in the user's units where known. */
import { data, halfLog2Pi, type Settings, type TrainingEvent } from "jkoflow";
import type { EventLine, ToNll } from "../progress/eventLine.ts";
import type { RunProblem } from "./problem.ts";

/** The same of blocks after an opening, whose log-determinant their energies lack. */
export const afterOpening = (toNll: ToNll | undefined, { openingLogDet = 0 }: StartEvent): ToNll | undefined =>
  toNll && ((energy) => toNll(energy) - openingLogDet);

type StartEvent = Extract<TrainingEvent, { readonly type: "start" }>;

/** undefined for a system whose settings do not tell how it standardises. */
export function createToNll(problem: RunProblem, settings: Settings): ToNll | undefined {
  const { standardize: kind, transform } = settings as { standardize?: "whiten"; transform?: "none" };
  if (typeof kind !== "string") return undefined;
  const { columns, validation, bounds, weights } = problem;
  const standardizer = data.fitStandardizer(problem.train, { kind, transform, bounds, heldOut: validation });
  const logDet = standardizer.logAbsDet(validation);
  const mean = (values: Float64Array): number => values.reduce((sum, x) => sum + x, 0) / values.length;
  const weight = weights.validation === undefined ? 0 : mean(weights.validation);
  const constant = columns.length * halfLog2Pi - mean(logDet) - weight;
  return (energy) => energy + constant;
}

export function eventLine(event: TrainingEvent, toNll: ToNll | undefined): EventLine {
  if (event.type === "start") {
    const { parametersPerBlock, settings, notes } = event;
    return { event: "start", parametersPerBlock, settings, notes };
  }
  if (event.type === "update") {
    const { block, attempt, progress } = event;
    const { score, ...rest } = progress;
    const nll = score === undefined || !toNll ? {} : { validationNll: toNll(score) };
    return { event: "update", block, attempt, ...rest, ...(score === undefined ? {} : { score }), ...nll };
  }
  if (event.type === "round update") {
    const { stage, round, block, progress } = event;
    const { score, ...rest } = progress;
    // The score of one block is that of the flow up to it: only of all blocks together is it that of the flow.
    const nll = score === undefined || block > 0 || !toNll ? {} : { validationNll: toNll(score) };
    return { event: "round update", stage, round, block, ...rest, ...(score === undefined ? {} : { score }), ...nll };
  }
  if (event.type === "stage") {
    const { report } = event;
    const [before, after] = [report.energyBefore, report.validationEnergy];
    const nll = toNll ? { nllBefore: toNll(before), validationNll: toNll(after) } : {};
    return { event: "stage", ...report, ...nll };
  }
  const { report } = event;
  return { event: "block", ...report, ...(toNll ? { validationNll: toNll(report.validationEnergy) } : {}) };
}
