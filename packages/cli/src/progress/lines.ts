/**
 * Events in words: place and values. Names that are known have a word and a format; all others are told under their own
 * names, so that a new system is told without being known here.
 */
import type { Settings } from "jkoflow";
import type { ShownEvent } from "./eventLine.ts";
import { counted, nats, small } from "./numbers.ts";
import { isRound } from "./place.ts";

type Values = ShownEvent["values"];

/** What a limit of time does to repeatability. */
export const clockNote = ({ timeLimit }: Settings): string | undefined =>
  typeof timeLimit === "number"
    ? `with a limit of ${small(timeLimit)} s the clock decides what is begun: another run, or one resumed, may differ`
    : undefined;

/** Values that place and other values tell already, or that are for figures only. */
const SILENT: ReadonlySet<string> = new Set([
  ...[
    "block",
    "attempt",
    "stage",
    "round",
    "update",
    "updates",
    "blocks",
    "parametersPerBlock",
    "parametersPerStep",
    "energyToNll",
    "notes",
  ],
  ...["energy", "logDet", "gradientNorm", "learningRate", "likelihood", "score", "scoreBefore", "scoreSoFar"],
  ...[
    "accepted",
    "verdict",
    "steps",
    "bestUpdate",
    "movementRatio",
    "solverGap",
    "changeError",
    "energyError",
    "logZError",
    "massError",
    "backward",
  ],
  ...["stepSizes", "arcLengths", "nllBefore", "text"],
]);

const number = (values: Values, name: string): number | undefined =>
  typeof values[name] === "number" ? (values[name] as number) : undefined;

const signed = (x: number, text: string): string => `${x >= 0 ? "+" : "-"}${text}`;

/** How a value is told that has more to it than its name; undefined where it is not told in this way. */
const FORMATS: Readonly<Record<string, (value: number, values: Values) => string>> = {
  loss: (loss) => `loss ${nats(loss)}`,
  stepSize: (h) => (Number.isFinite(h) ? `h = ${small(h)}` : "free"),
  validationNll: (nll, values) => {
    const before = number(values, "nllBefore");
    return `validation NLL ${before === undefined ? "" : `${nats(before)} -> `}${nats(nll)}`;
  },
  change: (change, values) => {
    const error = number(values, "changeError");
    return `(${signed(change, nats(Math.abs(change)))}${error === undefined ? "" : ` +- ${small(error)}`})`;
  },
  F: (F, values) => {
    const error = number(values, "energyError");
    return `F ${small(F)}${error === undefined ? "" : ` +- ${small(error)}`}`;
  },
  logZ: (logZ, values) => {
    const error = number(values, "logZError");
    return `ln Z ${small(logZ)}${error === undefined ? "" : ` +- ${small(error)}`}`;
  },
  meanLogRatio: (ratio) => `mean log-ratio ${small(ratio)}`,
  logC: (logC) => `log c ${small(logC)}`,
  passesPerRow: (passes) => `${small(passes)} passes for a row`,
  evaluations: (evaluations) => counted(evaluations, "evaluation"),
  population: (population) => `${counted(population, "row")}`,
  arcLength: (length) => `moved ${small(length)}`,
  unevenness: (share) => `arc lengths within ${small(100 * share)} %`,
  forward: (forward, values) => `NFE ${forward}/${number(values, "backward") ?? 0}`,
};

const wordsOf = (name: string, value: number | string, values: Values): string =>
  typeof value === "number" && Object.hasOwn(FORMATS, name)
    ? FORMATS[name](value, values)
    : `${name} ${typeof value === "number" ? small(value) : value}`;

/** Values in words, in their order; `first` go before the others. */
function partsOf(values: Values, first: readonly string[]): string[] {
  const names = [...first, ...Object.keys(values).filter((name) => !first.includes(name) && !SILENT.has(name))];
  return names.flatMap((name) => (values[name] === undefined ? [] : [wordsOf(name, values[name], values)]));
}

/** How a training begins. */
export function startText({ values }: ShownEvent): string {
  const blocks = number(values, "blocks");
  const size = (["block", "step"] as const).flatMap((part) => {
    const parameters = number(values, part === "block" ? "parametersPerBlock" : "parametersPerStep");
    return parameters === undefined ? [] : [`${counted(parameters, "parameter")} per ${part}`];
  });
  const most = blocks === undefined ? [] : [`at most ${counted(blocks, "block")}`];
  const line = [...size, ...most, ...partsOf(values, [])].join(", ");
  return [line, ...String(values.notes ?? "").split("\n")].filter((text) => text !== "").join("\n");
}

/** An update: the short form, and the rest of it. `nll` is the last held-out likelihood of this place. */
export function updateText(
  { place, values }: ShownEvent,
  nll: number | undefined,
): readonly [short: string, rest: string] {
  const [update, updates] = [number(values, "update"), number(values, "updates")];
  const at = update === undefined ? [] : [updates === undefined ? `update ${update}` : `${update}/${updates}`];
  const held = nll === undefined ? [] : [`validation NLL ${nats(nll)}`];
  const short = [...place, ...at, ...partsOf({ loss: values.loss }, ["loss"]), ...held];
  const { loss: _, validationNll: __, ...others } = values;
  return [
    short.join("  "),
    partsOf(others, [])
      .map((part) => `  ${part}`)
      .join(""),
  ];
}

const STEP_FIRST = ["validationNll", "change", "F"] as const;

/** What became of a step. */
export function stepText({ place, values }: ShownEvent): string {
  const { verdict } = values;
  const dropped = values.accepted === 0 && !isRound(place) ? " dropped" : "";
  const head = `${place.join(", ")}${dropped}${verdict === undefined ? "" : `: ${verdict}`}`;
  if (values.updates === 0 && values.accepted === 0) return head;
  const size = number(values, "stepSize");
  const [updates, blocks] = [number(values, "updates"), number(values, "blocks")];
  const how = [
    ...(size === undefined ? [] : [FORMATS.stepSize(size, values)]),
    ...(updates === undefined ? [] : [counted(updates, "update")]),
    ...(blocks === undefined ? [] : [counted(blocks, "block")]),
  ];
  const { stepSize: _, ...others } = values;
  return [`${head}${how.length > 0 ? ` (${how.join(", ")})` : ""}`, ...partsOf(others, STEP_FIRST)].join("  ");
}

/** Whether the step was dropped, which a terminal shows in a colour. */
export const isDropped = ({ values }: ShownEvent): boolean => values.accepted === 0;
