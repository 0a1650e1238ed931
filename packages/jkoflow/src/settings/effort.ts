/** What defaults are chosen for. */
import type { SettingsOf } from "./declare.ts";
import type { schedule, training } from "./training.ts";

/**
 * How long to try: less than normal; the settings for this table; longer, with stages after growth where a system has them.
 *
 * @example
 * ```ts
 * import { createKey, data, type Effort, jkoIflow } from "jkoflow";
 *
 * const rows = (name: string, n: number) => data.createTable(data.toys.moons.sample(createKey(name), n), 2);
 * const problem = { train: rows("train", 500), validation: rows("validation", 100) };
 * const updates = (effort: Effort) => jkoIflow.defaults(problem, createKey(0), { effort }).updates;
 * console.log(updates("fast") < updates("normal")); // true
 * ```
 */
export type Effort = "fast" | "normal" | "best";
/**
 * All of them, in rising order.
 *
 * @example
 * ```ts
 * import { acceptance, efforts, movementRatio, network, purposes, schedule, SMALL_TABLE, standardization } from "jkoflow/settings";
 *
 * console.log(efforts, purposes, SMALL_TABLE); // [ 'fast', 'normal', 'best' ] [ 'density', 'anomalies' ] 20000
 * console.log(Object.keys({ ...standardization, ...network, ...schedule, acceptance, movementRatio }).length); // 13
 * ```
 */
export const efforts: readonly Effort[] = ["fast", "normal", "best"];

/** What a model is for: the likelihood of rows, or telling rows of another kind apart. */
export type Purpose = "density" | "anomalies";
/** All of them, the default first. */
export const purposes: readonly Purpose[] = ["density", "anomalies"];

/** Below this many rows a table over-fits. */
export const SMALL_TABLE = 20_000;
/** Most columns of what counts as the plane, where densities have edges to be fitted. */
export const PLANE = 4;

type Training = SettingsOf<typeof training>;

/**
 * Normal settings for another effort: `longer` training; or `share` of the updates, and no second try of a block.
 *
 * @example
 * ```ts
 * import { defaultsOf, longTraining, PLANE, training, withEffort } from "jkoflow/settings";
 *
 * const normal = { ...defaultsOf(training), updates: 900 };
 * console.log(withEffort(normal, "fast", {}).updates, withEffort(normal, "best", longTraining(normal)).updates, PLANE);
 * ```
 */
export function withEffort<S extends Training>(
  normal: S,
  effort: Effort = "normal",
  longer: Partial<NoInfer<S>>,
  share: number = 1 / 3,
): S {
  if (effort === "best") return { ...normal, ...longer };
  if (effort === "normal") return normal;
  const { updates, evaluateEvery } = normal;
  return { ...normal, updates: Math.ceil(updates * share), evaluateEvery: Math.ceil(evaluateEvery / 2), retries: 0 };
}

/** Four times as many updates, the rate halved: a whole rate now and then ends in likelihood of the grid. */
export const longTraining = ({
  updates,
  patience,
  learningRate,
}: Training): Partial<Training & SettingsOf<typeof schedule>> => ({
  updates: 4 * updates,
  patience: 4 * patience,
  learningRate: learningRate / 2,
  averaging: 0.99,
});
