/**
 * A flow in training as a whole: held-out likelihood on the scoring grid and on one twice as fine, and arc lengths. All sums
 * over rows are the engine's; no table is read.
 */
import type { Particles } from "../maps/index.ts";
import type { BlockStack } from "./stages.ts";
import type { StageWorkspace } from "./stageWorkspace.ts";

/** What a flow in training scores and how far its blocks move. */
export interface Assessment {
  readonly stack: BlockStack;
  /** Held-out rows where the flow takes them, by which it is compared with others. */
  readonly end: Particles;
  /** E[|z|^2 / 2 - logDet] of held-out rows, nats. */
  readonly energy: number;
  /** Change of that over the first `scoredRows` when the steps of every block are doubled, nats. */
  readonly solverGap: number;
  /** S_k = ( E|x_k - x_(k-1)|^2 )^(1/2) over the training rows (App. B.3). */
  readonly arcLengths: readonly number[];
}

/**
 * Carries the particles of `workspace` through a whole flow, on the scoring grid and the first `scoredRows` held-out rows on
 * one twice as fine too, and measures it: energies and solver gap in nats, arc lengths (App. B.3 of arXiv:2212.14424) in
 * standardised units. `end` is the caller's, who gives it back by `workspace.release`.
 */
export function assess(workspace: StageWorkspace, stack: BlockStack, scoredRows: number): Assessment {
  const { runner, train, scratch: fine, parameters, measures } = workspace;
  const { solverSteps, scoringSteps: steps } = stack;
  const end = workspace.heldOut();
  const some = Math.min(scoredRows, end.x.rows);
  workspace.reset();
  const arcLengths = stack.blocks.map(({ weights }) => {
    parameters.write(weights);
    runner.push(parameters, fine, fine, { steps: 2 * steps, rows: some });
    runner.push(parameters, end, end, { steps });
    return Math.sqrt(runner.carry(parameters, train, solverSteps));
  });
  const solverGap = Math.abs(measures.compare(end, fine, some).change);
  return { stack, end, energy: measures.energy(end, end.x.rows), solverGap, arcLengths };
}

/** max_k |S_k / mean S - 1| over the blocks with a movement term; 0 for fewer than two. */
export function unevenness({ stack, arcLengths }: Pick<Assessment, "stack" | "arcLengths">): number {
  const lengths = arcLengths.filter((_, k) => Number.isFinite(stack.blocks[k].stepSize));
  const mean = lengths.reduce((s, x) => s + x / lengths.length, 0);
  return lengths.reduce((most, s) => Math.max(most, Math.abs(s / mean - 1)), 0);
}

/** Mean and standard error of the paired change of the held-out NLL from one flow to another, nats. */
export function pairedChange(
  { measures }: Pick<StageWorkspace, "measures">,
  { end: before }: Pick<Assessment, "end">,
  { end: after }: Pick<Assessment, "end">,
): { readonly change: number; readonly changeError: number } {
  const { rows } = before.x;
  const { change } = measures.compare(before, after, rows);
  return { change, changeError: measures.error(before, after, rows, change) };
}
