/**
 * Tempered sequential Monte Carlo, and a mixture of Gaussians fitted to its rows: what samples and weighs a density without any
 * training, and what everything that is trained has to be held against.
 *
 * A. Doucet's, P. Del Moral's and A. Jasra's samplers (J. R. Stat. Soc. B 68 (2006), 411-436) with moves by Hamiltonian Monte
 * Carlo: sampling/smc.ts. Ours: rows set out from a mixture of Gaussians of three widths (sampling/base.ts). Two estimates of
 * ln Z are told: that of the way, which holds whatever the mixture is worth, and that of the mixture's importance weights.
 */
import type { Engine } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import { fold, type Key } from "../random/index.ts";
import {
  checkTarget,
  type Described,
  describeRows,
  evaluatorOf,
  logZOf,
  type SmcSettings,
  type SmcState,
  smc,
  targetOf,
  wideBase,
} from "../sampling/index.ts";
import { checkSettings, defaultsOf, type Settings, type SettingsOf, setting, share, whole } from "../settings/index.ts";
import { createBreather, type Event } from "../train/index.ts";
import { type EvolutionProblem, equationOf } from "./evolution.ts";

const settings = {
  population: setting(whole(100), 10_000, "rows that are brought to the target, the particles of the method"),
  groups: setting(whole(2), 16, "groups of rows that never meet: the spread of their Z is its standard error"),
  ess: setting(share, 0.95, "share of the rows that the effective sample size comes to by a change of temperature"),
  leaps: setting(whole(1), 10, "leapfrog steps of a move"),
  moves: setting(whole(1), 6, "moves at a temperature, at least; three times as many at the last"),
};

/** All that a run goes on from. */
export interface SmcRunState {
  readonly format: 1;
  /** After a temperature; absent before the first. */
  readonly run?: SmcState;
}

export type SmcEvent = Event<SmcRunState>;

/** What a run ends with. */
export interface SmcResult extends Described {
  /** Of the target. [n, d] */
  readonly rows: Float32Array;
  /** ln Z by the way, nats. */
  readonly logZ: number;
  readonly logZError: number;
  readonly temperatures: number;
  readonly acceptance: number;
  /** Rows at which the log-density of the target was evaluated, with its slopes. */
  readonly evaluations: number;
}

export interface SmcRun {
  readonly engine: Engine;
  readonly problem: EvolutionProblem;
  readonly settings: Settings;
  readonly key: Key;
  readonly resume?: SmcRunState | undefined;
  readonly pause?: (() => Promise<void>) | undefined;
}

/**
 * Tempered SMC for the target of a problem of `jko infer`.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, problems } from "jkoflow";
 * import { temperedSmc } from "jkoflow/systems";
 *
 * const engine = await createEngine({ threads: 1 });
 * const problem = problems.namedTargets.banana.make(2, createKey(0), { time: 4, step: 0.2 });
 * const settings = { ...temperedSmc.defaults, population: 1600 };
 * const run = temperedSmc.run({ engine, problem, settings, key: createKey(1) });
 * let next = await run.next();
 * while (!next.done) next = await run.next();
 * const { logZ, logZError, rows } = next.value;
 * console.log(Math.abs(logZ) < 5 * logZError, rows.length); // true 3200
 * engine.dispose();
 * ```
 */
export const temperedSmc = {
  name: "smc",
  title: "tempered sequential Monte Carlo",
  reference: "Del Moral, Doucet, Jasra, J. R. Stat. Soc. B 68 (2006), 411-436",
  settings,
  defaults: defaultsOf(settings),
  /** @throws InputError for a problem that is no target with a start that gives samples. */
  checkProblem: (problem: EvolutionProblem): void => {
    const came = problem.title;
    if (equationOf(problem) !== "gradient flow")
      throw new InputError({ where: "smc", came, expected: "KL to a density: an entropy and a potential" });
    checkTarget(problem.functional);
    if (!problem.start.sample)
      throw new InputError({ where: "start", came: problem.start.title, expected: "one that gives samples" });
  },
  /** @throws InputError for a setting that is unknown, missing or of the wrong kind. */
  check: (given: Settings): Settings & SettingsOf<typeof settings> => checkSettings(settings, given, "smc"),
  run: runSmc,
} as const;

async function* runSmc({
  engine,
  problem: { start, functional, dimension: d },
  settings: given,
  key,
  resume,
  pause,
}: SmcRun): AsyncGenerator<SmcEvent, SmcResult, void> {
  const { population, ...others } = temperedSmc.check(given);
  const settings: SmcSettings = { particles: population, ...others };
  const { sample } = start;
  if (sample === undefined)
    throw new InputError({ where: "start", came: start.title, expected: "one that gives samples" });
  const sampled = { ...start, sample };
  const target = targetOf(engine, functional, d);
  const breathe = createBreather(pause);
  const stateOf = (run?: SmcState): SmcRunState => ({ format: 1, ...(run ? { run } : {}) });
  try {
    yield { type: "start", place: [], values: { population }, state: () => resume ?? stateOf() };
    const law = wideBase(sampled);
    const base = evaluatorOf(engine, law);
    try {
      const run = smc({ base, target }, law.sample, settings, fold(key, "run"), resume?.run);
      let next = await run.next();
      let acceptance = resume?.run?.acceptance ?? 0;
      while (!next.done) {
        const state = stateOf(next.value);
        const { temperature, temperatures, stepSize: leapfrog, evaluations } = next.value;
        const { value: logZ, error: logZError } = logZOf(next.value.logZ);
        acceptance = next.value.acceptance;
        const values = { temperature, logZ, logZError, acceptance, leapfrog, evaluations };
        yield { type: "step", place: [`temperature ${temperatures}`], values, state: () => state };
        await breathe();
        next = await run.next();
      }
      const { rows, temperatures, logZ: groups } = next.value;
      const { value: logZ, error: logZError } = logZOf(groups);
      const described = await describeRows(rows, target, fold(key, "describe"));
      const evaluations = next.value.evaluations + described.evaluations;
      return { ...described, rows, logZ, logZError, temperatures, acceptance, evaluations };
    } finally {
      base.dispose();
    }
  } finally {
    target.dispose();
  }
}
