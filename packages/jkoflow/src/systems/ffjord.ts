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

import type { Problem } from "../data/index.ts";
import { type Functional, jacobian, kinetic, likelihood, sum } from "../functionals/index.ts";
import { sharedGrowth } from "../jko/index.ts";
import { type MlpConfig, namedActivation } from "../nn/index.ts";
import { defaults, type FfjordSettings, rnodeDefaults, settings, together } from "./ffjordSettings.ts";
import { presets } from "./published/ffjord.ts";
import { type System, type SystemPlan, system } from "./system.ts";

/** The likelihood and the two penalties in nats; without them for lambdas of 0. */
function objectiveOf({ lambdaK, lambdaJ }: FfjordSettings, dimension: number): Functional {
  const nats = dimension * Math.LN2;
  return sum([1, likelihood()], [lambdaK * nats, kinetic()], [lambdaJ * nats, jacobian()]);
}

function plan({ train }: Problem, settings: FfjordSettings): SystemPlan {
  const { hidden, time, endTime, divergence, probes, chain, rtol, atol } = settings;
  const dimension = train.columns.length;
  const end = endTime ? { endTime } : {};
  const field: MlpConfig = { kind: "mlp", dimension, hidden, activation: namedActivation(settings), time, ...end };
  const growth = sharedGrowth(settings);
  const adaptive = settings.solver === "dopri5" ? { adaptive: { rtol, atol } } : {};
  return {
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

const common = { wishes: ["effort"], settings, together, presets, plan } as const;

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
  defaults,
  ...common,
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
  defaults: rnodeDefaults,
  ...common,
});
