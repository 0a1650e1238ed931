/** Training in words. */
import type { jko, Settings, TrainingEvent } from "jkoflow";
import type { ToNll } from "./eventLine.ts";
import { counted, nats, small } from "./numbers.ts";

type Update = Extract<TrainingEvent, { type: "update" }>;
type RoundUpdate = Extract<TrainingEvent, { type: "round update" }>;
type Start = Extract<TrainingEvent, { type: "start" }>;

/** What a limit of time does to repeatability. */
export const clockNote = ({ timeLimit }: Settings): string | undefined =>
  typeof timeLimit === "number"
    ? `with a limit of ${small(timeLimit)} s the clock decides what is begun: another run, or one resumed, may differ`
    : undefined;

export function describeStart({ parametersPerBlock, settings, notes }: Start): string {
  const blocks = typeof settings.blocks === "number" ? `, at most ${counted(settings.blocks, "block")}` : "";
  return [`${counted(parametersPerBlock, "parameter")} per block${blocks}`, ...notes].join("\n");
}

/** Loss and held-out NLL of a block in training. */
export function updateText(
  { block, updates, progress }: Update,
  score: number | undefined,
  toNll: ToNll | undefined,
): string {
  const held = score === undefined ? "-" : nats(toNll ? toNll(score) : score);
  return `block ${block}  ${progress.update}/${updates}  loss ${nats(progress.loss)}  validation NLL ${held}`;
}

export const movementText = ({ progress }: Update): string => {
  const integrals = Object.entries(progress.integrals ?? {}).filter(([term]) => term !== "likelihood");
  const terms = integrals.map(([term, value]) => `  ${term} ${small(value)}`).join("");
  const { forward, backward } = progress.evaluations;
  return `  movement ${small(progress.movement)}${terms}  NFE ${forward}/${backward}`;
};

/** Loss of a round of a stage after growth. */
export function roundText({ stage, round, block, updates, progress }: RoundUpdate): string {
  const place = block > 0 ? `block ${block}` : "all blocks";
  return `${stage} ${round}  ${place}  ${progress.update}/${updates}  loss ${nats(progress.loss)}`;
}

/** What became of a round of a stage. */
export function stageLine(report: jko.StageReport, toNll: ToNll | undefined): string {
  const { stage, round, verdict, stepSizes, energyBefore, validationEnergy, change, changeError } = report;
  const nll = (energy: number): string => nats(toNll ? toNll(energy) : energy);
  const name = `${stage}${stage === "reparameterise" ? ` round ${round}` : ""}`;
  if (report.updates === 0 && !verdict.startsWith("kept")) return `${name}: ${verdict}`;
  const gain = `${change >= 0 ? "+" : "-"}${nats(Math.abs(change))} +- ${small(changeError)}`;
  const after = `validation NLL ${nll(energyBefore)} -> ${nll(validationEnergy)}`;
  return `${name}: ${verdict} (${gain}), ${counted(stepSizes.length, "block")}  ${after}  arc lengths within ${small(100 * report.unevenness)} %`;
}

/** What became of a block. */
export function blockLine(report: jko.BlockReport, toNll: ToNll | undefined): string {
  const { block, attempt, accepted, verdict, stepSize, updates, validationEnergy, change, changeError } = report;
  const nll = nats(toNll ? toNll(validationEnergy) : validationEnergy);
  const step = Number.isFinite(stepSize) ? `h = ${small(stepSize)}` : "free";
  const tries = attempt > 0 ? `, try ${attempt + 1}` : "";
  const judged = accepted ? "" : ` dropped (${verdict})`;
  const gain = `${change >= 0 ? "+" : "-"}${nats(Math.abs(change))} +- ${small(changeError)}`;
  return `block ${block}${judged} (${step}, ${counted(updates, "update")}${tries})  validation NLL ${nll} (${gain})  moved ${small(report.arcLength)}`;
}
