/** Settings of OT-Flow: what each is, what it may be, defaults for a table nobody tuned for, and those of the publication. */

import { atLeast, type Kind, whole } from "./settings.ts";
import { tryWhitening } from "./standardizerChoice.ts";
import type { Problem } from "./system.ts";
import { type TrainingSettings, trainingDescriptions, trainingKinds } from "./trainingSettings.ts";

export interface OtFlowSettings extends TrainingSettings {
  readonly width: number;
  readonly layers: number;
  readonly alpha: readonly number[];
  readonly blocks: number;
  readonly movementRatio: number;
}

const alphaTriple: Kind = {
  expected: "three numbers alpha_L > 0, alpha_C > 0, alpha_R >= 0, such as [1,100,15]",
  accepts: (x) => Array.isArray(x) && x.length === 3 && x.every(Number.isFinite) && x[0] > 0 && x[1] > 0 && x[2] >= 0,
};

export const kinds: Readonly<Record<string, Kind>> = {
  ...trainingKinds,
  width: whole(1),
  layers: whole(1),
  alpha: alphaTriple,
  blocks: whole(1),
  movementRatio: atLeast(0),
};

export const describe = {
  ...trainingDescriptions,
  width: "m, the width of the layers of the potential",
  layers: "M, its residual layers after the opening one",
  alpha: "[alpha_L, alpha_C, alpha_R]: weights of transport, likelihood and Hamilton-Jacobi-Bellman term",
  blocks: "largest number of blocks; above 1 it is JKO-Flow",
  movementRatio: "stop when a block moves held-out rows by less than this share of their size; 0: never",
} as Readonly<Record<keyof OtFlowSettings & string, string>>;

/** Below this many rows a table over-fits. */
const SMALL_TABLE = 20_000;

/**
 * Defaults for a table nobody tuned for: smaller than published, for one processor and minutes. There is no clamp: on whitened
 * rows of MINIBOONE the published one, 1.5 with a rate of 0.02, fell back to the identity.
 */
export function defaults({ train, bounds }: Problem): OtFlowSettings {
  const d = train.columns.length;
  const plane = d <= 4;
  const small = train.rows < SMALL_TABLE;
  return {
    standardize: tryWhitening(train, bounds).toJSON().kind,
    transform: "none",
    width: plane ? 32 : 64,
    layers: 1,
    alpha: plane ? [1, 30, 1] : [1, 100, 15],
    blocks: 1,
    updates: plane ? 2000 : 1500,
    batchSize: Math.min(train.rows, plane ? 500 : 125),
    learningRate: 0.05,
    schedule: "cosine",
    learningRateFloor: 0.01,
    learningRateDrop: 10,
    patience: plane ? 30 : 15,
    clamp: 0,
    weightDecay: 0,
    jitter: 0,
    clip: 0,
    solverSteps: plane ? 8 : 6,
    scoringSteps: plane ? 16 : 10,
    substeps: "fixed",
    select: "nll",
    evaluateEvery: small ? 20 : 50,
    validationRows: 2000,
    retries: 1,
    largestGap: 0.05,
    movementRatio: 0,
  };
}

/** Rows of the publication's table of settings, for tables of as many columns. */
const publishedTables: Readonly<Record<number, Partial<OtFlowSettings>>> = {
  6: {
    width: 128,
    alpha: [1, 500, 5],
    solverSteps: 10,
    scoringSteps: 22,
    batchSize: 10_000,
    learningRate: 0.03,
    patience: 20,
    evaluateEvery: 30,
    updates: 36_000,
  },
  8: {
    width: 350,
    alpha: [1, 1200, 40],
    solverSteps: 10,
    scoringSteps: 28,
    batchSize: 2000,
    learningRate: 0.01,
    patience: 20,
    evaluateEvery: 50,
    updates: 60_000,
  },
  21: {
    width: 256,
    alpha: [1, 500, 40],
    solverSteps: 12,
    scoringSteps: 24,
    batchSize: 2000,
    learningRate: 0.02,
    patience: 15,
    evaluateEvery: 50,
    updates: 40_000,
  },
  43: {
    width: 256,
    alpha: [1, 100, 15],
    solverSteps: 6,
    scoringSteps: 10,
    batchSize: 2000,
    learningRate: 0.02,
    patience: 15,
    evaluateEvery: 20,
    updates: 8000,
  },
  63: {
    width: 512,
    alpha: [1, 2000, 800],
    solverSteps: 14,
    scoringSteps: 30,
    batchSize: 300,
    learningRate: 0.001,
    learningRateDrop: 3.3,
    patience: 15,
    evaluateEvery: 100,
    updates: 120_000,
  },
};

/** `published`: the settings of the authors' code, for POWER, GAS, HEPMASS, MINIBOONE and BSDS300 by their columns; toys else. */
export const presets = {
  published: ({ train, validation }: Problem): Partial<OtFlowSettings> => {
    const table = publishedTables[train.columns.length];
    const common = {
      standardize: "none",
      schedule: "plateau",
      select: "loss",
      validationRows: validation.rows,
    } as const;
    if (table) return { ...common, clamp: 1.5, ...table, batchSize: Math.min(train.rows, table.batchSize!) };
    const toys = {
      width: 32,
      alpha: [1, 30, 1],
      solverSteps: 8,
      scoringSteps: 12,
      learningRate: 0.05,
      learningRateDrop: 2,
    };
    const budget = { batchSize: Math.min(train.rows, 5000), updates: 5000, evaluateEvery: 50, patience: 10, clamp: 0 };
    return { ...common, ...toys, ...budget };
  },
};
