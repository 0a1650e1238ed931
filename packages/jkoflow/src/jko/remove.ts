/**
 * Removal of blocks that the held-out rows do not miss (ours): the block that moves the training rows least goes, if the
 * held-out NLL of the flow without it is not higher; then the next one, until one is missed.
 */
import { type Assessment, assess, pairedChange } from "./assess.ts";
import type { BlockStack } from "./stages.ts";
import type { StageWorkspace } from "./stageWorkspace.ts";

/** The flow without those blocks; undefined when each is missed. */
export function remove(workspace: StageWorkspace, assessed: Assessment, scoredRows: number): BlockStack | undefined {
  let best = assessed;
  const release = ({ end }: Assessment): void => {
    if (end !== assessed.end) workspace.release(end);
  };
  while (best.stack.blocks.length > 1) {
    const { stack, arcLengths } = best;
    const least = arcLengths.indexOf(Math.min(...arcLengths));
    const without = assess(workspace, { ...stack, blocks: stack.blocks.filter((_, k) => k !== least) }, scoredRows);
    const missed = !(pairedChange(workspace, best, without).change <= 0);
    release(missed ? without : best);
    if (missed) break;
    best = without;
  }
  release(best);
  return best === assessed ? undefined : best.stack;
}
