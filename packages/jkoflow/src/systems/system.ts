/** What every system offers: settings with defaults for a table, and training as a stream of events that ends in a model. */
import type { Problem } from "../data/index.ts";
import type { Engine } from "../engine/index.ts";
import { type FlowEvent, type FlowPlan, type FlowState, type TrainedFlow, trainFlow } from "../jko/index.ts";
import type { Key } from "../random/index.ts";
import {
  checkSettings,
  type Declaration,
  type Effort,
  type Purpose,
  type Settings,
  type SettingsOf,
  type standardization,
} from "../settings/index.ts";

/** All that is needed to go on with a run, besides its data, settings and key. */
export type TrainingState = FlowState;

export type TrainingEvent = FlowEvent;

export type Trained = TrainedFlow;

/** What defaults are chosen for; by default "density" at "normal" effort. */
export interface Wish {
  readonly purpose?: Purpose | undefined;
  readonly effort?: Effort | undefined;
}

/** What the definition of a system and the system have in common; S: its settings. */
interface About<S> {
  readonly name: string;
  readonly title: string;
  /** Authors, venue, year, arXiv number. */
  readonly reference: string;
  /** That it trains p(x | y); else a problem with conditions is refused. */
  readonly conditions?: "accepted";
  /** What its defaults depend on; any other wish than normal effort for densities is refused. */
  readonly wishes: readonly (keyof Wish)[];
  /** Settings for this table; nothing in it needs tuning by the user. */
  defaults(problem: Problem, key: Key, wish?: Wish): S;
  /** Sets of settings by name that stand in for some of the defaults, such as those of the publication. */
  readonly presets?: Readonly<Record<string, (problem: Problem) => Settings>>;
}

/**
 * A system as it is offered; who uses it by name need not know what its settings are.
 *
 * @example
 * ```ts
 * import { type System, systems } from "jkoflow";
 *
 * const describe = ({ title, reference }: System): string => `${title}: ${reference}`;
 * console.log(Object.values(systems).map(describe).join("\n"));
 * ```
 */
export interface System<S extends Settings = Settings> extends About<S> {
  /** Every setting: its kind, default, and a line on what it does. */
  readonly settings: Declaration;
  /** @throws InputError for a setting of the wrong kind or range. */
  check(settings: Settings): S;
  /** @throws InputError as `check` does. */
  train(
    engine: Engine,
    problem: Problem,
    settings: Settings,
    key: Key,
    resume?: TrainingState,
  ): AsyncGenerator<TrainingEvent, Trained>;
}

/** Its flow and how it is trained, but for its name, its settings, and what they say of the table. */
export type SystemPlan = Omit<FlowPlan, "system" | "settings" | "standardization">;

/** A system as its file writes it down. */
export interface SystemDefinition<D extends Declaration & typeof standardization>
  extends About<Settings & SettingsOf<D>> {
  readonly settings: D;
  /** What settings must not be together. @throws InputError */
  together?(settings: SettingsOf<D>, where: string): void;
  plan(problem: Problem, settings: Settings & SettingsOf<D>): SystemPlan;
}

/** The system of a definition: its declaration checks what comes in. */
export function system<D extends Declaration & typeof standardization>(
  definition: SystemDefinition<D>,
): System<Settings & SettingsOf<D>> {
  const { together, plan, ...about } = definition;
  const { name } = definition;
  const check = (given: Settings): Settings & SettingsOf<D> => {
    const settings = checkSettings(definition.settings, given, name);
    together?.(settings, name);
    return settings;
  };
  return {
    ...about,
    check,
    train(engine, problem, given, key, resume) {
      const settings = check(given);
      const { standardize: kind, transform } = settings as SettingsOf<typeof standardization>;
      return trainFlow(
        engine,
        problem,
        { system: name, settings, standardization: { kind, transform }, ...plan(problem, settings) },
        key,
        resume,
      );
    },
  };
}
