/** What the program that fits with an effort is asked and answers, beyond a fit. */
import type { Effort } from "../../packages/jkoflow/src/systems/index.ts";
import type { Fit, FitTask } from "./fit.ts";

export interface EffortTask extends FitTask {
  readonly effort: Effort;
}

/** The flow after growth, or after a round of a stage: the best so far. */
export interface StageLine {
  readonly stage: string;
  readonly round: number;
  readonly verdict: string;
  readonly blocks: number;
  /** Of this round's own flow, kept or not: max |S_k / mean S - 1|, step sizes (null: free) and arc lengths. */
  readonly unevenness: number | null;
  readonly stepSizes: readonly (number | null)[];
  readonly arcLengths: readonly number[] | null;
  /** Held-out change of this round's own flow against the best before, nats. */
  readonly change: number | null;
  readonly changeError: number | null;
  /** Since the start of training, and so the seconds. */
  readonly updates: number;
  readonly cpuSeconds: number;
  /** Of the best flow so far, nats in the units of the files, on the fine grid. */
  readonly validationNll: number;
  readonly testNll: number;
}

export interface EffortFit extends Fit {
  readonly stages: readonly StageLine[];
}
