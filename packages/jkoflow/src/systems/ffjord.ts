/**
 * FFJORD: a free velocity network trained by maximum likelihood alone; and RNODE: the same with two integrals that keep it
 * easy to solve.
 *
 * Will Grathwohl, Ricky Chen, Jesse Bettencourt, Ilya Sutskever, David Duvenaud, "FFJORD", ICLR 2019, arXiv:1810.01367.
 * Chris Finlay, Joern-Henrik Jacobsen, Levon Nurbekyan, Adam Oberman, "How to train your neural ODE", ICML 2020,
 * arXiv:2002.02798.
 *
 *   x' = f_k(x, t),  t in [0, T_k],  T_k = tau_k^2 learned;  k = 1 ... K one after the other, trained together
 *   log p(x) = log N(x(T); 0, I) + sum_k int div f_k dt
 *   loss = -E[log p] / (d ln 2) + lambda_K E[int mean f^2 / 2 dt] + lambda_J E[int mean (e^T df/dx)^2 dt]
 *
 * Bits per dimension set the strength of the two lambdas; the loss that is reported is d ln 2 times this, in nats. With the
 * lambdas 0 the terms are not there and RNODE is FFJORD, to the last bit.
 * Departures, with reasons: the gradient is that of the discrete solution; the divergence of one or two hidden layers is
 * exact at no further cost (maps/field.ts), of held-out and test rows always.
 */

import { SMALLEST_FLOAT32_RTOL } from "../chain/index.ts";
import type { Problem } from "../data/index.ts";
import { InputError } from "../errors/index.ts";
import { type Functional, jacobian, kinetic, likelihood, sum } from "../functionals/index.ts";
import { sharedGrowth } from "../jko/index.ts";
import type { MlpConfig } from "../nn/index.ts";
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
import { presets } from "./published/ffjord.ts";
import { type System, type SystemPlan, system, type Wish } from "./system.ts";

const settings = {
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
function together({ solver, jitter }: FfjordSettings, where: string): void {
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
function defaults(problem: Problem, _key: Key, { effort }: Wish = {}): FfjordSettings {
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
const rnodeDefaults = (problem: Problem, key: Key, wish?: Wish): FfjordSettings => ({
  ...defaults(problem, key, wish),
  divergence: "hutchinson",
  lambdaK: 0.01,
  lambdaJ: 0.01,
  outputScale: 0,
});

/** The likelihood and the two penalties in nats; without them for lambdas of 0. */
function objectiveOf({ lambdaK, lambdaJ }: FfjordSettings, dimension: number): Functional {
  const nats = dimension * Math.LN2;
  return sum([1, likelihood()], [lambdaK * nats, kinetic()], [lambdaJ * nats, jacobian()]);
}

function plan({ train }: Problem, settings: FfjordSettings): SystemPlan {
  const { hidden, time, endTime, beta, divergence, probes, chain, rtol, atol } = settings;
  const dimension = train.columns.length;
  const activation = settings.activation === "tanh" ? { kind: "tanh" as const } : { kind: "softplus" as const, beta };
  const field: MlpConfig = { kind: "mlp", dimension, hidden, activation, time, ...(endTime ? { endTime } : {}) };
  const growth = sharedGrowth(settings);
  const adaptive = settings.solver === "dopri5" ? { adaptive: { rtol, atol } } : {};
  return {
    standardization: { kind: settings.standardize, transform: settings.transform },
    block: () => ({ field, divergence, chain }),
    growth: {
      ...growth,
      largestBlocks: 1,
      outputScale: settings.outputScale,
      step: { ...growth.step, ...adaptive, probes, objective: objectiveOf(settings, dimension) },
    },
    notes: [`${chain} ${chain === 1 ? "field" : "fields"} trained together`],
  };
}

/**
 * FFJORD (arXiv:1810.01367): likelihood alone, one chain of fields trained together; losses in nats. It knows no
 * conditions. `check` throws InputError for a setting of the wrong kind or range, and for jitter with solver dopri5.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, data, ffjord, fit } from "jkoflow";
 *
 * const engine = await createEngine({ threads: 1 });
 * const rows = (name: string, n: number) => data.createTable(data.toys.moons.sample(createKey(name), n), 2);
 * const problem = { train: rows("train", 500), validation: rows("validation", 100) };
 * const settings = { hidden: [8], updates: 5 };
 * const { model } = await fit(engine, problem, { system: ffjord, settings });
 * console.log(model.system); // ffjord
 * engine.dispose();
 * ```
 */
export const ffjord: System<FfjordSettings> = system({
  name: "ffjord",
  title: "FFJORD",
  reference: "Grathwohl, Chen, Bettencourt, Sutskever, Duvenaud, FFJORD, ICLR 2019, arXiv:1810.01367",
  wishes: ["effort"],
  settings,
  together,
  defaults,
  presets,
  plan,
});

/**
 * RNODE (arXiv:2002.02798): FFJORD with the kinetic and the Jacobian integral in its loss; settings, checks and units as
 * those of `ffjord`.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, data, fit, rnode } from "jkoflow";
 *
 * const engine = await createEngine({ threads: 1 });
 * const rows = (name: string, n: number) => data.createTable(data.toys.moons.sample(createKey(name), n), 2);
 * const problem = { train: rows("train", 500), validation: rows("validation", 100) };
 * const settings = { hidden: [8], updates: 5 };
 * const { model } = await fit(engine, problem, { system: rnode, settings });
 * console.log(model.system); // rnode
 * engine.dispose();
 * ```
 */
export const rnode: System<FfjordSettings> = system({
  name: "rnode",
  title: "RNODE",
  reference: "Finlay, Jacobsen, Nurbekyan, Oberman, How to train your neural ODE, ICML 2020, arXiv:2002.02798",
  wishes: ["effort"],
  settings,
  together,
  defaults: rnodeDefaults,
  presets,
  plan,
});
