/**
 * Trajectory reparameterisation: step sizes that make the blocks equally long.
 *
 *   S_k = ( E|x_k - x_(k-1)|^2 )^(1/2) over the training rows
 *   h_k <- min( h_max, h_k + eta ( mean S h_k / S_k - h_k ) ),   then every block is trained again from its own parameters
 *
 * Source: Xu, Cheng, Xie, NeurIPS 2023, arXiv:2212.14424, section 4.2 and App. B.3. Ours: in training each block but the last
 * goes on adjusting its h until its arc has the mean length (jko/arcLength.ts), since h spans two orders of magnitude and the
 * rule alone at most halves it in a round; the last block takes what is left. S_k is not taken below 1e-3 mean S, nor h_k
 * below 1e-3; free blocks (h = infinity) stay as they are and are left out of the mean. Rounds end when
 * max |S_k / mean S - 1| < 0.1, or when two in a row neither lowered the held-out NLL nor made the lengths more even. Of the
 * rounds the one with equal arcs is kept if its held-out NLL is below that before the first round, else the one with the
 * best held-out NLL. A step size is a weight of training only: a new one alone changes no map.
 */
import type { ArcLength } from "./arcLength.ts";
import type { Assessment } from "./assess.ts";
import type { BlockStack, StageSettings } from "./stages.ts";

/** Below this the arc lengths count as equal. */
export const EVEN_ENOUGH = 0.1;
const SHORTEST = 1e-3; // of the mean length
const SMALLEST_STEP = 1e-3;

/** The same blocks with step sizes for the next round, and the arc lengths they are trained to. */
export function reparameterise(
  { stack, arcLengths }: Pick<Assessment, "stack" | "arcLengths">,
  { damping, largestStepSize }: Pick<StageSettings, "damping" | "largestStepSize">,
): { readonly stack: BlockStack; readonly arcs: readonly (ArcLength | null)[] } {
  const free = stack.blocks.map(({ stepSize }) => !Number.isFinite(stepSize));
  const bound = arcLengths.filter((_, k) => !free[k]);
  const mean = bound.reduce((s, x) => s + x / bound.length, 0);
  const last = free.lastIndexOf(false);
  const blocks = stack.blocks.map((block, k) => {
    if (free[k]) return block;
    const h = block.stepSize;
    const aim = (mean * h) / Math.max(arcLengths[k], SHORTEST * mean);
    return { ...block, stepSize: Math.max(SMALLEST_STEP, Math.min(largestStepSize, h + damping * (aim - h))) };
  });
  const arc = { target: mean, smallestStepSize: SMALLEST_STEP, largestStepSize };
  return { stack: { ...stack, blocks }, arcs: free.map((isFree, k) => (isFree || k === last ? null : arc)) };
}
