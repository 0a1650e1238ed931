/** Settings of OT-Flow, with defaults for a table nobody tuned for. */
import { InputError } from "../errors/index.ts";
import type { Key } from "../random/index.ts";
import {
  above,
  acceptance,
  alphaTriple,
  but,
  defaultsOf,
  movementRatio,
  type SettingsOf,
  SMALL_TABLE,
  schedule,
  setting,
  standardization,
  training,
  whole,
} from "../settings/index.ts";
import { chooseStandardizer, settingsOf } from "./standardizerChoice.ts";
import type { Problem, Wish } from "./system.ts";
import { longTraining, withEffort } from "./trainingGrowth.ts";

export const settings = {
  ...standardization,
  width: setting(whole(1), 64, "m, the width of the layers of the potential"),
  layers: setting(whole(1), 1, "M, its residual layers after the opening one"),
  alpha: setting(
    alphaTriple,
    [1, 100, 15],
    "[alpha_L, alpha_C, alpha_R]: weights of transport, likelihood and Hamilton-Jacobi-Bellman term",
  ),
  blocks: setting(whole(1), 1, "largest number of blocks; above 1 it is JKO-Flow"),
  ...training,
  ...schedule,
  clip: but(training.clip, 100),
  solverSteps: but(training.solverSteps, 6),
  scoringSteps: but(training.scoringSteps, 10),
  acceptance,
  movementRatio,
  openingScale: setting(above(0), 1, "factor of its first layer at the start; above 1 for fine structure", 1),
  // At 0 the quadratic term would have no gradient.
  outputScale: setting(above(0), 0.03, "factor of w and A at the start: near 0 the flow begins near the identity", 1),
};

export type OtFlowSettings = SettingsOf<typeof settings>;

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
    ...defaultsOf(settings),
    ...settingsOf(chooseStandardizer(problem)),
    width: plane ? 32 : 64,
    openingScale: plane ? 6 : 1,
    alpha: plane ? [1, 10, 2] : [1, 100, 15],
    updates: plane ? (small ? 10_000 : 16_000) : 1500,
    batchSize: Math.min(train.rows, plane ? 500 : 125),
    learningRate: plane ? 0.01 : 0.02,
    patience: plane ? (small ? 100 : 200) : 15,
    clip: plane ? 10 : 100,
    solverSteps: plane ? 8 : 6,
    scoringSteps: plane ? 16 : 10,
    evaluateEvery: small ? 20 : 50,
    acceptance: small ? "clear" : "any",
  };
  return withEffort(normal, effort, plane ? longInPlane(normal) : longTraining(normal));
}
