/** Settings of the variational flow, and the map that they ask for. */
import type { Functional } from "../functionals/index.ts";
import { LARGEST_ROW_MATRIX } from "../graph/index.ts";
import { type MapConfig, mapKinds } from "../maps/index.ts";
import { but, oneOf, type SettingsOf, setting, share, training, whole, wholeList } from "../settings/index.ts";
import { drawn } from "./evolution.ts";

export const settings = {
  map: setting(
    oneOf("residual", "convex"),
    "residual",
    "residual: samples; convex: the gradient of a potential, a density too",
  ),
  hidden: setting(wholeList, [32, 32], "widths of the hidden layers of the map; of a convex one the first"),
  rank: setting(whole(1), 5, "squares in each unit of a convex map"),
  convexity: setting(share, 1e-3, "least eigenvalue of a convex map's Jacobian"),
  identityUpdates: setting(whole(1), 200, "updates of a convex map towards the identity, before the first step"),
  criticHidden: setting(wholeList, [32, 32], "widths of the hidden layers of the critic"),
  criticTurns: setting(whole(1), 2, "updates of the critic for one of the map"),
  updates: but(training.updates, 400, "optimiser updates of the map in a step"),
  batchSize: but(training.batchSize, 1024),
  learningRate: but(training.learningRate, 5e-3, "Adam's rate of both at its peak, after a short rise"),
  learningRateFloor: but(training.learningRateFloor, 0.02),
  ...drawn,
  poolRows: but(drawn.poolRows, 100_000),
};

export type VariationalSettings = SettingsOf<typeof settings>;

/** Whether log-determinants of rows, and the densities that F asks for, are known in training. */
export const isExact = ({ needs }: Functional, d: number): boolean =>
  d <= LARGEST_ROW_MATRIX && !needs.includes("critic");

export const mapOf = ({ map, hidden, rank, convexity }: VariationalSettings, dimension: number) =>
  map === "convex"
    ? {
        kind: mapKinds.gradient,
        config: { kind: "gradient", dimension, width: hidden[0], rank, convexity } as MapConfig,
      }
    : { kind: mapKinds.residual, config: { kind: "residual", dimension, hidden } as MapConfig };
