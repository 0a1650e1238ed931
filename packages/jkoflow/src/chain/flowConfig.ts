/** A flow of equal blocks as data, apart from any engine. */
import type { OpeningState } from "../data/index.ts";
import type { MixtureBase } from "../distributions/index.ts";
import type { BlockConfig } from "../maps/index.ts";

/** A block as it is stored: the parameters of its field in the order of the flat array (`blockSize` of them). */
export interface FlowBlock {
  readonly weights: Float32Array;
  /** JKO step size; Infinity for a free block. A weight of training only. */
  readonly stepSize: number;
}

/** A flow as data: what a model file holds of it. */
export interface FlowConfig {
  readonly block: BlockConfig;
  readonly blocks: readonly FlowBlock[];
  /** Runge-Kutta steps per block when a density is evaluated, sampled or inverted. */
  readonly steps: number;
  /** Label-dependent base: mu(y) = y M, M row-major `[c, d]`. */
  readonly baseMeans?: Float32Array;
  /** A mixture in the place of N(0, I), the same for every covariate. */
  readonly baseMixture?: MixtureBase;
  /** Before the first block (data/opening.ts). */
  readonly opening?: OpeningState;
}
