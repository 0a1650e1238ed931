/**
 * The scheme: blocks one after the other, each trained from where the ones before have put the rows.
 *
 *   for k = 1, 2, ...: train block k -> is it kept? -> push all rows through what is
 *
 * Which blocks, from which weights, and what is kept of them, the plan says: growth (Algorithm 1 of arXiv:2212.14424) and the
 * rounds in which all blocks of a flow are trained again are two plans.
 */
import type { Key } from "../random/index.ts";
import type { StepProgress, StepSettings, StepState } from "./step.ts";
import { type TrainedBlock, trainBlock } from "./trainBlock.ts";
import type { Workspace } from "./workspace.ts";

/** The next training of a block. */
export interface Attempt {
  readonly step: StepSettings;
  readonly key: Key;
  /** Where it starts; not looked at when it goes on from a state. */
  readonly weights: Float32Array;
  readonly resume?: StepState | undefined;
}

/** A block as the rows go through it. */
export interface Passed {
  readonly weights: Float32Array;
  readonly steps: number;
  readonly scoringSteps: number;
}

export interface Plan<Event> {
  /** Blocks that the rows go through before anything is trained. */
  readonly before: readonly Passed[];
  /** Undefined: there is no more. */
  next(): Attempt | undefined;
  updated(progress: StepProgress, state: () => StepState): Event;
  /** What the rows go through now, if anything. */
  trained(found: TrainedBlock): Passed | undefined;
  /** What is told of the training that has just ended, when the rows have moved on. */
  told(): readonly Event[];
}

export async function* scheme<Event>(workspace: Workspace, plan: Plan<Event>): AsyncGenerator<Event, void, void> {
  const pass = ({ weights, steps, scoringSteps }: Passed): Promise<void> => {
    workspace.advance(weights, steps, scoringSteps);
    return workspace.breathe();
  };
  for (const block of plan.before) await pass(block);
  for (let attempt = plan.next(); attempt !== undefined; attempt = plan.next()) {
    const { step, key, resume } = attempt;
    workspace.parameters.write(attempt.weights);
    const kept = plan.trained(yield* trainBlock(workspace, step, key, resume, plan.updated));
    if (kept) await pass(kept);
    yield* plan.told();
  }
}
