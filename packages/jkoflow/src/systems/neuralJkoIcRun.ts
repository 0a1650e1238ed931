/** What a run of importance-corrected neural JKO takes, what it goes on from, and what it ends with. */
import type { CorrectedModel, CorrectedPart } from "../chain/index.ts";
import type { MixtureBase } from "../distributions/index.ts";
import type { Engine } from "../engine/index.ts";
import type { FieldStepState } from "../jko/index.ts";
import type { Key } from "../random/index.ts";
import type { SamplerFigures } from "../sampling/index.ts";
import type { Settings } from "../settings/index.ts";
import type { Event } from "../train/index.ts";
import type { EvolutionProblem } from "./evolution.ts";

/** What is known when a part is finished, on the rows that it was fitted to. */
export interface SamplerReport {
  readonly kind: "flow" | "rejection";
  /** Mean of log g - log p before the part, nats: a lower bound of log Z. */
  readonly meanLogRatio: number;
  /** tau of a flow. */
  readonly step?: number;
  /** log c of a rejection, nats: log Z - log(1 - rate) where the density is right. */
  readonly logC?: number;
  /** Standard error of the density's mass by a rejection. */
  readonly massError?: number;
}

/** What tempered SMC has found, from which the chain sets out. */
export interface FoundStart {
  readonly mixture: MixtureBase;
  readonly logZ: number;
  readonly logZError: number;
  /** Rows at which the target was evaluated. */
  readonly evaluations: number;
}

/** All that a run goes on from. */
export interface NeuralJkoIcState {
  readonly format: 1;
  readonly start?: FoundStart;
  readonly parts: readonly CorrectedPart[];
  readonly reports: readonly SamplerReport[];
  /** Of the part that is trained. */
  readonly field?: FieldStepState;
}

export type NeuralJkoIcEvent = Event<NeuralJkoIcState>;

/** What a run ends with. */
export interface NeuralJkoIcResult {
  readonly model: CorrectedModel;
  readonly reports: readonly SamplerReport[];
  readonly figures: SamplerFigures;
  /** Rows at which the target was evaluated, with its slopes. */
  readonly gradients: number;
  readonly start?: FoundStart;
}

export interface NeuralJkoIcRun {
  readonly engine: Engine;
  readonly problem: EvolutionProblem;
  readonly settings: Settings;
  readonly key: Key;
  readonly resume?: NeuralJkoIcState | undefined;
  readonly pause?: (() => Promise<void>) | undefined;
}
