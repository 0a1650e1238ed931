/**
 * A training that is resolved and can begin: defaults for the table, preset, check and keys, once and in this order, for
 * library, command and benchmarks alike. With the same tables, options and key all of them come to the same bits.
 *
 *   settings = check({ defaults(problem, fold(key, "defaults")), preset, settings })
 *   training = train(engine, problem, settings, fold(key, "train"))
 */
import type { Engine } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import { createKey, fold, type Key } from "../random/index.ts";
import type { Settings } from "../settings/index.ts";
import type { Event } from "./event.ts";
import {
  checkConditions,
  checkWish,
  type Problem,
  type System,
  type Trained,
  type TrainingEvent,
  type TrainingState,
  type Wish,
} from "./system.ts";
import { eventOf } from "./trainingEvents.ts";

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

/** A training before its first update. */
export interface Training {
  readonly system: System;
  /** Every setting of the system. */
  readonly settings: Settings;
  /** Trains; `resume` is the state of an event of an earlier training of the same tables, settings and key. */
  readonly run: (engine: Engine, resume?: TrainingState) => AsyncGenerator<Event<TrainingState>, Trained>;
}

/**
 * Resolves a training.
 *
 * @throws InputError for conditions or wishes that the system does not know, an unknown preset, a preset beside an effort, and
 * settings of the wrong name, kind or range.
 *
 * @example
 * ```ts
 * const training = startTraining(systems["ot-flow"], { train, validation }, { preset: "published", key: createKey(1) });
 * console.log(training.settings);
 * for await (const { place, values } of training.run(engine)) console.log(...place, values.loss);
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
    run: (engine, resume) => told(system.train(engine, problem, settings, fold(key, "train"), resume), resume),
  };
}

/** A training with its events in their one shape. */
async function* told(
  training: AsyncGenerator<TrainingEvent, Trained>,
  resume: TrainingState | undefined,
): AsyncGenerator<Event<TrainingState>, Trained> {
  let trained: Trained | undefined;
  async function* watched(): AsyncGenerator<TrainingEvent, void> {
    trained = yield* training;
  }
  for await (const event of watched()) yield eventOf(event, resume);
  return trained!;
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
  return settled(presets[preset](problem));
}

/** Without names that have no value: these are not to take the place of a default. */
const settled = (part: Readonly<Partial<Settings>>): Settings =>
  Object.fromEntries(Object.entries(part).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
