/** The events of flows on tables, as blocks and stages tell them, in the one shape of all events. */
import type { BlockReport, StageReport } from "../jko/index.ts";
import type { Event } from "../train/index.ts";
import type { TrainingEvent, TrainingState } from "./system.ts";

type Values = Event["values"];
type Progress = Extract<TrainingEvent, { readonly type: "update" }>["progress"];

const beginning: TrainingState = { blocks: [], reports: [], attempt: 0, neutral: 0, extraSteps: 0 };

/** `resume` is the state that the training goes on from. */
export function eventOf(event: TrainingEvent, resume: TrainingState | undefined): Event<TrainingState> {
  if (event.type === "start") return startOf(event, resume ?? beginning);
  const { state } = event;
  if (event.type === "update") {
    const { block, attempt, updates, progress } = event;
    const { score, ...values } = valuesOf(progress);
    const judged: Values = score === undefined ? {} : { score };
    return {
      type: "update",
      place: placeOf(block, attempt),
      values: { block, attempt, updates, ...values, ...judged },
      state,
    };
  }
  if (event.type === "round update") {
    const { stage, round, block, updates, progress } = event;
    const { score, ...values } = valuesOf(progress);
    // The score of one block is that of the flow up to it: only of all blocks together is it that of the flow.
    const judged: Values = score === undefined ? {} : block > 0 ? { scoreSoFar: score } : { score };
    const place = [`${stage} round ${round}`, block > 0 ? `block ${block}` : "all blocks"];
    return { type: "update", place, values: { stage, round, block, updates, ...values, ...judged }, state };
  }
  if (event.type === "stage") {
    const { stage, round } = event.report;
    return { type: "step", place: [`${stage} round ${round}`], values: ofStage(event.report), state };
  }
  const { block, attempt } = event.report;
  return { type: "step", place: placeOf(block, attempt), values: ofBlock(event.report), state };
}

const placeOf = (block: number, attempt: number): string[] => [
  `block ${block}`,
  ...(attempt > 0 ? [`try ${attempt + 1}`] : []),
];

function startOf(
  { parametersPerBlock, settings, notes, energyToNll }: Extract<TrainingEvent, { readonly type: "start" }>,
  state: TrainingState,
): Event<TrainingState> {
  const blocks: Values = typeof settings.blocks === "number" ? { blocks: settings.blocks } : {};
  const said: Values = notes.length > 0 ? { notes: notes.join("\n") } : {};
  return {
    type: "start",
    place: [],
    values: { parametersPerBlock, ...blocks, energyToNll, ...said },
    state: () => state,
  };
}

function valuesOf({ integrals = {}, evaluations, score, ...progress }: Progress): Values {
  const { forward, backward } = evaluations;
  return { ...progress, ...integrals, forward, backward, ...(score === undefined ? {} : { score }) };
}

/** Held-out energies are scores: the NLL up to a constant, nats. */
function ofBlock({ accepted, validationEnergy, ...report }: BlockReport): Values {
  return { ...report, accepted: accepted ? 1 : 0, score: validationEnergy };
}

function ofStage({ place: _, stepSizes, arcLengths, energyBefore, validationEnergy, ...report }: StageReport): Values {
  const accepted = report.verdict.startsWith("kept") ? 1 : 0;
  const lists = { stepSizes: stepSizes.join(" "), arcLengths: arcLengths.join(" ") };
  return {
    ...report,
    accepted,
    blocks: stepSizes.length,
    ...lists,
    scoreBefore: energyBefore,
    score: validationEnergy,
  };
}
