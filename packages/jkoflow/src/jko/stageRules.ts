/** What each stage changes, what a round of it costs, when it is not begun again, and how a round is judged. */
import { type Assessment, pairedChange, unevenness } from "./assess.ts";
import { refine } from "./refine.ts";
import { remove } from "./remove.ts";
import { EVEN_ENOUGH, reparameterise } from "./reparameterise.ts";
import type { ImproveState, RoundState, StageName, StageSettings, StageVerdict } from "./stages.ts";
import type { StageWorkspace } from "./stageWorkspace.ts";

/** A changed flow, to be trained; and the arc lengths it is trained to, if it is. */
type Proposal = Pick<RoundState, "stack" | "arcs">;

/** What a stage changes; undefined: nothing. */
export function propose(
  stage: StageName,
  workspace: StageWorkspace,
  from: Assessment,
  settings: StageSettings,
): Proposal | undefined {
  const { stack } = from;
  if (stack.blocks.length === 0) return undefined;
  if (stage === "refine" || stage === "refine-joint") {
    // The children start with half of the steps each, but are trained with all of them: on a coarse grid the sharp fields of
    // planar targets bought likelihood that is not there (checkerboard: 0.6 nats, gone when the steps were doubled).
    const { blocks } = refine(workspace.runner.config.field, stack);
    return { stack: { ...stack, blocks } };
  }
  if (stage === "remove") {
    const without = remove(workspace, from, settings.step.validationRows);
    return without && { stack: without };
  }
  if (stage === "joint") return { stack };
  return unevenness(from) < EVEN_ENOUGH ? undefined : reparameterise(from, settings);
}

export const isJoint = (stage: StageName): boolean => stage === "joint" || stage === "refine-joint";

/** Updates of one block that cost as much as a round, at most. */
export function costOf(stage: StageName, blocks: number, { roundUpdates, jointUpdates }: StageSettings): number {
  if (stage === "remove") return 0;
  return blocks * (isJoint(stage) ? jointUpdates : roundUpdates) * (stage.startsWith("refine") ? 2 : 1);
}

export const mostNoise = ({ step, jointJitter, initialNoise }: StageSettings): number =>
  Math.max(step.jitter, jointJitter, initialNoise);

/** Whether the stage before was the same and trained for less than `leastGain`: then the next one costs as much for less. */
export function isSpent(stage: StageName, { place, round, reports }: ImproveState, leastGain: number): boolean {
  const before = reports.filter((report) => report.place === place); // places of reports count from 1
  const last = before.at(-1);
  if (round > 1 || last?.stage !== stage || last.updates === 0) return false;
  return before[0].energyBefore - last.validationEnergy < leastGain;
}

/** `entry`: the flow that the stage began with. */
export function judgeRound(
  workspace: StageWorkspace,
  entry: Assessment,
  before: Assessment,
  after: Assessment,
  stage: StageName,
  largestGap: number,
): StageVerdict {
  const { change } = pairedChange(workspace, before, after);
  if (!Number.isFinite(change)) return "rolled back: not finite";
  if (!(after.solverGap <= Math.max(largestGap, before.solverGap))) return "rolled back: solver gap";
  const even = stage === "reparameterise" && unevenness(after) < EVEN_ENOUGH;
  if (even && change >= 0 && pairedChange(workspace, entry, after).change < 0) return "kept: equal arcs";
  return change < 0 || (stage === "remove" && change === 0) ? "kept" : "rolled back: no gain";
}
