/** A flow in training as a whole: held-out likelihood on the scoring grid and on one twice as fine, and arc lengths. */

import { energies, energyOf } from "./energy.ts";
import { meanChange, meanOf } from "./heldOut.ts";
import type { StageRoom } from "./stageRoom.ts";
import type { BlockStack } from "./stages.ts";

/** What a flow in training scores and how far its blocks move. */
export interface Assessment {
  readonly stack: BlockStack;
  /** |z|^2 / 2 - logDet of each held-out row, nats. */
  readonly energies: Float64Array;
  /** Change of their mean over the first `scoredRows` when the steps of every block are doubled, nats. */
  readonly solverGap: number;
  /** S_k = ( E|x_k - x_(k-1)|^2 )^(1/2) over the training rows (App. B.3). */
  readonly arcLengths: readonly number[];
}

/**
 * Carries the particles of `room` through a whole flow, on the scoring grid and the first `scoredRows` held-out rows on
 * one twice as fine too, and measures it: energies and solver gap in nats, arc lengths (App. B.3 of arXiv:2212.14424) in
 * standardised units.
 */
export function assess(room: StageRoom, stack: BlockStack, scoredRows: number): Assessment {
  const { runner, train, validation, parameters } = room;
  const some = Math.min(scoredRows, validation.x.rows);
  room.reset();
  for (const { weights } of stack.blocks) {
    parameters.write(weights);
    runner.push(parameters, validation, validation, { steps: 2 * stack.scoringSteps, rows: some });
  }
  const fine = energyOf(validation, some);
  room.reset();
  const arcLengths: number[] = [];
  let before = train.x.read();
  for (const { weights } of stack.blocks) {
    room.advance(weights, stack.solverSteps, stack.scoringSteps);
    const after = train.x.read();
    arcLengths.push(Math.sqrt(before.reduce((s, x, i) => s + (x - after[i]) ** 2, 0) / train.x.rows));
    before = after;
  }
  const all = energies(validation, validation.x.rows);
  return { stack, energies: all, solverGap: Math.abs(fine - meanOf(all.subarray(0, some))), arcLengths };
}

/** max_k |S_k / mean S - 1| over the blocks with a movement term; 0 for fewer than two. */
export function unevenness({ stack, arcLengths }: Pick<Assessment, "stack" | "arcLengths">): number {
  const lengths = arcLengths.filter((_, k) => Number.isFinite(stack.blocks[k].stepSize));
  const mean = lengths.reduce((s, x) => s + x / lengths.length, 0);
  return lengths.reduce((most, s) => Math.max(most, Math.abs(s / mean - 1)), 0);
}

/** Mean and standard error of the paired change of the held-out NLL from one flow to another, nats. */
export const pairedChange = (before: Assessment, after: Assessment): ReturnType<typeof meanChange> =>
  meanChange(before.energies, after.energies);
