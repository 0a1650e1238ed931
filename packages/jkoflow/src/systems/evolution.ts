/**
 * Evolutions: a start, a functional F, a time. A system follows the gradient flow of F from the start by the scheme
 *
 *   rho_k = argmin_rho F(rho) + W_2^2(rho, rho_{k-1}) / (2 h),     k = 1 ... time / h
 *
 * and gives one map for each step. (R. Jordan, D. Kinderlehrer, F. Otto, SIAM J. Math. Anal. 29 (1998), 1-17.)
 */
import type { Collisions } from "../collisions/kernel.ts";
import type { Distribution } from "../distributions/index.ts";
import type { Engine } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import type { Functional, Need } from "../functionals/index.ts";
import type { EvolutionState, StepReport } from "../jko/index.ts";
import type { Key } from "../random/index.ts";
import {
  checkSettings,
  type Declaration,
  defaultsOf,
  type Settings,
  type SettingsOf,
  setting,
  whole,
} from "../settings/index.ts";
import type { Event } from "../train/index.ts";

/** Settings of systems whose rows are drawn afresh for each step. */
export const drawn = {
  poolRows: setting(whole(1), 50_000, "rows that are drawn for a step"),
  heldOutRows: setting(whole(2), 20_000, "rows on which F is reported, and no step is trained"),
};

/** What is known of the true flow. Each part is absent where it is not. */
export interface ExactFlow {
  /** What densities and samples are of, where it is not the flow at that time. */
  readonly of?: "the target";
  /** Log-density of a row at a time, nats, in float64. */
  logDensityAt?(row: ArrayLike<number>, time: number): number;
  /** n rows of the density at a time: [n, d]. */
  sample?(key: Key, n: number, time: number): Float32Array;
  /** Mean [d] and covariance [d, d] of the density at a time. */
  momentsAt?(time: number): { readonly mean: Float64Array; readonly covariance: Float64Array };
  /** Covariance at a time: [d, d] */
  covarianceAt?(time: number): Float64Array;
  /** F of the density at a time, nats or the units of F. */
  energyAt?(time: number): number;
  /** SymKL between the exact scheme of step h and the flow at a time, nats: what no training gets below. */
  floorAt?(time: number, h: number): number;
  /** F of the steady state. */
  readonly leastEnergy?: number;
  /** F of the exact scheme of step h at a time. */
  schemeEnergyAt?(time: number, h: number): number;
}

/**
 * A start, a functional, a time.
 *
 * @example
 * ```ts
 * import { distributions, type EvolutionProblem, functionals, jkoIcnn } from "jkoflow";
 *
 * const problem: EvolutionProblem = {
 *   title: "towards a narrow normal",
 *   dimension: 2,
 *   columns: ["x", "y"],
 *   start: distributions.standardNormal(2),
 *   functional: functionals.kl(distributions.normalDistribution([1, 0], Float64Array.of(0.25, 0, 0, 0.25))),
 *   time: 1,
 *   step: 0.05,
 * };
 * jkoIcnn.checkProblem(problem);
 * console.log(jkoIcnn.defaults(problem).updates);
 * ```
 */
export interface EvolutionProblem {
  readonly title: string;
  /** Columns d. */
  readonly dimension: number;
  /** Their names. */
  readonly columns: readonly string[];
  /** Must have a sampler. */
  readonly start: Distribution;
  readonly functional: Functional;
  /** Given: the density moves by collisions, by Landau's equation, whose F is the entropy. Absent: by the gradient of F in W_2. */
  readonly collisions?: Collisions;
  /** A whole number of steps. */
  readonly time: number;
  /** h */
  readonly step: number;
  readonly exact?: ExactFlow;
  /** Rows that F is a divergence to, and others that nothing is fitted to, for reports: [n, d], [m, d]. */
  readonly target?: { readonly rows: Float32Array; readonly heldOut: Float32Array };
}

/** What a training of an evolution tells; places are such as ["step 3", "update 40"]. */
export type EvolutionEvent = Event<EvolutionState>;

/**
 * What a training ends in: one map for each step, from the start on.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, type Evolved, jkoIcnn, problems } from "jkoflow";
 *
 * const energies = ({ reports }: Evolved<unknown>): number[] => reports.map(({ energy }) => energy);
 *
 * const engine = await createEngine({ threads: 1 });
 * const problem = problems.namedProblem("ou:1", createKey(0), { time: 0.1, step: 0.05 });
 * const settings = { ...jkoIcnn.defaults(problem), width: 8, updates: 20, poolRows: 1000, heldOutRows: 500 };
 * const training = jkoIcnn.run({ engine, problem, settings, key: createKey(1) });
 * let next = await training.next();
 * while (!next.done) next = await training.next();
 * console.log(energies(next.value).length); // 3
 * engine.dispose();
 * ```
 */
export interface Evolved<C> {
  readonly start: Distribution;
  readonly map: C;
  readonly stepSize: number;
  /** From 0 to the end, where steps are not equal. */
  readonly times?: readonly number[];
  /** Weights, each [size]. */
  readonly maps: readonly Float32Array[];
  /** One row for each step: time, F, its terms, distance moved. */
  readonly reports: readonly StepReport[];
  readonly stop: string;
}

/** What is trained, with what. */
export interface EvolutionTraining<S> {
  readonly engine: Engine;
  readonly problem: EvolutionProblem;
  readonly settings: S;
  readonly key: Key;
  /** To go on from here, to the same bits. */
  readonly resume?: EvolutionState;
  /** Awaited now and then between updates and parts of a step; what it throws ends the training. */
  readonly pause?: () => Promise<void>;
}

/**
 * What a system for evolutions offers; its maps are described by C.
 *
 * @example
 * ```ts
 * import { type EvolutionSystem, evolutionSystems } from "jkoflow";
 *
 * const describe = ({ name, title }: EvolutionSystem<unknown>): string => `${name}: ${title}`;
 * console.log(Object.values(evolutionSystems).map(describe));
 * ```
 */
export interface EvolutionSystem<C> {
  readonly name: string;
  readonly title: string;
  /** Authors, venue, year, arXiv number. */
  readonly reference: string;
  readonly problem: "evolution";
  /** By which densities move. */
  readonly equation: Equation;
  /** What terms of F may ask for. */
  readonly takes: readonly Need[];
  /** Every setting: kind, default, sentence. */
  readonly settings: Declaration;
  /** @throws InputError for a problem that it cannot take; with settings, for settings that do not suit the problem. */
  checkProblem(problem: EvolutionProblem, settings?: Settings): void;
  /** What a reader of a run's figures should know of its training, in sentences; absent: nothing. */
  notes?(problem: EvolutionProblem): readonly string[];
  /** In the place of defaults, where flows of two step sizes are compared: their noise counts more than their cost. */
  readonly accurate?: Settings;
  /** Settings for this problem. */
  defaults(problem: EvolutionProblem): Settings;
  /** @throws InputError for a setting that is unknown, missing, of the wrong kind or out of range. */
  check(settings: Settings): Settings;
  /** @throws InputError for settings that `check` refuses, and for a problem that it cannot take. */
  run(training: EvolutionTraining<Settings>): AsyncGenerator<EvolutionEvent, Evolved<C>>;
}

/** The gradient flow of F in W_2, or Landau's equation for collisions. */
export type Equation = "gradient flow" | "collisions";

const equations: Readonly<Record<Equation, { readonly title: string; readonly system: string }>> = {
  "gradient flow": { title: "the gradient flow of a functional", system: "jko-icnn" },
  collisions: { title: "Landau's equation for collisions", system: "landau" },
};

export const equationOf = ({ collisions }: Pick<EvolutionProblem, "collisions">): Equation =>
  collisions ? "collisions" : "gradient flow";

/** What terms of a functional ask for, in words: said where a system does not have it. */
const needs: Readonly<Partial<Record<Need, string>>> = {
  logDensity: "the density",
  critic: "a critic",
  pair: "pairs of rows",
  host: "the host",
  together: "all rows together",
};

/** Which system has it. */
const holders: Readonly<Partial<Record<Need, string>>> = {
  critic: "variational",
  host: "jko-icnn",
  together: "jko-icnn",
};

/** @throws InputError for a term that asks for what the system does not give it. */
function checkNeeds({ terms }: Functional, takes: readonly Need[], name: string): void {
  for (const term of terms) {
    const lacking = term.needs.find((need) => !takes.includes(need));
    if (lacking === undefined) continue;
    const holder = holders[lacking];
    throw new InputError({
      where: name,
      came: `the term "${term.name}", which asks for ${needs[lacking] ?? `an integral along the way, ${lacking}`}`,
      expected: `terms that ask for no more than ${takes.map((need) => needs[need] ?? need).join(", ")}`,
      ...(holder === undefined ? {} : { fix: `the system for it is ${holder}` }),
    });
  }
}

/**
 * A system from its declaration and a training that takes settings of that type; `checkSuited`: of a problem and settings that are right each for itself; `suited`: defaults that a problem asks for.
 */
export function evolutionSystem<D extends Declaration, C>(
  from: Pick<EvolutionSystem<C>, "name" | "title" | "reference" | "takes" | "notes" | "accurate"> & {
    readonly settings: D;
    readonly equation?: Equation;
    checkProblem(problem: EvolutionProblem): void;
    checkSuited?(problem: EvolutionProblem, settings: SettingsOf<D>): void;
    suited?(problem: EvolutionProblem): Partial<SettingsOf<D>>;
    run(training: EvolutionTraining<SettingsOf<D>>): AsyncGenerator<EvolutionEvent, Evolved<C>>;
  },
): EvolutionSystem<C> {
  const { name, title, reference, checkProblem, checkSuited, notes, accurate, takes, suited, run } = from;
  const { settings: declared } = from;
  const equation = from.equation ?? "gradient flow";
  const check = (given: Settings): Settings & SettingsOf<D> => checkSettings(declared, given, name);
  return {
    name,
    title,
    reference,
    problem: "evolution",
    equation,
    takes,
    settings: declared,
    checkProblem: (problem, settings) => {
      const asked = equationOf(problem);
      if (asked !== equation) {
        const came = `${problem.title}: ${equations[asked].title}`;
        const fix = `the system for it is ${equations[asked].system}`;
        throw new InputError({ where: name, came, expected: equations[equation].title, fix });
      }
      checkNeeds(problem.functional, takes, name);
      checkProblem(problem);
      if (settings !== undefined) checkSuited?.(problem, check(settings));
    },
    ...(notes ? { notes } : {}),
    ...(accurate ? { accurate } : {}),
    defaults: (problem) => ({ ...defaultsOf(declared), ...suited?.(problem) }),
    check,
    run: (training) => run({ ...training, settings: check(training.settings) }),
  };
}
