/** A flow along a functional in one call, for callers who need no stream of events. */
import { type Chain, type OpenChain, openChain } from "../chain/index.ts";
import { checkEngine } from "../engine/checkEngine.ts";
import type { Engine } from "../engine/index.ts";
import { cameOf } from "../errors/came.ts";
import { InputError } from "../errors/index.ts";
import type { StepReport } from "../jko/index.ts";
import { createKey, type Key } from "../random/index.ts";
import { checkKey } from "../random/key.ts";
import type { Settings } from "../settings/index.ts";
import type { EvolutionEvent, EvolutionProblem, Evolved } from "./evolution.ts";
import {
  type AnyEvolutionSystem,
  checkEvolutionSettings,
  evolutionSystems,
  type MapConfig,
  systemFor,
} from "./evolutionSystems.ts";
import { jkoIcnn } from "./jkoIcnn.ts";

/** With which system `evolve` trains, by default JKO-ICNN (of collisions: landau), and with which settings besides its defaults. */
export interface EvolveOptions {
  readonly system?: AnyEvolutionSystem;
  readonly settings?: Settings;
  readonly key?: Key;
  readonly onEvent?: (event: EvolutionEvent) => void;
}

/** The flow, open and as data, F at every step, and why training ended. */
export interface Evolution {
  /** What `encodeChain` writes. */
  readonly flow: Chain;
  /** Samples and log-densities at every time of the scheme, as far as the maps give them. */
  readonly open: OpenChain;
  readonly reports: readonly StepReport[];
  readonly stop: string;
}

const KNOWN: readonly (keyof EvolveOptions)[] = ["system", "settings", "key", "onEvent"];

/**
 * Follow the gradient flow of a functional from a start, by steps of the JKO scheme.
 *
 * @throws InputError for a problem that the system cannot take, settings that do not fit, and options it does not know.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, evolve, problems } from "jkoflow";
 *
 * const engine = await createEngine({ threads: 1 });
 * const problem = problems.ownProblem({ start: "normal:1", potential: "cos(3*x) + x^2/2", time: 0.1, step: 0.05 });
 * const settings = { width: 8, updates: 20, poolRows: 1000, heldOutRows: 500 };
 * const { open } = await evolve(engine, problem, { settings });
 * console.log(open.sample?.(createKey(1), 5, { at: 0.05 }).values.length); // 5
 * console.log(open.logProb?.([0.5], { at: 0.1 }).length); // 1
 * engine.dispose();
 * ```
 */
export async function evolve(
  engine: Engine,
  problem: EvolutionProblem,
  options: EvolveOptions = {},
): Promise<Evolution> {
  checkEngine(engine);
  const unknown = Object.keys(options).find((name) => !KNOWN.some((known) => known === name));
  if (unknown !== undefined)
    throw new InputError({ where: "options", came: unknown, expected: `one of ${KNOWN.join(", ")}` });
  const { settings: given = {}, key = createKey(0), onEvent } = options;
  if (typeof problem?.dimension !== "number" || problem.start === undefined || problem.functional === undefined) {
    const fix = "problems.namedProblem and problems.ownProblem make one";
    const expected = "an evolution problem: a start, a functional, a time, a step";
    throw new InputError({ where: "problem", came: cameOf(problem), expected, fix });
  }
  checkKey(key);
  const system = options.system ?? evolutionSystems[systemFor(problem, jkoIcnn.name)];
  const settings = checkEvolutionSettings(system, problem, given);
  const training = system.run({ engine, problem, settings, key });
  for (;;) {
    const next = await training.next();
    if (!next.done) {
      onEvent?.(next.value);
      continue;
    }
    const flow = chainOf(system.name, problem.columns, next.value);
    const open = openChain(flow, { start: problem.start });
    return { flow, open, reports: next.value.reports, stop: next.value.stop };
  }
}

/**
 * What was trained, as a chain from the start whose times are those of the scheme.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, jkoIcnn, problems } from "jkoflow";
 * import { chainOf } from "jkoflow/systems";
 *
 * const engine = await createEngine({ threads: 1 });
 * const problem = problems.namedProblem("ou:1", createKey(0), { time: 0.1, step: 0.05 });
 * const settings = { ...jkoIcnn.defaults(problem), width: 8, updates: 20, poolRows: 1000, heldOutRows: 500 };
 * const training = jkoIcnn.run({ engine, problem, settings, key: createKey(1) });
 * let next = await training.next();
 * while (!next.done) next = await training.next();
 * console.log(chainOf("jko-icnn", problem.columns, next.value).times); // [ 0, 0.05, 0.1 ]
 * engine.dispose();
 * ```
 */
export const chainOf = (
  system: string,
  columns: readonly string[],
  { map, maps, stepSize, times }: Pick<Evolved<MapConfig>, "map" | "maps" | "stepSize" | "times">,
): Chain => ({
  system,
  columns,
  base: "start",
  direction: "from base",
  parts: maps.map((weights) => ({ config: map, weights })),
  // Without the dust of the product.
  times: (times ?? [0, ...maps.map((_, k) => (k + 1) * stepSize)]).map((time) => Number(time.toPrecision(12))),
});
