/** What every system offers: settings with defaults for a table, and training as a stream of events that ends in a model. */
import type { Engine } from "../engine/index.ts";
import type { Problem, Settings, Trained, TrainingEvent, TrainingState } from "../jko/index.ts";
import type { Key } from "../random/index.ts";

export type { Problem, Setting, Settings, Trained, TrainingEvent, TrainingState } from "../jko/index.ts";

export interface System<S extends Settings = Settings> {
  readonly name: string;
  readonly title: string;
  /** Authors, venue, year, arXiv number. */
  readonly reference: string;
  /** Every setting with a line on what it does. */
  readonly describe: Readonly<Record<keyof S & string, string>>;
  /** Settings for this table; nothing in it needs tuning by the user. */
  defaults(problem: Problem, key: Key): S;
  /** Sets of settings by name that stand in for some of the defaults, such as those of the publication. */
  readonly presets?: Readonly<Record<string, (problem: Problem) => Partial<S>>>;
  /** @throws InputError for a setting of the wrong kind or range. */
  check(settings: Settings): S;
  train(
    engine: Engine,
    problem: Problem,
    settings: S,
    key: Key,
    resume?: TrainingState,
  ): AsyncGenerator<TrainingEvent, Trained>;
}
