/**
 * Whether a state to go on from fits: its parts are there and of their kinds, and its history is one that the settings give.
 * States come from files too, where anybody may have changed them; what does not fit is refused by name before it is used.
 */
import { cameOf } from "../errors/came.ts";
import { InputError } from "../errors/index.ts";
import { checkKind } from "../errors/kinds.ts";
import type { GrowthSettings } from "./growth.ts";
import { type Plan, stepSettings } from "./growthSteps.ts";
import { accepts, type Verdict, verdicts } from "./heldOut.ts";
import type { StepSettings } from "./step.ts";

/**
 * Where every refusal of a training state says it is from: the file, if there is one, is known to the caller.
 *
 * @example
 * ```ts
 * import { InputError } from "jkoflow";
 * import { trainingState } from "jkoflow/jko";
 *
 * const isOfState = (error: unknown): boolean => error instanceof InputError && error.problem.where === trainingState;
 * console.log(isOfState(new Error("something else"))); // false
 * ```
 */
export const STATE = "training state";

export const refuse = (place: string, came: unknown, expected: string): never => {
  throw new InputError({ where: STATE, place, came: cameOf(came), expected });
};

export type Fields = Readonly<Record<string, unknown>>;

/** An object with these keys, of which some may be missing, and no others. */
export function fieldsOf(
  value: unknown,
  place: string,
  needed: readonly string[],
  optional: readonly string[] = [],
): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
    return refuse(place, value, `{ ${needed.join(", ")} }`);
  }
  const missing = needed.find((key) => !Object.hasOwn(value, key));
  if (missing !== undefined) refuse(place, value, `${missing} in it`);
  const other = Object.keys(value).find((key) => !needed.includes(key) && !optional.includes(key));
  if (other !== undefined) refuse(place, other, `no more than ${[...needed, ...optional].join(", ")}`);
  return value as Fields;
}

export function listOf(value: unknown, place: string, most: number = Infinity): readonly unknown[] {
  if (Array.isArray(value) && value.length <= most) return value;
  return refuse(place, value, most === Infinity ? "a list" : `a list of at most ${most}`);
}

export function wholeFrom(
  value: unknown,
  place: string,
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): number {
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
  const expected =
    most === Number.MAX_SAFE_INTEGER ? `a whole number from ${least}` : `a whole number from ${least} to ${most}`;
  return refuse(place, value, expected);
}

export function numberOf(value: unknown, place: string): number {
  return typeof value === "number" ? value : refuse(place, value, "a number");
}

export function equal(value: unknown, wanted: unknown, place: string): void {
  if (!Object.is(value, wanted)) refuse(place, value, `${cameOf(wanted)}, as settings and history give it`);
}

/** Flat numbers of a block; those of a training that diverges need not be finite, its moments least of all. */
function checkFlat(value: unknown, place: string, size: number): Float32Array {
  checkKind(value, "Float32Array", STATE, place);
  const numbers = value as Float32Array;
  if (numbers.length !== size) refuse(place, numbers.length, `${size} numbers`);
  return numbers;
}

function checkWeights(value: unknown, place: string, size: number): void {
  const numbers = checkFlat(value, place, size);
  const bad = numbers.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) refuse(`${place}.${bad}`, numbers[bad], "a finite number");
}

/** Blocks of a flow: their number. */
export function checkBlocks(value: unknown, place: string, size: number, most: number = Infinity): number {
  const blocks = listOf(value, place, most);
  blocks.forEach((item, k) => {
    const { weights, stepSize } = fieldsOf(item, `${place}.${k}`, ["weights", "stepSize"]);
    checkWeights(weights, `${place}.${k}.weights`, size);
    if (!(numberOf(stepSize, `${place}.${k}.stepSize`) > 0)) refuse(`${place}.${k}.stepSize`, stepSize, "above 0");
  });
  return blocks.length;
}

/** A half-trained block of `size` parameters. */
export function checkStep(value: unknown, place: string, size: number, settings: StepSettings): void {
  const { plateau, averaging, arc } = settings;
  const extra = [
    ...(plateau ? ["drops"] : []),
    ...(averaging === undefined ? [] : ["average"]),
    ...(arc ? ["arc"] : []),
  ];
  const step = fieldsOf(value, place, ["update", "parameters", "best", "withoutGain", ...extra]);
  const update = wholeFrom(step.update, `${place}.update`, 1, settings.updates);
  const parameters = fieldsOf(step.parameters, `${place}.parameters`, [
    "values",
    "firstMoment",
    "secondMoment",
    "updates",
  ]);
  for (const part of ["values", "firstMoment", "secondMoment"]) {
    checkFlat(parameters[part], `${place}.parameters.${part}`, size);
  }
  equal(parameters.updates, update, `${place}.parameters.updates`);
  const best = fieldsOf(step.best, `${place}.best`, ["weights", "objective", "update", ...(arc ? ["stepSize"] : [])]);
  checkWeights(best.weights, `${place}.best.weights`, size);
  numberOf(best.objective, `${place}.best.objective`);
  wholeFrom(best.update, `${place}.best.update`, 0, update);
  wholeFrom(step.withoutGain, `${place}.withoutGain`, 0, update);
  if (plateau) wholeFrom(step.drops, `${place}.drops`, 0, plateau.drops + 1);
  if (averaging !== undefined) checkWeights(step.average, `${place}.average`, size);
  if (!arc) return;
  const isStepSize = (h: unknown): boolean => typeof h === "number" && h > 0 && Number.isFinite(h);
  const { stepSize, excess, seen = 0 } = fieldsOf(step.arc, `${place}.arc`, ["stepSize", "excess"], ["seen"]);
  if (!isStepSize(stepSize)) refuse(`${place}.arc.stepSize`, stepSize, "a number above 0");
  if (!isStepSize(best.stepSize)) refuse(`${place}.best.stepSize`, best.stepSize, "a number above 0");
  for (const x of [excess, seen]) if (!Number.isFinite(x)) refuse(`${place}.arc`, x, "finite numbers");
}

const REPORT = [
  ...["block", "attempt", "accepted", "verdict", "stepSize", "steps", "updates", "bestUpdate"],
  ...["validationEnergy", "change", "changeError", "solverGap", "movementRatio", "arcLength"],
];
const STOPS: readonly unknown[] = [
  ...["largest number of blocks", "no gain", "block rejected", "movement below the limit", "time is used up"],
];
/** Of the whole training, beside those of growth. */
const BESIDE = ["improvement", "seconds", "blockUpdates"];

/**
 * A state of growth. The tries so far are gone through again: which block and try each was, with which h and how many steps
 * it was trained, all follow from the settings and the verdicts before.
 *
 * @throws InputError for a state that growth with these settings cannot have come to.
 */
export function checkGrowthState(state: unknown, settings: GrowthSettings, size: number): void {
  const { largestBlocks, freeBlock, retries, acceptance = "any" } = settings;
  const most = largestBlocks + (freeBlock ? 1 : 0);
  const optional = ["step", "stop", ...BESIDE];
  const all = fieldsOf(state, "state", ["blocks", "reports", "attempt", "neutral", "extraSteps"], optional);
  const count = checkBlocks(all.blocks, "blocks", size, most);
  const plan: Plan = { block: 1, attempt: 0, neutral: 0, extraSteps: 0 };
  let now = plan;
  let ended = false;
  listOf(all.reports, "reports", most * (retries + 1)).forEach((item, k) => {
    const place = `reports.${k}`;
    const report = fieldsOf(item, place, REPORT);
    for (const key of REPORT) if (key !== "accepted" && key !== "verdict") numberOf(report[key], `${place}.${key}`);
    if (ended || now.attempt > retries || now.block > most) refuse(place, report, "no more tries");
    if (!verdicts.includes(report.verdict as Verdict))
      refuse(`${place}.verdict`, report.verdict, `one of ${verdicts.join(", ")}`);
    const verdict = report.verdict as Verdict;
    const step = stepSettings(settings, now.block, now.attempt, now.extraSteps);
    equal(report.block, now.block, `${place}.block`);
    equal(report.attempt, now.attempt, `${place}.attempt`);
    equal(report.stepSize, step.stepSize, `${place}.stepSize`);
    equal(report.steps, step.solverSteps, `${place}.steps`);
    const check = { change: report.change as number, changeError: report.changeError as number };
    equal(report.accepted, accepts(verdict, check, acceptance, now.block), `${place}.accepted`);
    const updates = wholeFrom(report.updates, `${place}.updates`, 0, step.updates);
    wholeFrom(report.bestUpdate, `${place}.bestUpdate`, 0, updates);
    if (report.accepted) {
      const block = (all.blocks as readonly { readonly stepSize: number }[])[now.block - 1];
      equal(block?.stepSize, step.stepSize, `blocks.${now.block - 1}.stepSize`);
      const neutral = verdict === "neutral" ? now.neutral + 1 : 0;
      now = { ...now, block: now.block + 1, attempt: 0, neutral };
      ended = neutral >= 2 || (report.movementRatio as number) < settings.movementRatio;
    } else {
      const more = verdict === "refused: solver gap" ? 2 : 0;
      now = { ...now, attempt: now.attempt + 1, extraSteps: now.extraSteps + more };
    }
  });
  equal(count, now.block - 1, "blocks.length");
  for (const key of ["seconds", "blockUpdates"]) {
    if (all[key] !== undefined && !((all[key] as number) >= 0)) refuse(key, all[key], "a number, 0 or above");
  }
  if (all.stop !== undefined) {
    if (!STOPS.includes(all.stop)) refuse("stop", all.stop, `one of ${STOPS.join(", ")}`);
    if (all.step !== undefined) refuse("step", all.step, "none: growth is over");
    return;
  }
  if (all.improvement !== undefined) refuse("improvement", all.improvement, "none: growth is not over");
  for (const key of ["attempt", "neutral", "extraSteps"] as const) equal(all[key], now[key], key);
  if (all.step === undefined) return;
  if (ended || now.block > most || now.attempt > retries) refuse("step", all.step, "none: growth is over");
  checkStep(all.step, "step", size, stepSettings(settings, now.block, now.attempt, now.extraSteps));
}
