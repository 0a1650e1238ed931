/** Settings of FFJORD's publication (arXiv:1810.01367). */
import type { Problem } from "../../data/index.ts";
import type { Settings } from "../../settings/index.ts";

/** By columns: architectures of the paper for POWER, GAS, HEPMASS, MINIBOONE and BSDS300. */
const tables: Readonly<Record<number, Settings & { readonly batchSize: number }>> = {
  6: { hidden: [60, 60, 60], activation: "tanh", chain: 5, batchSize: 10_000 },
  8: { hidden: [160, 160, 160], activation: "tanh", chain: 5, batchSize: 1000 },
  21: { hidden: [210, 210], activation: "softplus", chain: 10, batchSize: 10_000 },
  43: { hidden: [860, 860], activation: "softplus", chain: 1, batchSize: 1000 },
  63: { hidden: [1260, 1260, 1260], activation: "tanh", chain: 2, batchSize: 10_000 },
};

const table: Settings = {
  ...{ schedule: "staircase", patience: 10, learningRateDrop: 10, updates: 1_000_000, evaluateEvery: 200 },
  ...{ divergence: "hutchinson", endTime: 1, rtol: 1.5e-6, atol: 1.5e-8 },
};

const toy: Settings = {
  ...{ hidden: [64, 64, 64], activation: "tanh", endTime: 0.5, divergence: "exact", rtol: 1.5e-5, atol: 1.5e-5 },
  ...{ batchSize: 100, updates: 10_000, evaluateEvery: 100, patience: 100, weightDecay: 1e-5 },
  learningRateFloor: 1, // no fall
};

export const presets = {
  /**
   * Architecture, probes, schedule and adaptive solver of the authors' code, by the columns of the table; those of a toy else.
   * Its error weights are 2/3 of ours, so its tolerances are 1.5 times as large here.
   */
  published: ({ train, validation }: Problem): Settings => {
    const found = tables[train.columns.length];
    const chosen = found ? { ...table, ...found, batchSize: Math.min(train.rows, found.batchSize) } : toy;
    return { ...chosen, standardize: "none", learningRate: 1e-3, solver: "dopri5", validationRows: validation.rows };
  },
};
