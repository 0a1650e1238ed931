/**
 * Progressive refinement: every block becomes c blocks that start as it was.
 *
 *   f_j(x, s) = f(x, (j + s) / c) / c,   j = 0, ..., c - 1,   h_child = h / c
 *
 * Source: Algorithm 2 of Xu, Cheng, Xie, NeurIPS 2023, arXiv:2212.14424. Each child takes 1/c of its parent's solver steps
 * (rounded up), so that the composition is the parent to rounding where c divides them.
 */
import { type FieldConfig, splitField } from "../maps/index.ts";
import type { BlockStack } from "./stages.ts";

/** Children of a block, the c of the paper. */
export const PARTS = 2;

/**
 * The flow with every block cut into `parts`; a free block stays free (h = infinity).
 * @throws InputError for a concatsquash field, which cannot be cut (see nn/split.ts).
 */
export function refine(field: FieldConfig, stack: BlockStack, parts: number = PARTS): BlockStack {
  return {
    blocks: stack.blocks.flatMap(({ weights, stepSize }) =>
      splitField(field, weights, parts).map((child) => ({ weights: child, stepSize: stepSize / parts })),
    ),
    solverSteps: Math.ceil(stack.solverSteps / parts),
    scoringSteps: Math.ceil(stack.scoringSteps / parts),
  };
}
