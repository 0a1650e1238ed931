/** Training in one call, for callers who need no stream of events. */
import { checkEngine } from "../engine/checkEngine.ts";
import type { Engine } from "../engine/index.ts";
import { createKey, fold } from "../random/index.ts";
import { checkOptions, type FitOptions } from "./checkOptions.ts";
import { checkProblem } from "./checkProblem.ts";
import { jkoIflow } from "./jkoIflow.ts";
import { encodeProblem, type RawProblem } from "./rawProblem.ts";
import { startTraining } from "./startTraining.ts";
import type { Trained } from "./system.ts";

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
