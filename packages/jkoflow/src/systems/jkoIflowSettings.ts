/** Settings of JKO-iFlow: what each is, and what it may be. Their defaults: jkoIflowDefaults.ts. */
import { type Acceptance, acceptances, stageNames } from "../jko/index.ts";
import {
  above,
  atLeast,
  decay,
  type Kind,
  oneOf,
  orNull,
  pairList,
  someOf,
  stepSizeList,
  whole,
  wholeList,
} from "./settings.ts";
import { type TransformSetting, transformDescription, transformSettings } from "./standardizerChoice.ts";
import type { Settings } from "./system.ts";

export interface JkoIflowSettings extends Settings {
  readonly standardize: "whiten" | "zscore" | "none";
  readonly transform: TransformSetting;
  readonly field: "mlp" | "potential";
  readonly hidden: readonly number[];
  readonly activation: "softplus" | "tanh";
  readonly beta: number;
  readonly time: "concat" | "none";
  readonly divergence: "exact" | "hutchinson";
  readonly stepSizes: readonly number[];
  readonly blocks: number;
  readonly freeBlock: "never" | "if-not-converged";
  readonly updates: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly learningRateFloor: number;
  readonly weightDecay: number;
  readonly jitter: number;
  readonly initialNoise: number;
  readonly clip: number;
  readonly solverSteps: number;
  readonly scoringSteps: number;
  readonly evaluateEvery: number;
  readonly patience: number;
  readonly validationRows: number;
  readonly retries: number;
  readonly largestGap: number;
  readonly acceptance: Acceptance;
  readonly movementRatio: number;
  readonly base: "standard" | "labels";
  readonly graphNodes: number;
  readonly graphEdges: readonly number[];
  readonly graphChannels: number;
  readonly stages: string;
  readonly rounds: number;
  readonly damping: number;
  readonly largestStepSize: number;
  readonly roundUpdates: number;
  readonly roundRate: number;
  readonly jointUpdates: number;
  readonly jointRate: number;
  readonly jointJitter: number;
  readonly jointTransport: number;
  readonly jointAveraging: number;
  readonly leastGain: number;
  readonly kernelWidth: number;
  readonly timeLimit: number | null;
}

export const kinds: Readonly<Record<string, Kind>> = {
  standardize: oneOf("whiten", "zscore", "none"),
  transform: oneOf(...transformSettings),
  field: oneOf("mlp", "potential"),
  hidden: wholeList,
  activation: oneOf("softplus", "tanh"),
  beta: above(0),
  time: oneOf("concat", "none"),
  divergence: oneOf("exact", "hutchinson"),
  stepSizes: stepSizeList,
  blocks: whole(1),
  freeBlock: oneOf("never", "if-not-converged"),
  updates: whole(1),
  batchSize: whole(1),
  learningRate: above(0),
  learningRateFloor: atLeast(0),
  weightDecay: atLeast(0),
  jitter: atLeast(0),
  initialNoise: atLeast(0),
  clip: above(0),
  solverSteps: whole(1),
  scoringSteps: whole(1),
  evaluateEvery: whole(1),
  patience: whole(1),
  validationRows: whole(1),
  retries: whole(0),
  largestGap: above(0),
  acceptance: oneOf(...acceptances),
  movementRatio: atLeast(0),
  base: oneOf("standard", "labels"),
  graphNodes: whole(0),
  graphEdges: pairList,
  graphChannels: whole(1),
  stages: someOf("none", stageNames),
  rounds: whole(1),
  damping: above(0),
  largestStepSize: above(0),
  roundUpdates: whole(1),
  roundRate: above(0),
  jointUpdates: whole(1),
  jointRate: above(0),
  jointJitter: atLeast(0),
  jointTransport: atLeast(0),
  jointAveraging: decay,
  leastGain: atLeast(0),
  kernelWidth: atLeast(0),
  timeLimit: orNull(above(0)),
};

export const describe: Readonly<Record<keyof JkoIflowSettings & string, string>> = {
  standardize: "whiten (principal components), zscore, or none",
  transform: transformDescription,
  field:
    "mlp: a free velocity network; potential: the gradient of OT-Flow's potential, as wide as the first hidden layer",
  hidden: "widths of the hidden layers of the velocity network",
  activation: "softplus or tanh",
  beta: "sharpness of softplus",
  time: "concat: the time enters every layer; none: an autonomous field",
  divergence: "exact, or hutchinson with one frozen probe per row",
  stepSizes: "h_1, h_2, ...; the last one is repeated",
  blocks: "largest number of blocks",
  freeBlock: "if-not-converged: one last block without movement term when the number of blocks was reached",
  updates: "optimiser updates per block",
  batchSize: "rows per update",
  learningRate: "Adam's rate at the start of a block; falls by a cosine",
  learningRateFloor: "share of the rate that is left at the end of a block",
  weightDecay: "decoupled weight decay",
  jitter: "standard deviation of the noise added to each batch, standardised units",
  initialNoise: "noise added to the batches of the first block only: the paper's small initial diffusion",
  clip: "largest global norm of the gradient",
  solverSteps: "Runge-Kutta steps per block in training; each update draws one less, as many, or one more",
  scoringSteps: "Runge-Kutta steps per block when held-out rows are scored",
  evaluateEvery: "updates between two looks at held-out rows",
  patience: "looks without gain that end a block",
  validationRows: "held-out rows used inside a block; all of them judge a finished block",
  retries: "further tries of a block that did harm, from half the step size and rate",
  largestGap: "nats by which doubling the solver steps may change the held-out NLL of a block",
  acceptance:
    "what a block has to gain: any (on held-out rows), or clear (the first block three standard errors there, and every one on training rows too)",
  movementRatio: "stop when a block moves held-out rows by less than this share of their size; 0: never",
  base: "with a condition: standard (the field is given it) or labels (only the target's mean is: one map for all labels)",
  graphNodes: "nodes of a graph whose columns stand node after node; 0: no graph",
  graphEdges: "its edges: pairs of nodes, counted from 1, one behind the other",
  graphChannels: "channels of the graph layer at each node; it takes the place of the first hidden layer",
  stages:
    "what follows growth, in order: reparameterise, refine, remove, joint, refine-joint, with commas between; or none",
  rounds: "rounds of a reparameterisation, at most",
  damping: "share of the way that step sizes go to their aim in one round",
  largestStepSize: "no reparameterisation makes h larger",
  roundUpdates: "updates per block that is trained again after a reparameterisation or a refinement",
  roundRate: "Adam's rate at the start of those",
  jointUpdates: "updates of all blocks together in the stage joint",
  jointRate: "Adam's rate at the start of those",
  jointJitter: "noise added to each batch of those, standardised units",
  jointAveraging: "decay of the average of their weights over the updates, which is what is kept; 0: none",
  leastGain: "held-out nats that a stage must have brought for the same stage to follow it; 0: it always does",
  jointTransport: "weight of the transport of all blocks in their objective; 0: the likelihood alone",
  kernelWidth:
    "standard deviation of kernels at training rows that the model keeps for its scores, standardised units; 0: none",
  timeLimit: "seconds after which no block, round or stage is begun; null: no limit",
};

/** Settings that came after the first release, as a run that began before them has them. */
export const later: Pick<
  JkoIflowSettings,
  | ("field" | "base" | "graphNodes" | "graphEdges" | "graphChannels" | "stages" | "rounds" | "damping")
  | ("largestStepSize" | "roundUpdates" | "roundRate" | "jointUpdates" | "jointRate" | "jointJitter" | "jointTransport")
  | ("acceptance" | "jointAveraging" | "leastGain")
  | ("kernelWidth" | "timeLimit")
> = {
  field: "mlp",
  base: "standard",
  graphNodes: 0,
  graphEdges: [],
  graphChannels: 8,
  stages: "none",
  rounds: 8,
  damping: 0.5,
  largestStepSize: 10,
  roundUpdates: 200,
  roundRate: 2e-3,
  jointUpdates: 400,
  jointRate: 3e-4,
  jointJitter: 0,
  jointTransport: 0,
  acceptance: "any",
  jointAveraging: 0,
  leastGain: 0,
  kernelWidth: 0,
  timeLimit: null,
};
