/** Settings of FFJORD and RNODE, with defaults for a table nobody tuned for, and the published ones. */

import { SMALLEST_FLOAT32_RTOL } from "../chain/index.ts";
import { InputError } from "../errors/index.ts";
import type { Key } from "../random/index.ts";
import {
  above,
  acceptance,
  atLeast,
  defaultsOf,
  network,
  oneOf,
  orNull,
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
  ...network,
  time: setting(
    oneOf("none", "concat", "squash", "concatsquash"),
    "concatsquash",
    "how the time enters every layer: none, concat, squash or concatsquash",
  ),
  endTime: setting(
    orNull(above(0)),
    1,
    "first value of the learned end time T of every field; null: T = 1, not learned",
  ),
  chain: setting(whole(1), 1, "fields, one after the other, trained together"),
  divergence: setting(
    oneOf("exact", "hutchinson"),
    "exact",
    "in training: exact, or hutchinson with a fresh probe per row and update",
  ),
  probes: setting(oneOf("gaussian", "rademacher"), "gaussian", "distribution of the probes: gaussian or rademacher"),
  lambdaK: setting(atLeast(0), 0, "weight of the kinetic integral beside bits per dimension"),
  lambdaJ: setting(atLeast(0), 0, "weight of the Jacobian integral beside bits per dimension"),
  outputScale: setting(atLeast(0), 1, "factor of a field's output layer at the start"),
  solver: setting(
    oneOf("rk4", "dopri5"),
    "rk4",
    "of training: rk4 with solverSteps equal steps, or dopri5 with steps by rtol and atol",
  ),
  rtol: setting(
    atLeast(SMALLEST_FLOAT32_RTOL),
    1e-5,
    "dopri5: relative tolerance of position and log-determinant; at least 1e-6, as the velocity is float32",
  ),
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
    throw new InputError({
      where,
      place: "jitter",
      came: String(jitter),
      expected: "0 with solver dopri5",
      fix,
    });
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
  const plane = d <= 4;
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

/** By columns: architectures of FFJORD's paper for POWER, GAS, HEPMASS, MINIBOONE and BSDS300. */
const publishedTables: Readonly<Record<number, Pick<FfjordSettings, "hidden" | "activation" | "chain" | "batchSize">>> =
  {
    6: { hidden: [60, 60, 60], activation: "tanh", chain: 5, batchSize: 10_000 },
    8: { hidden: [160, 160, 160], activation: "tanh", chain: 5, batchSize: 1000 },
    21: { hidden: [210, 210], activation: "softplus", chain: 10, batchSize: 10_000 },
    43: { hidden: [860, 860], activation: "softplus", chain: 1, batchSize: 1000 },
    63: { hidden: [1260, 1260, 1260], activation: "tanh", chain: 2, batchSize: 10_000 },
  };

/**
 * `published`: architecture, probes, schedule and adaptive solver of FFJORD's code. Its error weights are 2/3 of ours, so its
 * tolerances are 1.5 times as large here.
 */
export const presets = {
  published: ({ train, validation }: Problem): Partial<FfjordSettings> => {
    const common = {
      standardize: "none",
      learningRate: 1e-3,
      validationRows: validation.rows,
      solver: "dopri5",
    } as const;
    const table = publishedTables[train.columns.length];
    if (table) {
      const staircase = { schedule: "staircase", patience: 10, learningRateDrop: 10, evaluateEvery: 200 } as const;
      const batchSize = Math.min(train.rows, table.batchSize);
      return {
        ...common,
        ...staircase,
        ...table,
        batchSize,
        divergence: "hutchinson",
        updates: 1_000_000,
        endTime: 1,
        rtol: 1.5e-6,
        atol: 1.5e-8,
      };
    }
    const toys = { hidden: [64, 64, 64], activation: "tanh", batchSize: 100, updates: 10_000, endTime: 0.5 } as const;
    return {
      ...common,
      ...toys,
      divergence: "exact",
      weightDecay: 1e-5,
      learningRateFloor: 1, // no fall
      evaluateEvery: 100,
      patience: 100,
      rtol: 1.5e-5,
      atol: 1.5e-5,
    };
  },
};
