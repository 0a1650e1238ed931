/** What growth is told, what it reports, and the state from which it can go on. */

import type { FlowBlock } from "../chain/index.ts";
import type { Table } from "../engine/index.ts";
import type { Covariates } from "../maps/index.ts";
import type { Event } from "../train/index.ts";
import type { Acceptance, Verdict } from "./heldOut.ts";
import type { StepSettings, StepState } from "./step.ts";
import type { StepSizes } from "./stepSizes.ts";

/** How a flow is grown, block after block. */
export interface GrowthSettings {
  readonly stepSizes: StepSizes;
  readonly largestBlocks: number;
  /** Tries of one block after the first. */
  readonly retries: number;
  /** Step-doubling difference of the held-out NLL above which a block is refused, nats. */
  readonly largestGap: number;
  /** "any" by default; see heldOut.ts. */
  readonly acceptance?: Acceptance;
  /** Stop when E|x - T(x)|^2 / E|T(x)|^2 of held-out rows falls below this (the paper's rule); 0: never. */
  readonly movementRatio: number;
  /** One last block without movement term (h = infinity) when the largest number of blocks was reached. */
  readonly freeBlock: boolean;
  /** Standard deviation of noise on the batches of the first block: a small initial diffusion. */
  readonly initialNoise: number;
  /** Factor of the output layer of the very first block at its start. */
  readonly outputScale: number;
  readonly step: Omit<StepSettings, "stepSize">;
}

/** One try of one block. */
export interface BlockReport {
  readonly block: number;
  /** 0 for the first try. */
  readonly attempt: number;
  readonly accepted: boolean;
  readonly verdict: Verdict;
  /** h_k; Infinity (a free block) becomes null in JSON. */
  readonly stepSize: number;
  /** Runge-Kutta steps in training. */
  readonly steps: number;
  readonly updates: number;
  readonly bestUpdate: number;
  /** Held-out E[|x|^2 / 2 - logDet] after this block, or before it if the block was dropped, nats. */
  readonly validationEnergy: number;
  /** Paired change of the held-out NLL and its standard error, nats. */
  readonly change: number;
  readonly changeError: number;
  /** Change of the held-out NLL when the solver steps are doubled, nats. */
  readonly solverGap: number;
  /** E|x - T(x)|^2 / E|T(x)|^2 over held-out rows. */
  readonly movementRatio: number;
  /** ( E|x - T(x)|^2 )^(1/2): the arc length of the block. */
  readonly arcLength: number;
}

/** All that growth needs to go on to the same bits, besides its rows, settings and key. */
export interface GrowthState {
  readonly blocks: readonly FlowBlock[];
  readonly reports: readonly BlockReport[];
  readonly attempt: number;
  /** Neutral blocks in a row. */
  readonly neutral: number;
  /** Solver steps added after refusals. */
  readonly extraSteps: number;
  /** The half-trained block, if any. */
  readonly step?: StepState;
  /** Growth is over; absent while it is not. */
  readonly stop?: StopReason;
  /** Spent so far, where time is limited, and the updates of one block that it went into. */
  readonly seconds?: number;
  readonly blockUpdates?: number;
}

/** Why growth ended. */
export type StopReason =
  | "largest number of blocks"
  | "no gain"
  | "block rejected"
  | "movement below the limit"
  | "time is used up";

/** After every update, and after every try of a block; places are such as ["block 3", "try 2"]. */
export type GrowthEvent = Event<GrowthState>;

/** What growth ends with. */
export interface Growth {
  readonly blocks: readonly FlowBlock[];
  readonly reports: readonly BlockReport[];
  readonly stop: StopReason;
}

/** Rows that are at hand as numbers, for those who begin from the data more than once. */
export type HeldRows = GrowthRows & { readonly train: Float32Array };

/** Rows to grow on and to judge by. */
export interface GrowthRows {
  /** `[n, d]`, row-major, standardised; a table of the engine is moved and disposed of by growth. */
  readonly train: Float32Array | Table;
  readonly validation: Float32Array;
  /** Of a conditional field. */
  readonly trainCondition?: Covariates;
  readonly validationCondition?: Covariates;
  /** Means of a label-dependent target, `[n, d]`. */
  readonly trainMean?: Float32Array;
  readonly validationMean?: Float32Array;
}
