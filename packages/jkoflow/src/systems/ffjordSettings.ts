/** Settings of FFJORD and RNODE, and their defaults for a table. */
import { SMALLEST_FLOAT32_RTOL } from "../chain/index.ts";
import type { Problem } from "../data/index.ts";
import { InputError } from "../errors/index.ts";
import { chooseStandardizer, settingsOf } from "../prepare/index.ts";
import type { Key } from "../random/index.ts";
import {
  above,
  acceptance,
  atLeast,
  defaultsOf,
  longTraining,
  network,
  oneOf,
  orNull,
  PLANE,
  type SettingsOf,
  SMALL_TABLE,
  schedule,
  setting,
  standardization,
  training,
  whole,
  withEffort,
} from "../settings/index.ts";
import type { Wish } from "./system.ts";

export const settings = {
  ...standardization,
  ...network,
  time: setting(oneOf("none", "concat", "squash", "concatsquash"), "concatsquash", "how the time enters every layer"),
  endTime: setting(orNull(above(0)), 1, "first value of every field's learned end time T; null: T = 1, not learned"),
  chain: setting(whole(1), 1, "fields, one after the other, trained together"),
  divergence: setting(
    oneOf("exact", "hutchinson"),
    "exact",
    "in training; hutchinson: a fresh probe per row and update",
  ),
  probes: setting(oneOf("gaussian", "rademacher"), "gaussian", "distribution of the probes: gaussian or rademacher"),
  lambdaK: setting(atLeast(0), 0, "weight of the kinetic integral beside bits per dimension"),
  lambdaJ: setting(atLeast(0), 0, "weight of the Jacobian integral beside bits per dimension"),
  outputScale: setting(atLeast(0), 1, "factor of a field's output layer at the start"),
  solver: setting(oneOf("rk4", "dopri5"), "rk4", "of training: solverSteps equal steps, or steps by rtol and atol"),
  rtol: setting(atLeast(SMALLEST_FLOAT32_RTOL), 1e-5, "dopri5: relative tolerance; 1e-6 is the least in float32"),
  atol: setting(above(0), 1e-5, "dopri5: absolute tolerance"),
  ...training,
  ...schedule,
  acceptance,
};

export type FfjordSettings = SettingsOf<typeof settings>;

/** @throws InputError for jitter with an adaptive solver. */
export function together({ solver, jitter }: FfjordSettings, where: string): void {
  if (solver === "dopri5" && jitter > 0) {
    const fix = "set jitter to 0, or solver to rk4";
    throw new InputError({ where, place: "jitter", came: String(jitter), expected: "0 with solver dopri5", fix });
  }
}

/**
 * Defaults for a table nobody tuned for: two hidden layers, so that the divergence is exact and free; four steps of rk4. In the
 * plane, where densities are sharp, four fixed steps bought likelihood of the grid (pinwheel: refused at every try), so there
 * are six, drawn, as in OT-Flow's defaults.
 */
export function defaults(problem: Problem, _key: Key, { effort }: Wish = {}): FfjordSettings {
  const { train } = problem;
  const d = train.columns.length;
  const plane = d <= PLANE;
  const small = train.rows < SMALL_TABLE;
  const width = plane ? 64 : d <= 48 ? 128 : 256;
  const normal: FfjordSettings = {
    ...defaultsOf(settings),
    ...settingsOf(chooseStandardizer(problem)),
    hidden: [width, width],
    activation: plane ? "tanh" : "softplus",
    endTime: plane ? 0.5 : 1,
    updates: plane ? 3000 : 1500,
    batchSize: Math.min(train.rows, plane ? 500 : 250),
    patience: plane ? 60 : 15,
    clip: plane ? 10 : 0,
    solverSteps: plane ? 6 : 4,
    scoringSteps: plane ? 16 : 8,
    substeps: plane ? "drawn" : "fixed",
    evaluateEvery: small ? 50 : 100,
    acceptance: small ? "clear" : "any",
  };
  return withEffort(normal, effort, longTraining(normal));
}

/** FFJORD's, with probes, both penalties at 0.01 and a start from the identity (RNODE's code: all but the last biases). */
export const rnodeDefaults = (problem: Problem, key: Key, wish?: Wish): FfjordSettings => ({
  ...defaults(problem, key, wish),
  divergence: "hutchinson",
  lambdaK: 0.01,
  lambdaJ: 0.01,
  outputScale: 0,
});
