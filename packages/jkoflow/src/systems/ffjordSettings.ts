/** Settings of FFJORD and RNODE: what each is, what it may be, defaults for a table nobody tuned for, and the published ones. */
import { InputError } from "../errors/index.ts";
import { SMALLEST_FLOAT32_RTOL } from "../flow/index.ts";
import type { Key } from "../random/index.ts";
import { above, atLeast, checkSettings, type Kind, oneOf, whole, wholeList } from "./settings.ts";
import { chooseStandardizer, settingsOf } from "./standardizerChoice.ts";
import type { Problem, Settings, Wish } from "./system.ts";
import {
  laterTraining,
  longTraining,
  type TrainingSettings,
  trainingDescriptions,
  trainingKinds,
  withEffort,
} from "./trainingSettings.ts";

export interface FfjordSettings extends TrainingSettings {
  readonly hidden: readonly number[];
  readonly activation: "softplus" | "tanh";
  readonly beta: number;
  readonly time: "none" | "concat" | "squash" | "concatsquash";
  /** null: the field runs over [0, 1] and its end time is not learned. */
  readonly endTime: number | null;
  readonly chain: number;
  readonly divergence: "exact" | "hutchinson";
  readonly probes: "gaussian" | "rademacher";
  readonly lambdaK: number;
  readonly lambdaJ: number;
  readonly outputScale: number;
  readonly solver: "rk4" | "dopri5";
  readonly rtol: number;
  readonly atol: number;
}

const endTimeKind: Kind = {
  expected: "a number above 0, or null",
  accepts: (x) => x === null || above(0).accepts(x),
};

export const kinds: Readonly<Record<string, Kind>> = {
  ...trainingKinds,
  hidden: wholeList,
  activation: oneOf("softplus", "tanh"),
  beta: above(0),
  time: oneOf("none", "concat", "squash", "concatsquash"),
  endTime: endTimeKind,
  chain: whole(1),
  divergence: oneOf("exact", "hutchinson"),
  probes: oneOf("gaussian", "rademacher"),
  lambdaK: atLeast(0),
  lambdaJ: atLeast(0),
  outputScale: atLeast(0),
  solver: oneOf("rk4", "dopri5"),
  rtol: atLeast(SMALLEST_FLOAT32_RTOL),
  atol: above(0),
};

export const describe = {
  ...trainingDescriptions,
  hidden: "widths of the hidden layers of a field",
  activation: "softplus or tanh",
  beta: "sharpness of softplus",
  time: "how the time enters every layer: none, concat, squash or concatsquash",
  endTime: "first value of the learned end time T of every field; null: T = 1, not learned",
  chain: "fields, one after the other, trained together",
  divergence: "in training: exact, or hutchinson with a fresh probe per row and update",
  probes: "distribution of the probes: gaussian or rademacher",
  lambdaK: "weight of the kinetic integral beside bits per dimension",
  lambdaJ: "weight of the Jacobian integral beside bits per dimension",
  outputScale: "factor of a field's output layer at the start",
  solver: "of training: rk4 with solverSteps equal steps, or dopri5 with steps by rtol and atol",
  rtol: "dopri5: relative tolerance of position and log-determinant; at least 1e-6, as the velocity is float32",
  atol: "dopri5: absolute tolerance",
} as Readonly<Record<keyof FfjordSettings & string, string>>;

export function check(given: Settings, where: string): FfjordSettings {
  const settings: Settings = { ...laterTraining, ...given };
  checkSettings(settings, kinds, where);
  if (settings.solver === "dopri5" && (settings.jitter as number) > 0) {
    const fix = "set jitter to 0, or solver to rk4";
    throw new InputError({
      where,
      place: "jitter",
      came: String(settings.jitter),
      expected: "0 with solver dopri5",
      fix,
    });
  }
  return settings as FfjordSettings;
}

const SMALL_TABLE = 20_000;

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
    ...settingsOf(chooseStandardizer(problem)),
    hidden: [width, width],
    activation: plane ? "tanh" : "softplus",
    beta: 1,
    time: "concatsquash",
    endTime: plane ? 0.5 : 1,
    chain: 1,
    divergence: "exact",
    probes: "gaussian",
    lambdaK: 0,
    lambdaJ: 0,
    outputScale: 1,
    solver: "rk4",
    rtol: 1e-5,
    atol: 1e-5,
    updates: plane ? 3000 : 1500,
    batchSize: Math.min(train.rows, plane ? 500 : 250),
    learningRate: 5e-3,
    schedule: "cosine",
    learningRateFloor: 0.01,
    learningRateDrop: 10,
    patience: plane ? 60 : 15,
    clamp: 0,
    weightDecay: 0,
    jitter: 0,
    averaging: 0,
    clip: plane ? 10 : 0,
    solverSteps: plane ? 6 : 4,
    scoringSteps: plane ? 16 : 8,
    substeps: plane ? "drawn" : "fixed",
    select: "nll",
    evaluateEvery: small ? 50 : 100,
    validationRows: 2000,
    retries: 1,
    largestGap: 0.05,
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
