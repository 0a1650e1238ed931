/** What figures are drawn from, and what they are. */
import type { Engine, Model } from "jkoflow";
import type { RunProblem } from "../run/problem.ts";
import type { TrainedRun } from "../run/training.ts";
import type { Baseline } from "./judgedBaselines.ts";

export interface Figure {
  /** Of the file, without extension. */
  readonly name: string;
  readonly svg: string;
  /** Of several pages of one figure, from 1. */
  readonly page?: number;
  /** A sentence below it. */
  readonly note?: string;
}

/** What a run has trained, and what it keeps as its model where that is not the flow. */
export interface RunModels {
  readonly trained: TrainedRun;
  readonly kept: Model | undefined;
}

export interface FigureContext extends RunModels {
  readonly engine: Engine;
  readonly problem: RunProblem;
  /** The lines of events.jsonl. */
  readonly events: readonly Readonly<Record<string, unknown>>[];
  readonly baselines: readonly Baseline[];
  readonly seed: number;
  /** Name of the run, in every caption. */
  readonly run: string;
}
