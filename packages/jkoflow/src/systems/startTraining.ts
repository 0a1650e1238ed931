/**
 * A training that is resolved and can begin: defaults for the table, preset, check and keys, once and in this order, for
 * library, command and benchmarks alike. With the same tables, options and key all of them come to the same bits.
 *
 *   settings = check({ defaults(problem, fold(key, "defaults")), preset, settings })
 *   training = train(engine, problem, settings, fold(key, "train"))
 */

import type { Problem } from "../data/index.ts";
import type { Engine } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import { createKey, fold, type Key } from "../random/index.ts";
import type { Settings } from "../settings/index.ts";
import type { System, Trained, TrainingEvent, TrainingState, Wish } from "./system.ts";

/**
 * How a training is to differ from the defaults for its table.
 *
 * @example
 * ```ts
 * import { createKey, data, otFlow, startTraining, type TrainingOptions } from "jkoflow";
 *
 * const rows = (name: string, n: number) => data.createTable(data.toys.moons.sample(createKey(name), n), 2);
 * const problem = { train: rows("train", 500), validation: rows("validation", 100) };
 * const options: TrainingOptions = { preset: "published", settings: { updates: 20 }, key: createKey(3) };
 * console.log(startTraining(otFlow, problem, options).settings.updates); // 20
 * ```
 */
export interface TrainingOptions extends Wish {
  /** Settings that differ from the defaults for this table. */
  readonly settings?: Settings | undefined;
  /** A set of settings of the system, such as those of its publication, in place of some of its defaults. */
  readonly preset?: string | null | undefined;
  /** Default createKey(0). */
  readonly key?: Key | undefined;
  /** "none": `settings` are all there are, as those that another training of this kind came to. */
  readonly defaults?: "for this table" | "none" | undefined;
}

/**
 * A training before its first update.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, data, encodeModel, type Engine, jkoIflow, startTraining, type Training } from "jkoflow";
 *
 * async function bytesOf(training: Training, engine: Engine): Promise<Uint8Array> {
 *   const events = training.run(engine);
 *   for (;;) {
 *     const next = await events.next();
 *     if (next.done) return encodeModel(next.value.model);
 *   }
 * }
 *
 * const engine = await createEngine({ threads: 1 });
 * const rows = (name: string, n: number) => data.createTable(data.toys.moons.sample(createKey(name), n), 2);
 * const problem = { train: rows("train", 500), validation: rows("validation", 100) };
 * const training = startTraining(jkoIflow, problem, { settings: { blocks: 1, hidden: [8], updates: 5 } });
 * console.log(training.settings.hidden); // [ 8 ]
 * console.log((await bytesOf(training, engine)).length > 0); // true
 * engine.dispose();
 * ```
 */
export interface Training {
  readonly system: System;
  /** Every setting of the system. */
  readonly settings: Settings;
  /** Trains; `resume` is the state of an event of an earlier training of the same tables, settings and key. */
  readonly run: (engine: Engine, resume?: TrainingState) => AsyncGenerator<TrainingEvent, Trained>;
}

/**
 * Resolves a training.
 *
 * @throws InputError for conditions or wishes that the system does not know, an unknown preset, a preset beside an effort, and
 * settings of the wrong name, kind or range.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, data, startTraining, systems } from "jkoflow";
 *
 * const engine = await createEngine({ threads: 1 });
 * const rows = (name: string, n: number) => data.createTable(data.toys.moons.sample(createKey(name), n), 2);
 * const problem = { train: rows("train", 500), validation: rows("validation", 100) };
 * const settings = { hidden: [8], updates: 5 };
 * const training = startTraining(systems.rnode, problem, { settings, key: createKey(1) });
 * for await (const { type, place, values } of training.run(engine)) console.log(type, ...place, values.loss);
 * engine.dispose();
 * ```
 */
export function startTraining(system: System, problem: Problem, options: TrainingOptions = {}): Training {
  const { key = createKey(0), defaults = "for this table" } = options;
  checkConditions(system, problem);
  checkWish(system, options);
  const preset = presetOf(system, problem, options);
  const found = defaults === "none" ? {} : system.defaults(problem, fold(key, "defaults"), options);
  const settings = system.check({ ...found, ...preset, ...options.settings });
  return {
    system,
    settings,
    run: (engine, resume) => system.train(engine, problem, settings, fold(key, "train"), resume),
  };
}

function presetOf({ title, presets = {} }: System, problem: Problem, { preset, effort }: TrainingOptions): Settings {
  if (preset === undefined || preset === null) return {};
  if (!Object.hasOwn(presets, preset)) {
    const known = Object.keys(presets);
    const expected = known.length > 0 ? known.join(" | ") : `none, ${title} has no presets`;
    throw new InputError({ where: "preset", came: JSON.stringify(preset), expected });
  }
  if (effort !== undefined && effort !== "normal") {
    const came = `${preset} beside effort ${effort}`;
    throw new InputError({ where: "preset", came, expected: "one of the two: a preset has its own updates" });
  }
  return presets[preset](problem);
}

/** @throws InputError when a system that knows no conditions is given some: it would ignore them. */
function checkConditions({ name, conditions }: System, problem: Problem): void {
  if (problem.conditions === undefined || conditions === "accepted") return;
  const [came, fix] = [`given columns for ${name}`, "use jko-iflow, or leave the condition out"];
  throw new InputError({ where: "condition", came, expected: "a system that takes them", fix });
}

/** @throws InputError when a system is asked for an effort or a purpose that it would ignore. */
function checkWish({ name, wishes }: System, { effort = "normal", purpose = "density" }: Wish): void {
  const refuse = (where: string, came: string, expected: string): never => {
    const fix = "use jko-iflow, or choose settings of this system";
    throw new InputError({ where, came: `${came} for ${name}`, expected, fix });
  };
  if (effort !== "normal" && !wishes.includes("effort")) refuse("effort", effort, "normal");
  if (purpose !== "density" && !wishes.includes("purpose")) refuse("for", purpose, "density");
}
