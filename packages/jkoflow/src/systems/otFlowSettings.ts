/** Settings of OT-Flow: what each is, what it may be, and defaults for a table nobody tuned for. */

import { InputError } from "../errors/index.ts";
import type { Key } from "../random/index.ts";
import { above, atLeast, type Kind, whole } from "./settings.ts";
import { chooseStandardizer, settingsOf } from "./standardizerChoice.ts";
import type { Problem, Wish } from "./system.ts";
import {
  laterTraining,
  longTraining,
  type TrainingSettings,
  trainingDescriptions,
  trainingKinds,
  withEffort,
} from "./trainingSettings.ts";

export interface OtFlowSettings extends TrainingSettings {
  readonly width: number;
  readonly layers: number;
  readonly openingScale: number;
  readonly outputScale: number;
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
  openingScale: above(0),
  outputScale: above(0), // at 0 the quadratic term would have no gradient
  alpha: alphaTriple,
  blocks: whole(1),
  movementRatio: atLeast(0),
};

export const describe = {
  ...trainingDescriptions,
  width: "m, the width of the layers of the potential",
  layers: "M, its residual layers after the opening one",
  openingScale: "factor of its first layer at the start; above 1 for fine structure",
  outputScale: "factor of w and A at the start: near 0 the flow begins near the identity",
  alpha: "[alpha_L, alpha_C, alpha_R]: weights of transport, likelihood and Hamilton-Jacobi-Bellman term",
  blocks: "largest number of blocks; above 1 it is JKO-Flow",
  movementRatio: "stop when a block moves held-out rows by less than this share of their size; 0: never",
} as Readonly<Record<keyof OtFlowSettings & string, string>>;

/** Settings that runs of older versions do not have: what they were trained with. */
export const later: Pick<OtFlowSettings, "averaging" | "acceptance" | "openingScale" | "outputScale"> = {
  ...laterTraining,
  openingScale: 1,
  outputScale: 1,
};

/** Most columns of what counts as the plane. */
const PLANE = 4;

/**
 * For regions with sharp edges, such as the checkerboard: a steeper first layer and less weight on the transport, so a lower
 * rate, more updates, and a finer grid for held-out rows, since such fields are the ones to buy likelihood of the grid. Thin
 * curves such as spirals want more of alpha_R.
 * @throws InputError for a table that is not in the plane.
 */
export function edges({ train }: Problem): Partial<OtFlowSettings> {
  const d = train.columns.length;
  if (d > PLANE) {
    throw new InputError({
      where: "preset edges",
      came: `${d} columns`,
      expected: `at most ${PLANE}: it is for the plane`,
    });
  }
  return {
    openingScale: 8,
    alpha: [1, 30, 3],
    updates: 28_000,
    learningRate: 0.006,
    patience: 200,
    averaging: 0.99,
    solverSteps: 9,
    scoringSteps: 32,
    evaluateEvery: 50,
  };
}

/** In the plane twice the updates do: half the rate would not get far there. */
const longInPlane = ({ updates, patience }: OtFlowSettings): Partial<OtFlowSettings> => ({
  updates: 2 * updates,
  patience: 2 * patience,
  averaging: 0.99,
  scoringSteps: 32,
});

/** Below this many rows a table over-fits. */
const SMALL_TABLE = 20_000;

/**
 * Defaults for a table nobody tuned for: smaller than published, for one processor and minutes. There is no clamp: on whitened
 * rows of MINIBOONE the published one, 1.5 with a rate of 0.02, fell back to the identity. Flows start near
 * the identity, in the plane with a steep first layer: from the published start two circles stayed at the identity. Drawn
 * solver steps, the clip and the Hamilton-Jacobi-Bellman term are against likelihood that is there on one grid only.
 */
export function defaults(problem: Problem, _key: Key, { effort }: Wish = {}): OtFlowSettings {
  const { train } = problem;
  const d = train.columns.length;
  const plane = d <= PLANE;
  const small = train.rows < SMALL_TABLE;
  const normal: OtFlowSettings = {
    ...settingsOf(chooseStandardizer(problem)),
    width: plane ? 32 : 64,
    layers: 1,
    openingScale: plane ? 6 : 1,
    outputScale: 0.03,
    alpha: plane ? [1, 10, 2] : [1, 100, 15],
    blocks: 1,
    updates: plane ? (small ? 10_000 : 16_000) : 1500,
    batchSize: Math.min(train.rows, plane ? 500 : 125),
    learningRate: plane ? 0.01 : 0.02,
    schedule: "cosine",
    learningRateFloor: 0.01,
    learningRateDrop: 10,
    patience: plane ? (small ? 100 : 200) : 15,
    clamp: 0,
    weightDecay: 0,
    jitter: 0,
    averaging: 0,
    clip: plane ? 10 : 100,
    solverSteps: plane ? 8 : 6,
    scoringSteps: plane ? 16 : 10,
    substeps: "drawn",
    select: "nll",
    evaluateEvery: small ? 20 : 50,
    validationRows: 2000,
    retries: 1,
    largestGap: 0.05,
    acceptance: small ? "clear" : "any",
    movementRatio: 0,
  };
  return withEffort(normal, effort, plane ? longInPlane(normal) : longTraining(normal));
}
