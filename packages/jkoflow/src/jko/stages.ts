/** Improving a grown flow as a whole, stage after stage: what it is told, what it reports, from where it can go on. */
import type { FlowBlock } from "../chain/index.ts";
import type { Event } from "../train/index.ts";
import type { ArcLength } from "./arcLength.ts";
import type { StepProgress, StepSettings, StepState } from "./step.ts";

/** refine-joint: the blocks are split as in refine, and then trained together instead of one after the other. */
export const stageNames = ["reparameterise", "refine", "remove", "joint", "refine-joint"] as const;
export type StageName = (typeof stageNames)[number];

export const isStage = (name: string): name is StageName => stageNames.some((known) => known === name);

/** A flow in training: its blocks, and the Runge-Kutta steps with which each of them is trained and scored. */
export interface BlockStack {
  readonly blocks: readonly FlowBlock[];
  readonly solverSteps: number;
  readonly scoringSteps: number;
}

export interface StageSettings {
  /** In this order; a name may occur again. */
  readonly stages: readonly StageName[];
  /** Rounds of one reparameterisation, at most. */
  readonly rounds: number;
  /** Share eta of the way that h goes to its aim in one round. */
  readonly damping: number;
  /** h_max of reparameterisation. */
  readonly largestStepSize: number;
  /** Updates of a block that is trained again, and their learning rate at the start. */
  readonly roundUpdates: number;
  readonly roundRate: number;
  /** Updates of all blocks together, and their learning rate at the start. */
  readonly jointUpdates: number;
  readonly jointRate: number;
  /** Noise on their batches: what each block bears at its own input is too much for all of them in turn. */
  readonly jointJitter: number;
  /** Weight of the transport int |v|^2 / 2 ds of all blocks together; 0: likelihood alone. */
  readonly jointTransport: number;
  /** Decay of the average of their weights; 0: the weights themselves. */
  readonly jointAveraging: number;
  /** Held-out nats that a stage must have brought for the same stage to be begun right after it; 0: it always is. */
  readonly leastGain: number;
  /** Step-doubling difference of the held-out NLL of the flow above which a round is rolled back, nats. */
  readonly largestGap: number;
  /** Noise on the batches of the first block, as in growth. */
  readonly initialNoise: number;
  readonly step: Omit<StepSettings, "stepSize">;
}

export type StageVerdict =
  | "kept"
  | "kept: equal arcs"
  | "rolled back: no gain"
  | "rolled back: solver gap"
  | "rolled back: not finite"
  | "nothing to change"
  | "not begun: time is used up"
  | "not begun: the one before gained too little";

/** One round of a stage; energies are held-out means of |z|^2 / 2 - logDet, the NLL up to a constant, nats. */
export interface StageReport {
  readonly stage: StageName;
  /** Place of the stage in the list, and round within it, from 1. */
  readonly place: number;
  readonly round: number;
  readonly verdict: StageVerdict;
  /** Of the flow that this round came to, kept or not. */
  readonly stepSizes: readonly number[];
  readonly arcLengths: readonly number[];
  /** max_k |S_k / mean S - 1|; free blocks are left out. */
  readonly unevenness: number;
  readonly updates: number;
  /** Paired change against the best flow before, and its standard error. */
  readonly change: number;
  readonly changeError: number;
  readonly solverGap: number;
  /** Before the round: the best flow so far. */
  readonly energyBefore: number;
  /** After it: the best flow so far, this one or an earlier one. */
  readonly validationEnergy: number;
}

/** A round in training: blocks before `block` are trained again already. */
export interface RoundState {
  readonly stack: BlockStack;
  readonly block: number;
  readonly updates: number;
  /** Arc lengths that the blocks are trained to, where they are. */
  readonly arcs?: readonly (ArcLength | null)[];
  readonly step?: StepState;
}

export interface ImproveState {
  /** Place of the stage under way, from 0, and its round, from 1. */
  readonly place: number;
  readonly round: number;
  /** The flow that the stage began with. */
  readonly entry: BlockStack;
  readonly best: BlockStack;
  /** The flow of the last round, which need not be the best. */
  readonly current: BlockStack;
  /** Rounds in a row that neither lowered the held-out NLL nor made the arc lengths more even. */
  readonly withoutGain: number;
  /** The least unevenness in this stage. */
  readonly evenest: number;
  readonly reports: readonly StageReport[];
  readonly training?: RoundState;
}

/** An update of a round: of one block (from 1), or of all together (block 0). */
export interface RoundUpdate {
  readonly block: number;
  /** Updates this training may take. */
  readonly updates: number;
  readonly progress: StepProgress;
  readonly state: () => RoundState;
}

/** After every update of a round, and after the round; places are such as ["refine round 1", "block 3"]. */
export type StageEvent<State = ImproveState> = Event<State>;
