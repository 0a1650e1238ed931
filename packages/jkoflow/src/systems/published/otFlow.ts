/** Settings of OT-Flow's publication (arXiv:2006.00104), from the authors' code, EmoryMLIP/OT-Flow. */
import type { Problem } from "../../data/index.ts";
import type { Settings } from "../../settings/index.ts";

/** By columns, for POWER, GAS, HEPMASS, MINIBOONE and BSDS300: potential and solver, ... */
const tables: Readonly<Record<number, Settings>> = {
  6: { width: 128, alpha: [1, 500, 5], solverSteps: 10, scoringSteps: 22 },
  8: { width: 350, alpha: [1, 1200, 40], solverSteps: 10, scoringSteps: 28 },
  21: { width: 256, alpha: [1, 500, 40], solverSteps: 12, scoringSteps: 24 },
  43: { width: 256, alpha: [1, 100, 15], solverSteps: 6, scoringSteps: 10 },
  63: { width: 512, alpha: [1, 2000, 800], solverSteps: 14, scoringSteps: 30, learningRateDrop: 3.3 },
};
/** ... and the updates. */
const updates: Readonly<Record<number, Settings & { readonly batchSize: number }>> = {
  6: { batchSize: 10_000, learningRate: 0.03, patience: 20, evaluateEvery: 30, updates: 36_000 },
  8: { batchSize: 2000, learningRate: 0.01, patience: 20, evaluateEvery: 50, updates: 60_000 },
  21: { batchSize: 2000, learningRate: 0.02, patience: 15, evaluateEvery: 50, updates: 40_000 },
  43: { batchSize: 2000, learningRate: 0.02, patience: 15, evaluateEvery: 20, updates: 8000 },
  63: { batchSize: 300, learningRate: 0.001, patience: 15, evaluateEvery: 100, updates: 120_000 },
};

/** Of toys, where they differ; `halvings` of the rate, one every so many iterations there. */
interface Toy {
  readonly alpha: readonly number[];
  readonly solverSteps?: number;
  readonly scoringSteps?: number;
  readonly batchSize?: number;
  readonly updates?: number;
  readonly learningRate?: number;
  readonly halvings?: number;
}
const checkerboard = { solverSteps: 12, scoringSteps: 16, batchSize: 10_000, updates: 20_000, halvings: 20 };
const eightGaussians: Toy = { alpha: [1, 30, 1], learningRate: 0.1, halvings: 10 };
const toys: Readonly<Record<string, Toy>> = {
  "published-8gaussians": eightGaussians,
  "published-checkerboard": { alpha: [1, 15, 2], ...checkerboard },
  "published-swissroll": { alpha: [1, 30, 15], scoringSteps: 16 },
  "published-circles": { alpha: [1, 5, 1] },
  "published-moons": { alpha: [1, 8, 1] },
  "published-pinwheel": { alpha: [1, 30, 15] },
  "published-2spirals": { alpha: [1, 10, 1] },
};

const common = ({ validation }: Problem): Settings => ({
  ...{ averaging: 0, acceptance: "any", openingScale: 1, outputScale: 1, standardize: "none", clip: 0 },
  ...{ substeps: "fixed", select: "loss", validationRows: validation.rows },
});

/** The rate falls by a cosine to where the published halvings end. */
const toy =
  ({ batchSize = 5000, updates = 5000, halvings = 5, ...given }: Toy) =>
  (problem: Problem): Settings => ({
    ...common(problem),
    ...{ width: 32, solverSteps: 8, scoringSteps: 12, learningRate: 0.05, clamp: 0, updates },
    ...{ schedule: "cosine", learningRateFloor: 2 ** -halvings, evaluateEvery: 50, patience: updates / 50 },
    ...{ ...given, batchSize: Math.min(problem.train.rows, batchSize) },
  });

/** Those of a table by its columns; of 8gaussians else. The other toys have names of their own. */
function published(problem: Problem): Settings {
  const { columns, rows } = problem.train;
  const [table, training] = [tables[columns.length], updates[columns.length]];
  if (!training) return toy(eightGaussians)(problem);
  const batchSize = Math.min(rows, training.batchSize);
  return { ...common(problem), schedule: "plateau", clamp: 1.5, ...table, ...training, batchSize };
}

export const presets: Readonly<Record<string, (problem: Problem) => Settings>> = {
  published,
  ...Object.fromEntries(Object.entries(toys).map(([name, given]) => [name, toy(given)])),
};
