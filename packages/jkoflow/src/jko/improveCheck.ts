/** Whether a state of the stages after growth fits: see stateCheck.ts. */
import type { BlockStack, StageReport, StageSettings, StageVerdict } from "./stages.ts";
import { checkBlocks, checkStep, equal, fieldsOf, listOf, numberOf, refuse, wholeFrom } from "./stateCheck.ts";
import type { StepSettings } from "./step.ts";

const REPORT: readonly (keyof StageReport)[] = [
  ...(["stage", "place", "round", "verdict", "stepSizes", "arcLengths", "unevenness", "updates"] as const),
  ...(["change", "changeError", "solverGap", "energyBefore", "validationEnergy"] as const),
];
const VERDICTS: readonly StageVerdict[] = [
  ...(["kept", "kept: equal arcs", "rolled back: no gain", "rolled back: solver gap"] as const),
  ...(["rolled back: not finite", "nothing to change", "not begun: time is used up"] as const),
  "not begun: the one before gained too little",
];

function checkNumberList(value: unknown, place: string): void {
  for (const [k, x] of listOf(value, place).entries()) numberOf(x, `${place}.${k}`);
}

/** A flow in training, with the solver steps that the stages began with: its number of blocks. */
function checkStack(value: unknown, place: string, size: number, start: BlockStack): number {
  const stack = fieldsOf(value, place, ["blocks", "solverSteps", "scoringSteps"]);
  equal(stack.solverSteps, start.solverSteps, `${place}.solverSteps`);
  equal(stack.scoringSteps, start.scoringSteps, `${place}.scoringSteps`);
  return checkBlocks(stack.blocks, `${place}.blocks`, size);
}

/** `size` parameters in each block; `start`: the flow that growth came to. @throws InputError for a state that does not fit. */
export function checkImproveState(state: unknown, settings: StageSettings, start: BlockStack, size: number): void {
  const { stages } = settings;
  const at = "improvement";
  const needed = ["place", "round", "entry", "best", "current", "withoutGain", "evenest", "reports"];
  const all = fieldsOf(state, at, needed, ["training"]);
  const place = wholeFrom(all.place, `${at}.place`, 0, stages.length);
  const stage = stages[place];
  const round = wholeFrom(all.round, `${at}.round`, 1, stage === "reparameterise" ? settings.rounds : 1);
  for (const part of ["entry", "best", "current"] as const) checkStack(all[part], `${at}.${part}`, size, start);
  wholeFrom(all.withoutGain, `${at}.withoutGain`, 0, round);
  numberOf(all.evenest, `${at}.evenest`);
  listOf(all.reports, `${at}.reports`).forEach((item, k) => {
    const of = `${at}.reports.${k}`;
    const report = fieldsOf(item, of, REPORT);
    const past = wholeFrom(report.place, `${of}.place`, 1, stages.length);
    equal(report.stage, stages[past - 1], `${of}.stage`);
    wholeFrom(report.round, `${of}.round`, 1, settings.rounds);
    wholeFrom(report.updates, `${of}.updates`, 0);
    if (!VERDICTS.includes(report.verdict as StageVerdict))
      refuse(`${of}.verdict`, report.verdict, "a verdict of a stage");
    for (const list of ["stepSizes", "arcLengths"]) checkNumberList(report[list], `${of}.${list}`);
    for (const key of REPORT.slice(8)) numberOf(report[key], `${of}.${key}`);
    numberOf(report.unevenness, `${of}.unevenness`);
  });
  if (all.training === undefined) return;
  const of = `${at}.training`;
  if (stage === undefined) refuse(of, all.training, "none: the stages are over");
  const training = fieldsOf(all.training, of, ["stack", "block", "updates"], ["arcs", "step"]);
  const blocks = checkStack(training.stack, `${of}.stack`, size, start);
  if (blocks === 0) refuse(`${of}.stack.blocks`, [], "at least one block");
  const isJoint = stage === "joint" || stage === "refine-joint";
  const block = wholeFrom(training.block, `${of}.block`, 0, isJoint ? 0 : blocks - 1);
  wholeFrom(training.updates, `${of}.updates`, 0, isJoint ? 0 : block * settings.roundUpdates);
  const arcs = listOf(training.arcs ?? [], `${of}.arcs`, blocks);
  arcs.forEach((arc, k) => {
    if (arc === null) return;
    const numbers = ["target", "smallestStepSize", "largestStepSize"];
    const given = fieldsOf(arc, `${of}.arcs.${k}`, numbers);
    for (const key of numbers) {
      if (!(numberOf(given[key], `${of}.arcs.${k}.${key}`) > 0))
        refuse(`${of}.arcs.${k}.${key}`, given[key], "above 0");
    }
  });
  if (training.step === undefined) return;
  const arc = arcs[block] as StepSettings["arc"] | null | undefined;
  const step: StepSettings = {
    ...settings.step,
    stepSize: Infinity,
    updates: isJoint ? settings.jointUpdates : settings.roundUpdates,
    ...(isJoint && settings.jointAveraging > 0 ? { averaging: settings.jointAveraging } : {}),
    ...(arc ? { arc } : {}),
  };
  checkStep(training.step, `${of}.step`, isJoint ? size * blocks : size, step);
}
