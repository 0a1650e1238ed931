/**
 * What a training says on its way, in one shape for every system: whoever shows, logs or draws it prints place and values, and
 * knows no system.
 *
 *   start   once; what holds for the whole training
 *   update  after an update of the weights
 *   step    after a step of the method, kept or not
 *   note    a sentence
 *
 * @example
 * ```ts
 * import { createEngine, createKey, data, type Event, fit } from "jkoflow";
 *
 * const line = ({ type, place, values }: Event): string => [type, ...place, JSON.stringify(values)].join(" ");
 *
 * const engine = await createEngine({ threads: 1 });
 * const rows = (name: string, n: number) => data.createTable(data.toys.moons.sample(createKey(name), n), 2);
 * const problem = { train: rows("train", 500), validation: rows("validation", 100) };
 * await fit(engine, problem, { settings: { blocks: 1, hidden: [8], updates: 5 }, onEvent: (event) => console.log(line(event)) });
 * engine.dispose();
 * ```
 */
export interface Event<State = unknown> {
  readonly type: "start" | "update" | "step" | "note";
  /** Where it happened, from the outside in, such as ["block 3", "try 2"]; empty for the whole training. */
  readonly place: readonly string[];
  /** By name. Likelihoods are in nats; lists are words with blanks between. */
  readonly values: Readonly<Record<string, number | string>>;
  /** All that is needed to go on from here to the same bits, besides tables, settings and key; made when called. */
  state(): State;
}
