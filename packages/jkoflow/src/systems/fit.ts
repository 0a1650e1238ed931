/** Training in one call, for callers who need no stream of events. */
import { checkProblem, type RawProblem } from "../data/index.ts";
import { checkEngine } from "../engine/checkEngine.ts";
import type { Engine } from "../engine/index.ts";
import { cameOf } from "../errors/came.ts";
import { InputError } from "../errors/index.ts";
import { nearestName } from "../errors/nearestName.ts";
import { encodeProblem } from "../model/index.ts";
import { createKey, fold } from "../random/index.ts";
import { checkKey } from "../random/key.ts";
import { efforts, purposes } from "../settings/index.ts";
import type { Event } from "../train/index.ts";
import { jkoIflow } from "./jkoIflow.ts";
import { startTraining, type TrainingOptions } from "./startTraining.ts";
import type { System, Trained, TrainingState, Wish } from "./system.ts";

/**
 * Which system `fit` trains with which settings; by default JKO-iFlow with the settings for the table.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, data, type FitOptions, ffjord, fit } from "jkoflow";
 *
 * const engine = await createEngine({ threads: 1 });
 * const rows = (name: string, n: number) => data.createTable(data.toys.moons.sample(createKey(name), n), 2);
 * const problem = { train: rows("train", 500), validation: rows("validation", 100) };
 * const options: FitOptions = {
 *   system: ffjord,
 *   settings: { hidden: [8], updates: 5 },
 *   key: createKey(7),
 *   onEvent: ({ type, place }) => console.log(type, ...place),
 * };
 * const { model } = await fit(engine, problem, options);
 * console.log(model.system);
 * engine.dispose();
 * ```
 */
export interface FitOptions extends Pick<TrainingOptions, "settings" | "preset" | "key" | keyof Wish> {
  /** Default JKO-iFlow. */
  readonly system?: System;
  readonly onEvent?: (event: Event<TrainingState>) => void;
}

/**
 * What `fit` gives: the model, why training ended, and how exactly its flow is solved.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, data, type FitResult, fit } from "jkoflow";
 *
 * const engine = await createEngine({ threads: 1 });
 * const rows = (name: string, n: number) => data.createTable(data.toys.moons.sample(createKey(name), n), 2);
 * const problem = { train: rows("train", 500), validation: rows("validation", 100) };
 * const settings = { blocks: 1, hidden: [8], updates: 5 };
 * const result: FitResult = await fit(engine, problem, { settings });
 * console.log(result.model.system, result.model.standardizer.columns); // jko-iflow [ 'x1', 'x2' ]
 * engine.dispose();
 * ```
 */
export type FitResult = Trained;

/**
 * Train a model on a table and judge it by held-out rows on the way. With a schema (`data.fitSchema`) the tables hold raw rows,
 * and so do those that `openTable` scores and samples by the model.
 *
 * @throws InputError for settings or tables that do not fit, options it does not know, and numbers that are not finite
 * (naming table, row and column).
 *
 * @example
 * ```ts
 * import { createEngine, createKey, data, fit, openModel } from "jkoflow";
 *
 * const engine = await createEngine({ threads: 1 });
 * const rows = (name: string, n: number) => data.createTable(data.toys.moons.sample(createKey(name), n), 2);
 * const problem = { train: rows("train", 500), validation: rows("validation", 100) };
 * const settings = { blocks: 1, hidden: [8], updates: 5 };
 * const { model } = await fit(engine, problem, { settings });
 * const density = openModel(engine, model);
 * console.log(density.logProb(rows("test", 3)).length); // 3
 * console.log(density.sample(createKey(1), 5).rows); // 5
 * engine.dispose();
 * ```
 */
export async function fit(engine: Engine, raw: RawProblem, options: FitOptions = {}): Promise<FitResult> {
  checkEngine(engine);
  checkProblem(raw);
  checkOptions(options, jkoIflow);
  const { system = jkoIflow, key = createKey(0), onEvent } = options;
  const { problem, finish } = encodeProblem(raw, fold(key, "encode"));
  const training = startTraining(system, problem, { ...options, key }).run(engine);
  for (;;) {
    const next = await training.next();
    if (next.done) return { ...next.value, model: finish(engine, next.value.model) };
    onEvent?.(next.value);
  }
}

/** What `fit` does not know would be ignored in silence. */
const known: readonly (keyof FitOptions)[] = ["system", "settings", "preset", "key", "onEvent", "purpose", "effort"];

const isObject = (x: unknown): x is object => typeof x === "object" && x !== null && !Array.isArray(x);
const refuse = (where: string, value: unknown, expected: string, fix?: string): never => {
  throw new InputError({ where, came: cameOf(value), expected, fix });
};

/** @throws InputError for an unknown option (naming the nearest known one), or one of the wrong kind. */
function checkOptions(options: FitOptions, standard: System): void {
  if (!isObject(options)) refuse("options", options, `some of { ${known.join(", ")} }`);
  const { system = standard, settings, key, onEvent, purpose = "density", effort = "normal" } = options;
  if (!isSystem(system)) refuse("system", system, 'a system, such as jkoIflow or systems["ot-flow"]');
  for (const name of Object.keys(options)) {
    if ((known as readonly string[]).includes(name)) continue;
    const near = nearestName(name, known);
    const isSetting = Object.hasOwn(system.settings ?? {}, name);
    const fix = isSetting ? `give it in settings: { ${name} }` : near && `did you mean ${near}?`;
    throw new InputError({ where: "options", came: name, expected: `one of ${known.join(", ")}`, fix });
  }
  if (settings !== undefined && !isObject(settings)) refuse("settings", settings, "values by name: { blocks: 4 }");
  if (key !== undefined) checkKey(key);
  if (onEvent !== undefined && typeof onEvent !== "function") refuse("onEvent", onEvent, "a function");
  if (!efforts.includes(effort)) refuse("effort", effort, efforts.join(" | "));
  if (!purposes.includes(purpose)) refuse("purpose", purpose, purposes.join(" | "));
}

const isSystem = (x: Partial<System> | null): boolean =>
  [x?.defaults, x?.check, x?.train].every((part) => typeof part === "function") && Array.isArray(x?.wishes);
