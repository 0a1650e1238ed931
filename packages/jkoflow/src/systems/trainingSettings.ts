/** Settings that the systems other than JKO-iFlow share: what each is and what it may be. */
import { type Acceptance, acceptances, type GrowthSettings } from "../jko/index.ts";
import { above, atLeast, decay, type Kind, oneOf, whole } from "./settings.ts";
import { type TransformSetting, transformDescription, transformSettings } from "./standardizerChoice.ts";
import type { Effort, Settings } from "./system.ts";

export interface TrainingSettings extends Settings {
  readonly standardize: "whiten" | "zscore" | "none";
  readonly transform: TransformSetting;
  readonly updates: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly schedule: "cosine" | "plateau" | "staircase";
  readonly learningRateFloor: number;
  readonly learningRateDrop: number;
  readonly patience: number;
  readonly clamp: number;
  readonly weightDecay: number;
  readonly jitter: number;
  readonly averaging: number;
  readonly clip: number;
  readonly solverSteps: number;
  readonly scoringSteps: number;
  readonly substeps: "drawn" | "fixed";
  readonly select: "nll" | "loss";
  readonly evaluateEvery: number;
  readonly validationRows: number;
  readonly retries: number;
  readonly largestGap: number;
  readonly acceptance: Acceptance;
}

export const trainingKinds: Readonly<Record<string, Kind>> = {
  standardize: oneOf("whiten", "zscore", "none"),
  transform: oneOf(...transformSettings),
  updates: whole(1),
  batchSize: whole(1),
  learningRate: above(0),
  schedule: oneOf("cosine", "plateau", "staircase"),
  learningRateFloor: atLeast(0),
  learningRateDrop: above(1),
  patience: whole(1),
  clamp: atLeast(0),
  weightDecay: atLeast(0),
  jitter: atLeast(0),
  averaging: decay,
  clip: atLeast(0),
  solverSteps: whole(1),
  scoringSteps: whole(1),
  substeps: oneOf("drawn", "fixed"),
  select: oneOf("nll", "loss"),
  evaluateEvery: whole(1),
  validationRows: whole(1),
  retries: whole(0),
  largestGap: above(0),
  acceptance: oneOf(...acceptances),
};

export const trainingDescriptions: Readonly<Record<string, string>> = {
  standardize: "whiten (principal components), zscore, or none",
  transform: transformDescription,
  updates: "most optimiser updates",
  batchSize: "rows per update",
  learningRate: "Adam's rate at the start",
  schedule:
    "cosine: the rate falls over all updates; plateau: it is divided when held-out rows gain nothing for patience looks, " +
    "counted anew each time; staircase: after patience such looks in a row, and after twice as many",
  learningRateFloor: "cosine: share of the rate that is left at the end",
  learningRateDrop:
    "what the rate is divided by: three times at most (plateau), or twice (staircase); then training ends",
  patience: "looks without gain that end training (cosine) or divide the rate (plateau, staircase)",
  clamp: "parameters are held within +- this before each update; 0: no bound",
  weightDecay: "decoupled weight decay",
  jitter: "standard deviation of the noise added to each batch, standardised units",
  averaging: "decay of the average of the weights over the updates, which is what is kept; 0: none",
  clip: "largest global norm of the gradient; 0: no limit",
  solverSteps: "Runge-Kutta steps in training",
  scoringSteps: "Runge-Kutta steps when held-out rows are scored",
  substeps: "fixed: always solverSteps; drawn: each update draws one less, as many, or one more",
  select: "what of held-out rows chooses the best weights: their nll, or the whole loss",
  evaluateEvery: "updates between two looks at held-out rows",
  validationRows: "held-out rows used in training; all of them judge a finished block",
  retries: "further tries of a block that did harm, at half the rate",
  largestGap: "nats by which doubling the solver steps may change the held-out NLL of a block",
  acceptance:
    "what a block has to gain: any (on held-out rows), or clear (the first block three standard errors there, and every one on training rows too)",
};

/** Settings that runs of older versions do not have: what they were trained with. */
export const laterTraining = { averaging: 0, acceptance: "any" } as const;

/** Normal settings for another effort: less training and no second try, or `longer` training. */
export function withEffort<S extends TrainingSettings>(
  normal: S,
  effort: Effort = "normal",
  longer: Partial<NoInfer<S>>,
): S {
  if (effort === "best") return { ...normal, ...longer };
  if (effort === "normal") return normal;
  const { updates, evaluateEvery } = normal;
  return { ...normal, updates: Math.ceil(updates / 3), evaluateEvery: Math.ceil(evaluateEvery / 2), retries: 0 };
}

/** Four times as many updates, the rate halved: a whole rate now and then ends in likelihood of the grid. */
export const longTraining = ({ updates, patience, learningRate }: TrainingSettings): Partial<TrainingSettings> => ({
  updates: 4 * updates,
  patience: 4 * patience,
  learningRate: learningRate / 2,
  averaging: 0.99,
});

/** Divisions of the rate, as in OT-Flow's code and in FFJORD's. */
const plateaus = {
  plateau: { drops: 3, counts: "anew" },
  staircase: { drops: 2, counts: "on" },
} as const;

/** How blocks are trained that have no step size of their own: the part of a growth that these settings fix. */
export function trainingGrowth(settings: TrainingSettings): Omit<GrowthSettings, "largestBlocks" | "outputScale"> {
  const { schedule, learningRateDrop: factor, patience, clamp, averaging } = settings;
  const plateau = schedule === "cosine" ? {} : { plateau: { factor, patience, ...plateaus[schedule] } };
  const { clamp: _, averaging: __, ...step } = settings;
  return {
    stepSizes: { kind: "list", values: [Number.POSITIVE_INFINITY] },
    retries: settings.retries,
    largestGap: settings.largestGap,
    acceptance: settings.acceptance,
    movementRatio: 0,
    freeBlock: false,
    initialNoise: 0,
    step: { ...step, ...plateau, ...(clamp > 0 ? { clamp } : {}), ...(averaging > 0 ? { averaging } : {}) },
  };
}
