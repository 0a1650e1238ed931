/**
 * Block-wise growth of a flow: Algorithm 1 of arXiv:2212.14424 with a held-out check of every block.
 *
 *   k = 1; while k <= L: train block k on the particles, check it on held-out rows, push all rows through it
 *
 * A block that does harm is dropped and tried again from a zero output layer with h/2 and half the rate; after the last try
 * growth ends with the blocks before it. Two neutral blocks in a row end it too. A flow without blocks is the standard normal.
 */

import type { FlowBlock } from "../chain/index.ts";
import {
  type BlockRunner,
  blockSize,
  createParticles,
  disposeParticles,
  initBlock,
  restartScale,
} from "../maps/index.ts";
import { fold, type Key } from "../random/index.ts";
import { checkBlock } from "./checkBlock.ts";
import type {
  BlockReport,
  Growth,
  GrowthEvent,
  GrowthRows,
  GrowthSettings,
  GrowthState,
  StopReason,
} from "./growth.ts";
import { stepSettings } from "./growthSteps.ts";
import { accepts, judge } from "./heldOut.ts";
import { type Passed, type Plan, scheme } from "./scheme.ts";
import { checkGrowthState, refuse } from "./stateCheck.ts";
import type { StepState } from "./step.ts";
import { type TimeLimit, unlimited } from "./timeLimit.ts";
import { createWorkspace, type Workspace } from "./workspace.ts";

/**
 * Grow a flow on standardised rows. `resume` goes on from a state that an event carried, to the same bits. Once the next
 * block, taking as long as the last one, would not be over in time, growth ends.
 * @throws InputError for a state that growth with these settings cannot have come to.
 */
export async function* grow(
  runner: BlockRunner,
  rows: GrowthRows,
  settings: GrowthSettings,
  key: Key,
  resume?: GrowthState,
  time: TimeLimit = unlimited,
): AsyncGenerator<GrowthEvent, Growth, void> {
  if (resume !== undefined) {
    checkGrowthState(resume, settings, blockSize(runner.config));
    if (resume.stop !== undefined) refuse("stop", resume.stop, "none: growth is to go on");
  }
  const { jitter } = settings.step;
  const workspace = createWorkspace(
    runner,
    rows,
    { ...settings.step, jitter: Math.max(jitter, settings.initialNoise) },
    key,
  );
  const training = createTrainingCheck(workspace, settings);
  try {
    const { plan, growth } = createGrowth(workspace, settings, key, time, training.gains, resume);
    yield* scheme(workspace, plan);
    return growth();
  } finally {
    training.dispose();
    workspace.dispose();
  }
}

/** Whether the block in the workspace's parameters lowers the NLL of the training rows, whose log-determinants are nowhere summed up. */
function createTrainingCheck(
  { runner, train, parameters, measures }: Workspace,
  { acceptance = "any" }: GrowthSettings,
) {
  if (acceptance !== "clear") return { gains: () => true, dispose: () => {} };
  // Room for the training rows behind a block under trial; tables that need it are small.
  const { rows, cols } = train.x;
  const { x, logDet } = createParticles(runner.engine, runner.engine.table(rows, cols), cols);
  const trial = { x, logDet, ...(train.mean ? { mean: train.mean } : {}) };
  return {
    gains: (steps: number): boolean => {
      runner.push(parameters, train, trial, { steps });
      return measures.compare(train, trial, rows).change < 0;
    },
    dispose: () => disposeParticles({ x, logDet }),
  };
}

const placeOf = (block: number, attempt: number): string[] => [
  `block ${block}`,
  ...(attempt > 0 ? [`try ${attempt + 1}`] : []),
];

/** Held-out energies are scores: the NLL up to a constant, nats. */
const valuesOf = ({ accepted, validationEnergy, ...report }: BlockReport): GrowthEvent["values"] => ({
  ...report,
  accepted: accepted ? 1 : 0,
  score: validationEnergy,
});

/** Growth as a plan of the scheme. */
function createGrowth(
  workspace: Workspace,
  settings: GrowthSettings,
  key: Key,
  time: TimeLimit,
  gainsOnTraining: (steps: number) => boolean,
  resume: GrowthState | undefined,
): { readonly plan: Plan<GrowthEvent>; readonly growth: () => Growth } {
  const { validation, parameters, measures } = workspace;
  const { config } = workspace.runner;
  const { acceptance = "any", retries } = settings;
  const limit = settings.largestBlocks + (settings.freeBlock ? 1 : 0);
  const blocks: FlowBlock[] = [...(resume?.blocks ?? [])];
  const reports: BlockReport[] = [...(resume?.reports ?? [])];
  let attempt = resume?.attempt ?? 0;
  let neutral = resume?.neutral ?? 0;
  let extraSteps = resume?.extraSteps ?? 0;
  let halfDone = resume?.step;
  let stop: StopReason | undefined;

  /** Asked after each block, and again when growth goes on from a state taken right after it. */
  const endedBy = (last: BlockReport | undefined): StopReason | undefined => {
    if (last?.accepted && neutral >= 2) return "no gain";
    if (last?.accepted && last.movementRatio < settings.movementRatio) return "movement below the limit";
    if (attempt > retries) return "block rejected";
    return blocks.length >= limit ? "largest number of blocks" : undefined;
  };
  stop = endedBy(reports.at(-1));

  const now = () => stepSettings(settings, blocks.length + 1, attempt, extraSteps);
  const state = (step?: StepState): GrowthState => ({
    ...{ blocks: [...blocks], reports: [...reports], attempt, neutral, extraSteps },
    ...(step ? { step } : {}),
    ...time.pace(),
  });

  const plan: Plan<GrowthEvent> = {
    before: reports.flatMap(({ accepted, block, steps }): Passed[] => {
      const extra = steps - settings.step.solverSteps;
      const scoringSteps = settings.step.scoringSteps + 2 * extra;
      return accepted ? [{ weights: blocks[block - 1].weights, steps, scoringSteps }] : [];
    }),
    next: () => {
      if (stop !== undefined) return undefined;
      const stepKey = fold(key, "block", blocks.length + 1, attempt);
      const previous = attempt === 0 ? blocks.at(-1)?.weights : undefined;
      const scale = attempt === 0 ? settings.outputScale : restartScale(config.field);
      const weights = previous ?? initBlock(config, fold(stepKey, "init"), scale);
      const made = { step: now(), key: stepKey, weights, resume: halfDone };
      halfDone = undefined;
      return made;
    },
    updated: (progress, inner) => {
      time.count(1);
      const block = blocks.length + 1;
      const values = { block, attempt, updates: now().updates, ...progress };
      return { type: "update", place: placeOf(block, attempt), values, state: () => state(inner()) };
    },
    trained: ({ best, updates, finite }) => {
      const step = now();
      const block = blocks.length + 1;
      const before = measures.energy(validation, validation.x.rows);
      if (best) parameters.write(best.weights);
      const check = best && checkBlock(workspace, step);
      let verdict = finite ? judge(check, settings.largestGap) : "refused: not finite";
      let accepted = accepts(verdict, check, acceptance, block);
      if (accepted && !gainsOnTraining(step.scoringSteps)) {
        verdict = "no gain on training rows";
        accepted = false;
      }
      const nothing = { change: 0, changeError: 0, solverGap: 0, movementRatio: 0, arcLength: 0 };
      reports.push({
        ...{ block, attempt, accepted, verdict, stepSize: step.stepSize, steps: step.solverSteps, updates },
        bestUpdate: best?.update ?? 0,
        validationEnergy: before + (accepted ? check!.change : 0),
        ...(check ?? nothing),
      });
      attempt = accepted ? 0 : attempt + 1;
      if (verdict === "refused: solver gap") extraSteps += 2;
      if (!accepted) return undefined;
      blocks.push({ weights: best!.weights, stepSize: step.stepSize });
      neutral = verdict === "neutral" ? neutral + 1 : 0;
      return { weights: best!.weights, steps: step.solverSteps, scoringSteps: step.scoringSteps };
    },
    told: () => {
      const report = reports.at(-1)!;
      stop = endedBy(report);
      if (stop === undefined && !time.allows(report.updates)) stop = "time is used up";
      // Other reasons follow from the history by themselves.
      const ended = stop === "time is used up" ? { stop } : {};
      const whole = { ...state(), ...ended };
      const place = placeOf(report.block, report.attempt);
      return [{ type: "step", place, values: valuesOf(report), state: () => whole }];
    },
  };
  return { plan, growth: () => ({ blocks, reports, stop: stop ?? "largest number of blocks" }) };
}
