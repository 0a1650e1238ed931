/** What the training of one block is told, what it reports, and the state from which it can go on. */
import type { ParameterState } from "../engine/index.ts";
import type { Functional } from "../functionals/index.ts";
import type { Accuracy } from "../maps/index.ts";
import type { PlateauRate } from "../train/index.ts";
import type { ArcLength, ArcState } from "./arcLength.ts";

/** How one block is trained. */
export interface StepSettings {
  /** h_k, or where it starts with an arc length; Infinity for a free block. */
  readonly stepSize: number;
  /** In place of a given h_k: the length that the block is trained to. Not with `adaptive`. */
  readonly arc?: ArcLength;
  /** What is minimised besides the movement, whose weight is 1/h; the likelihood by default. */
  readonly objective?: Functional;
  readonly updates: number;
  readonly batchSize: number;
  readonly learningRate: number;
  /** Share of the rate that is left at the last update. */
  readonly learningRateFloor: number;
  readonly weightDecay: number;
  /** Largest global gradient norm. */
  readonly clip: number;
  /** Standard deviation of the noise added to each batch. */
  readonly jitter: number;
  /** Runge-Kutta steps S; each update draws S - 1, S or S + 1. */
  readonly solverSteps: number;
  /** Steps for scoring held-out rows. */
  readonly scoringSteps: number;
  readonly evaluateEvery: number;
  /** Evaluations without a better score after which the block ends. */
  readonly patience: number;
  /** Held-out rows used inside a block. */
  readonly validationRows: number;
  /** In place of the cosine and of `patience`: the rate falls where held-out rows gain nothing. */
  readonly plateau?: PlateauRate;
  /**
   * Decay of an exponential average of the weights over the updates: held-out rows score the average, and it is what is kept
   * (Polyak and Juditsky, SIAM J. Control Optim. 30, 1992). Default: the weights themselves.
   */
  readonly averaging?: number;
  /** Parameters are held within +- this before each update; default no bound. */
  readonly clamp?: number;
  /** `drawn` (default): S - 1, S or S + 1 steps; `fixed`: S. */
  readonly substeps?: "drawn" | "fixed";
  /** What of held-out rows the best weights are chosen by: the JKO objective (default), their NLL, or all terms. */
  readonly select?: "objective" | "nll" | "loss";
  /** Probes of a divergence estimate: one per training row for good (default), or drawn afresh for every update. */
  readonly probes?: "frozen" | "gaussian" | "rademacher";
  /** Training by adaptive Dormand-Prince steps of this accuracy, without jitter; default `solverSteps` equal ones. */
  readonly adaptive?: Accuracy;
}

/** All that is needed to go on with a half-trained block, to the same bits. */
export interface StepState {
  readonly update: number;
  readonly parameters: ParameterState;
  /** The best weights by held-out objective. */
  readonly best: {
    readonly weights: Float32Array;
    readonly objective: number;
    readonly update: number;
    /** h of these weights, with an arc length. */
    readonly stepSize?: number;
  };
  readonly withoutGain: number;
  /** Divisions of a plateau's rate so far. */
  readonly drops?: number;
  /** With averaging: the average of the weights. */
  readonly average?: Float32Array;
  /** With an arc length: h now, and what it follows. */
  readonly arc?: ArcState;
}

/**
 * What one update found, by name: `update`; means over the batch of loss, energy, logDet, movement and the integrals along the
 * path that the objective has, in nats where they are energies; gradientNorm and learningRate; evaluations of the field in the
 * solve (`forward`) and products with its Jacobian in the gradient (`backward`), of the whole batch each; and `score`,
 * E[|x(1)|^2 / 2 - logDet] of held-out rows (the NLL up to a constant), where the update ends with an evaluation.
 */
export interface StepProgress extends Readonly<Record<string, number>> {}
