/** What every system offers: settings with defaults for a table, and training as a stream of events that ends in a model. */
import type { Bounds, ConditionRows, Table } from "../data/index.ts";
import type { Engine } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import type { FlowEvent, FlowState, TrainedFlow } from "../jko/index.ts";
import type { Key } from "../random/index.ts";

/** Tables with the same columns, in the user's units. */
export interface Problem {
  readonly train: Table;
  readonly validation: Table;
  /** Given columns of the same rows, for p(x | y). */
  readonly conditions?: { readonly train: ConditionRows; readonly validation: ConditionRows };
  /** Declared bounds of columns, by name. */
  readonly bounds?: Readonly<Record<string, Bounds>>;
  /**
   * Called when a system has moved the training rows, standardised, into the engine and will not look at `train` again: a
   * caller with a large table can let it go then.
   */
  readonly onMoved?: () => void;
}

/** Settings are flat JSON: numbers, words, and lists of numbers; a number may be null for "no limit". */
export type Setting = number | string | boolean | null | readonly number[];
export type Settings = Readonly<Record<string, Setting>>;

/** All that is needed to go on with a run, besides its data, settings and key. */
export type TrainingState = FlowState;

/** How long to try: less than normal; the settings for this table; longer, with stages after growth where a system has them. */
export type Effort = "fast" | "normal" | "best";

export type TrainingEvent = FlowEvent;

export type Trained = TrainedFlow;

/** What a model is for: the likelihood of rows, or telling rows of another kind apart. */
export type Purpose = "density" | "anomalies";

/** What defaults are chosen for; by default "density" at "normal" effort. */
export interface Wish {
  readonly purpose?: Purpose | undefined;
  readonly effort?: Effort | undefined;
}

export interface System<S extends Settings = Settings> {
  readonly name: string;
  readonly title: string;
  /** Authors, venue, year, arXiv number. */
  readonly reference: string;
  /** That it trains p(x | y); else a problem with conditions is refused. */
  readonly conditions?: "accepted";
  /** What its defaults depend on; any other wish than normal effort for densities is refused. */
  readonly wishes: readonly (keyof Wish)[];
  /** Every setting with a line on what it does. */
  readonly describe: Readonly<Record<keyof S & string, string>>;
  /** Settings for this table; nothing in it needs tuning by the user. */
  defaults(problem: Problem, key: Key, wish?: Wish): S;
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

/** @throws InputError when a system that knows no conditions is given some: it would ignore them. */
export function checkConditions({ name, conditions }: Pick<System, "name" | "conditions">, problem: Problem): void {
  if (problem.conditions === undefined || conditions === "accepted") return;
  throw new InputError({
    where: "condition",
    came: `given columns for ${name}`,
    expected: "a system that takes them",
    fix: "use jko-iflow, or leave the condition out",
  });
}

/** @throws InputError when a system is asked for an effort or a purpose that it would ignore. */
export function checkWish({ name, wishes }: Pick<System, "name" | "wishes">, wish: Wish): void {
  const { effort = "normal", purpose = "density" } = wish;
  const refuse = (where: string, came: string, expected: string): never => {
    throw new InputError({
      where,
      came: `${came} for ${name}`,
      expected,
      fix: "use jko-iflow, or choose settings of this system",
    });
  };
  if (effort !== "normal" && !wishes.includes("effort")) refuse("effort", effort, "normal");
  if (purpose !== "density" && !wishes.includes("purpose")) refuse("for", purpose, "density");
}
