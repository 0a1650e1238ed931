/**
 * One JKO step: train one block from the particles of the previous one.
 *
 *   p_k = argmin_p KL(p | N(0, I)) + W_2^2(p_{k-1}, p) / (2 h_k)
 *
 * Source: arXiv:2212.14424, section 3 (the loss) and Algorithm 1 (the loop). Ours, after measurements: the best weights by
 * held-out rows are kept. The weights before the first update are a candidate too, and so is the identity.
 */
import { NumericError } from "../errors/index.ts";
import type { Key } from "../random/index.ts";
import { type Adjustment, drive, type TrainState, train, type Update } from "../train/index.ts";
import { type ArcState, correctArc, followArc } from "./arcLength.ts";
import type { BlockFound } from "./blockDraw.ts";
import { type BlockScore, createBlockJudge } from "./blockJudge.ts";
import { createBlockPlayer } from "./blockPlayer.ts";
import type { StepProgress, StepSettings, StepState } from "./step.ts";
import type { Workspace } from "./workspace.ts";

/** What a training came to. */
export interface TrainedBlock {
  /** The best weights; undefined where the identity is better, or numbers were not finite. */
  readonly best?: StepState["best"];
  readonly updates: number;
  readonly finite: boolean;
}

type BlockUpdate = Update<BlockFound, BlockScore, ArcState>;

/** A training's state as the state of a block, and back. */
function stepState(
  { update, players, best, withoutGain, drops, value }: TrainState<ArcState>,
  plateau: boolean,
): StepState {
  const [{ parameters, average }] = players;
  return {
    update,
    parameters,
    best: {
      weights: best.weights[0],
      objective: best.score,
      update: best.update,
      ...(best.value ? { stepSize: best.value.stepSize } : {}),
    },
    withoutGain,
    ...(plateau ? { drops } : {}),
    ...(average ? { average } : {}),
    ...(value ? { arc: value } : {}),
  };
}

function trainState({
  update,
  parameters,
  best,
  withoutGain,
  drops = 0,
  average,
  arc,
}: StepState): TrainState<ArcState> {
  const { weights, objective, stepSize } = best;
  const value = stepSize === undefined ? {} : { value: { stepSize, excess: 0 } };
  return {
    update,
    players: [{ parameters, ...(average ? { average } : {}) }],
    best: { weights: [weights], score: objective, update: best.update, ...value },
    withoutGain,
    drops,
    ...(arc ? { value: arc } : {}),
  };
}

/** What an update found, by name. */
function progressOf({ update, found, score }: BlockUpdate): StepProgress {
  const [{ values, gradientNorm, learningRate, evaluations }] = found;
  const { loss, energy, logDet, movement, ...path } = values;
  const integrals = Object.entries(path).map(([term, [value]]) => [term, value] as const);
  return {
    update,
    ...{ loss: loss[0], energy: energy[0], logDet: logDet[0], movement: movement[0] },
    ...{ gradientNorm, learningRate },
    ...Object.fromEntries(integrals),
    ...evaluations,
    ...(score ? { score: score.energy } : {}),
  };
}

/**
 * Train a block from the weights in `workspace.parameters`, or from a state to the same bits. Every update becomes an event.
 * `event`: of what the update found, and the state to go on from, which is made when called.
 */
export async function* trainBlock<Event>(
  workspace: Workspace,
  settings: StepSettings,
  key: Key,
  resume: StepState | undefined,
  event: (progress: StepProgress, state: () => StepState) => Event,
): AsyncGenerator<Event, TrainedBlock, void> {
  const { arc, stepSize, updates, plateau } = settings;
  if (arc && settings.adaptive)
    throw new Error("an arc length cannot be followed with adaptive steps: they keep one h");
  const adjustment: Adjustment<ArcState, BlockFound, BlockScore> | undefined = arc && {
    start: { stepSize, excess: 0 },
    updated: (value, [{ values }]) => followArc(value, values.movement[0], arc),
    evaluated: (value, { moved }) => correctArc(value, moved!),
  };
  const { player, draw, dispose } = createBlockPlayer(workspace, settings, key);
  const judge = createBlockJudge(workspace, settings);
  let made = resume?.update ?? 0;
  try {
    const training = { players: [player], draw, judge, updates, ...(adjustment ? { adjustment } : {}) };
    const steps = train(training, resume && trainState(resume));
    const best = yield* drive(
      steps,
      (update) => {
        made = update.update;
        return event(progressOf(update), () => stepState(update.state(), plateau !== undefined));
      },
      workspace.breathe,
    );
    if (!(best.score < judge.identity)) return { updates: made, finite: true };
    const { weights, score: objective, update, value } = best;
    const kept = { weights: weights[0], objective, update, ...(value ? { stepSize: value.stepSize } : {}) };
    return { best: kept, updates: made, finite: true };
  } catch (error) {
    if (!(error instanceof NumericError)) throw error;
    return { updates: made, finite: false };
  } finally {
    dispose();
  }
}
