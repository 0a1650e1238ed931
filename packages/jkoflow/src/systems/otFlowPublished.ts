/** Settings of OT-Flow's publication (arXiv:2006.00104), from the authors' code, EmoryMLIP/OT-Flow. */
import type { OtFlowSettings } from "./otFlowSettings.ts";
import type { Problem } from "./system.ts";

/** Rows of the publication's table of settings, for tables of as many columns: potential and solver, ... */
const publishedTables: Readonly<Record<number, Partial<OtFlowSettings>>> = {
  6: { width: 128, alpha: [1, 500, 5], solverSteps: 10, scoringSteps: 22 },
  8: { width: 350, alpha: [1, 1200, 40], solverSteps: 10, scoringSteps: 28 },
  21: { width: 256, alpha: [1, 500, 40], solverSteps: 12, scoringSteps: 24 },
  43: { width: 256, alpha: [1, 100, 15], solverSteps: 6, scoringSteps: 10 },
  63: { width: 512, alpha: [1, 2000, 800], solverSteps: 14, scoringSteps: 30, learningRateDrop: 3.3 },
};
/** ... and the updates. */
const publishedUpdates: Readonly<
  Record<number, Pick<OtFlowSettings, "batchSize" | "learningRate" | "patience" | "evaluateEvery" | "updates">>
> = {
  6: { batchSize: 10_000, learningRate: 0.03, patience: 20, evaluateEvery: 30, updates: 36_000 },
  8: { batchSize: 2000, learningRate: 0.01, patience: 20, evaluateEvery: 50, updates: 60_000 },
  21: { batchSize: 2000, learningRate: 0.02, patience: 15, evaluateEvery: 50, updates: 40_000 },
  43: { batchSize: 2000, learningRate: 0.02, patience: 15, evaluateEvery: 20, updates: 8000 },
  63: { batchSize: 300, learningRate: 0.001, patience: 15, evaluateEvery: 100, updates: 120_000 },
};

/** Rows of the publication's settings of toys; `halvings`: of the rate, one every so many iterations there. */
interface PublishedToy {
  readonly alpha: readonly number[];
  readonly solverSteps?: number;
  readonly scoringSteps?: number;
  readonly batchSize?: number;
  readonly updates?: number;
  readonly learningRate?: number;
  readonly halvings?: number;
}
const publishedToys: Readonly<Record<string, PublishedToy>> = {
  "published-8gaussians": { alpha: [1, 30, 1], learningRate: 0.1, halvings: 10 },
  "published-checkerboard": {
    alpha: [1, 15, 2],
    solverSteps: 12,
    scoringSteps: 16,
    batchSize: 10_000,
    updates: 20_000,
    halvings: 20,
  },
  "published-swissroll": { alpha: [1, 30, 15], scoringSteps: 16 },
  "published-circles": { alpha: [1, 5, 1] },
  "published-moons": { alpha: [1, 8, 1] },
  "published-pinwheel": { alpha: [1, 30, 15] },
  "published-2spirals": { alpha: [1, 10, 1] },
};

const publishedCommon = ({ validation }: Problem) =>
  ({
    averaging: 0,
    acceptance: "any",
    openingScale: 1,
    outputScale: 1,
    standardize: "none",
    clip: 0,
    substeps: "fixed",
    select: "loss",
    validationRows: validation.rows,
  }) as const;

/** The rate falls by a cosine to where the published halvings end. */
function publishedToy(problem: Problem, toy: PublishedToy): Partial<OtFlowSettings> {
  const { batchSize = 5000, updates = 5000, halvings = 5, ...given } = toy;
  const evaluateEvery = 50;
  return {
    ...publishedCommon(problem),
    width: 32,
    solverSteps: 8,
    scoringSteps: 12,
    learningRate: 0.05,
    schedule: "cosine",
    learningRateFloor: 2 ** -halvings,
    evaluateEvery,
    patience: updates / evaluateEvery,
    clamp: 0,
    ...given,
    updates,
    batchSize: Math.min(problem.train.rows, batchSize),
  };
}

/**
 * `published`: the settings of the authors' code, for POWER, GAS, HEPMASS, MINIBOONE and BSDS300 by their columns; those of
 * 8gaussians else. The other toys have names of their own.
 */
export const presets: Readonly<Record<string, (problem: Problem) => Partial<OtFlowSettings>>> = {
  published: (problem) => {
    const { train } = problem;
    const d = train.columns.length;
    const updates = publishedUpdates[d];
    if (!updates) return publishedToy(problem, publishedToys["published-8gaussians"]);
    const batchSize = Math.min(train.rows, updates.batchSize);
    const common = { ...publishedCommon(problem), schedule: "plateau", clamp: 1.5 } as const;
    return { ...common, ...publishedTables[d], ...updates, batchSize };
  },
  ...Object.fromEntries(
    Object.entries(publishedToys).map(([name, toy]) => [name, (problem: Problem) => publishedToy(problem, toy)]),
  ),
};
