/**
 * A model on the rows of its user: words as their codes, whole numbers, NaN for missing cells go in and come out; what is
 * discrete, dequantised or filled on the way is done here.
 */
import {
  boundText,
  type ConditionRows,
  decodeTable,
  encodeTable,
  type Given,
  joinConditions,
  logMeanExp,
  plainSchema,
  type Table,
  userConditions,
} from "../data/index.ts";
import type { Engine } from "../engine/index.ts";
import { createKey, fold, type Key } from "../random/index.ts";
import type { Model } from "./model.ts";
import { type OpenModel, openModel } from "./openModel.ts";

export interface ScoreOptions {
  /** Of the noise, where the score is a bound; default createKey(0). */
  readonly key?: Key;
  /** Draws of noise for each row: more of them, a tighter bound. Default 1. */
  readonly draws?: number;
  /** The number of the first row in the stream of noise; default 0. */
  readonly firstRow?: number;
  /** Of a conditional model: what a user gives of the rows. */
  readonly given?: ConditionRows;
}

/** Rows of the user, drawn. */
export interface DrawnRows {
  /** Codes of categories, NaN where a cell is missing. */
  readonly table: Table;
  /** Of a conditional model: what they were given. */
  readonly given?: ConditionRows;
}

/**
 * A model on an engine that takes and gives rows as their user has them.
 *
 * @throws InputError where rows, given columns or values do not fit the model.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, data, fit, openTable, type OpenTable } from "jkoflow";
 *
 * const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value / values.length, 0);
 * const meanLogProb = (model: OpenTable, table: data.Table): number => mean(model.logProb(table, { draws: 4 }));
 *
 * const engine = await createEngine({ threads: 1 });
 * const rows = (name: string, n: number) => data.createTable(data.toys.moons.sample(createKey(name), n), 2);
 * const problem = { train: rows("train", 500), validation: rows("validation", 100) };
 * const settings = { blocks: 1, hidden: [8], updates: 5 };
 * const { model } = await fit(engine, problem, { settings });
 * console.log(meanLogProb(openTable(engine, model), rows("test", 50)) < 0); // true
 * engine.dispose();
 * ```
 */
export interface OpenTable {
  readonly open: OpenModel;
  /**
   * Log-density of each row in nats of the user's units, ln P for what is discrete; a lower bound where `data.boundText`
   * says so.
   */
  logProb(rows: Table, options?: ScoreOptions): Float64Array;
  /** n rows; given values by column, what is not given is drawn. */
  sample(key: Key, n: number, given?: Given): DrawnRows;
  dispose(): void;
}

/**
 * A model on an engine, for rows as their user has them.
 *
 * @throws InputError for what is no engine or no model.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, data, fit, openTable } from "jkoflow";
 *
 * const engine = await createEngine({ threads: 1 });
 * const rows = (name: string, n: number) => data.createTable(data.toys.moons.sample(createKey(name), n), 2);
 * const problem = { train: rows("train", 500), validation: rows("validation", 100) };
 * const settings = { blocks: 1, hidden: [8], updates: 5 };
 * const { model } = await fit(engine, problem, { settings });
 * const open = openTable(engine, model);
 * const { table } = open.sample(createKey(1), 3);
 * console.log(data.rowsOf(table).length); // 3
 * open.dispose();
 * engine.dispose();
 * ```
 */
export function openTable(engine: Engine, model: Model): OpenTable {
  const open = openModel(engine, model);
  const schema = model.schema ?? plainSchema(open.columns);
  const once = (rows: Table, key: Key, firstRow: number, given: ConditionRows | undefined): Float64Array => {
    const { table, logWeight, cells } = encodeTable(schema, rows, key, { firstRow, given });
    const density = open.logProb(table, { given: joinConditions(given, cells) });
    return logWeight ? density.map((value, i) => value + logWeight[i]) : density;
  };
  return {
    open,
    logProb: (rows, { key = createKey(0), draws = 1, firstRow = 0, given } = {}) => {
      const count = boundText(schema) === undefined ? 1 : draws;
      const all = Array.from({ length: count }, (_, k) => once(rows, fold(key, k), firstRow, given));
      return count === 1 ? all[0] : logMeanExp(all);
    },
    sample: (key, n, given) => {
      const y = open.conditions(fold(key, "given"), n, given);
      const own = userConditions(y);
      const table = decodeTable(schema, open.sample(key, n, { given: y }), y);
      return own ? { table, given: own } : { table };
    },
    dispose: open.dispose,
  };
}
