/** Small runs of every system, and the rows they are made on. A new system needs an entry in `small`, nothing else. */

import type { Problem } from "../data/index.ts";
import { createTable, toys } from "../data/index.ts";
import { createKey, normal } from "../random/index.ts";
import type { Settings } from "../settings/index.ts";

const moonRows = (name: string, n: number) => createTable(toys.moons.sample(createKey(name), n), ["x", "y"]);
export const moons: Problem = { train: moonRows("train", 600), validation: moonRows("validation", 300) };
/** Deviations of the Gaussian rows. */
export const [S1, S2]: readonly [number, number] = [2, 0.5];
export const gaussianRows = (name: string, n: number) =>
  createTable(
    normal(createKey(name), 2 * n).map((z, i) => z * (i % 2 === 0 ? S1 : S2)),
    ["x", "y"],
  );
export const gaussian: Problem = { train: gaussianRows("train", 4000), validation: gaussianRows("validation", 4000) };

/** A run of a second or less, and what Gaussian data need; `step`: the h of the closed form. */
export interface Small {
  readonly settings: Settings;
  readonly gaussian: { readonly settings: Settings; readonly step: number };
}
// Few steps: what a run costs at this size is the lowering of its programs, which grow with them.
const budget = {
  batchSize: 100,
  validationRows: 300,
  evaluateEvery: 10,
  patience: 100,
  solverSteps: 1,
  scoringSteps: 3,
  acceptance: "any", // so few updates make no clear gain
} as const;
/** One block that ends near its optimum. */
const long = { blocks: 1, standardize: "none", batchSize: 400, evaluateEvery: 50, patience: 100, jitter: 0 } as const;
const { blocks: _, ...longChain } = long;
const free = { ...budget, updates: 40, hidden: [8, 8], chain: 2, averaging: 0.9 };
export const small: Readonly<Record<string, Small>> = {
  "jko-iflow": {
    settings: { ...budget, blocks: 2, updates: 20, hidden: [8, 8] },
    gaussian: {
      settings: {
        ...long,
        stepSizes: [5],
        updates: 400,
        hidden: [16, 16],
        learningRate: 0.01,
        weightDecay: 0,
        beta: 1,
      },
      step: 5,
    },
  },
  "ot-flow": {
    settings: { ...budget, blocks: 2, updates: 20, width: 8, averaging: 0.9 },
    gaussian: {
      settings: {
        ...long,
        alpha: [1, 5, 1],
        select: "loss",
        width: 16,
        updates: 400,
        solverSteps: 2,
        scoringSteps: 4,
        learningRate: 0.1,
      },
      step: 5,
    },
  },
  ffjord: {
    settings: free,
    gaussian: { settings: { ...longChain, hidden: [16, 16], updates: 400 }, step: Number.POSITIVE_INFINITY },
  },
  rnode: {
    settings: { ...free, outputScale: 0.1, learningRate: 0.2 }, // with less its start stays the best for these 40 updates
    gaussian: { settings: { ...longChain, hidden: [16, 16], updates: 400 }, step: Number.POSITIVE_INFINITY },
  },
};
