/** A flow of equal blocks as data, apart from any engine. */
import type { OpeningState } from "../data/index.ts";
import type { MixtureBase } from "../distributions/index.ts";
import type { BlockConfig, Tolerance } from "../maps/index.ts";

/** A block as it is stored: the parameters of its field in the order of the flat array (`blockSize` of them). */
export interface FlowBlock {
  readonly weights: Float32Array;
  /** JKO step size; Infinity for a free block. A weight of training only. */
  readonly stepSize: number;
  /** Runge-Kutta steps of this block, where it needs fewer than the flow's `steps`. */
  readonly steps?: number;
}

/** How blocks are integrated: by so many equal steps each, by so many times those of the flow, or adaptively to a tolerance. */
export type Integration = number | { readonly times: number } | Tolerance;

/** Equal steps of each block, or the tolerance of adaptive ones. */
export function stepsOf({ blocks, steps }: FlowConfig, how: Integration = { times: 1 }): number[] | Tolerance {
  if (typeof how === "number") return blocks.map(() => how);
  return "times" in how ? blocks.map((block) => how.times * (block.steps ?? steps)) : how;
}

/** A flow as data: what a model file holds of it. */
export interface FlowConfig {
  readonly block: BlockConfig;
  readonly blocks: readonly FlowBlock[];
  /** Runge-Kutta steps per block when a density is evaluated, sampled or inverted; blocks may say that they need fewer. */
  readonly steps: number;
  /** Label-dependent base: mu(y) = y M, M row-major `[c, d]`. */
  readonly baseMeans?: Float32Array;
  /** A mixture in the place of N(0, I), the same for every covariate. */
  readonly baseMixture?: MixtureBase;
  /** Before the first block (data/opening.ts). */
  readonly opening?: OpeningState;
}
