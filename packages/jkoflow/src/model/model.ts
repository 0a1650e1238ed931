/**
 * A trained model: a flow with the standardiser and the column names of its data. Densities are in nats of the user's own
 * units: log p(x) = log p_flow(standardised x) + log |det d standardised / d x|. A conditional model is p(x | y): the given
 * columns y are not standardised with x but encoded (see data/condition.ts), and every density is one of x alone.
 */

import { createFlow, type Flow, type FlowConfig } from "../chain/index.ts";
import type { ConditionRows, Given, Schema, Standardizer, Table } from "../data/index.ts";
import { checkTable } from "../data/table.ts";
import { type Kernels, kernelLogDensity } from "../distributions/index.ts";
import { checkEngine } from "../engine/checkEngine.ts";
import type { Engine } from "../engine/index.ts";
import { cameOf } from "../errors/came.ts";
import { InputError } from "../errors/index.ts";
import { wholeRows } from "../maps/index.ts";
import { fold, type Key } from "../random/index.ts";
import { checkDraw } from "../random/key.ts";
import { checkModel } from "./checkModel.ts";
import { drawGiven } from "./drawGiven.ts";
import type { Conditions, ModelCondition } from "./modelCondition.ts";

/**
 * A trained density as data, apart from any engine: what `encodeModel` writes and `openModel` opens.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, data, fit, type Model } from "jkoflow";
 *
 * const describe = ({ system, standardizer, scores }: Model): string =>
 *   `${system}, ${standardizer.columns.length} columns, half of the held-out rows below ${scores[500]} nats`;
 *
 * const engine = await createEngine({ threads: 1 });
 * const rows = (name: string, n: number) => data.createTable(data.toys.moons.sample(createKey(name), n), 2);
 * const problem = { train: rows("train", 500), validation: rows("validation", 100) };
 * const settings = { blocks: 1, hidden: [8], updates: 5 };
 * const { model } = await fit(engine, problem, { settings });
 * console.log(describe(model));
 * engine.dispose();
 * ```
 */
export interface Model {
  /** Which system trained it. */
  readonly system: string;
  readonly standardizer: Standardizer;
  /**
   * What the columns of the user's table mean; the rows of the standardiser are its encoded ones. Absent: numbers as they
   * are. Rows go through `data.encodeTable` before `logProb` and through `data.decodeTable` after `sample`.
   */
  readonly schema?: Schema;
  readonly flow: FlowConfig;
  /** Of a conditional model p(x | y). */
  readonly condition?: ModelCondition;
  /** Of a model for anomalies: kernels at training rows, standardised, that have their say in scores. */
  readonly kernels?: Kernels;
  /** The system's settings, as JSON. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Rising quantiles of held-out rows' scores (nats, user's units), for thresholds. */
  readonly scores: Float64Array;
}

/**
 * A model on an engine. A conditional one needs the given columns y of each row.
 * @throws InputError where they do not fit.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, data, fit, openModel, type OpenModel } from "jkoflow";
 *
 * const anomalies = (model: OpenModel, table: data.Table, threshold: number): number[] =>
 *   [...model.logProb(table)].flatMap((logProb, row) => (logProb < threshold ? [row] : []));
 *
 * const engine = await createEngine({ threads: 1 });
 * const rows = (name: string, n: number) => data.createTable(data.toys.moons.sample(createKey(name), n), 2);
 * const problem = { train: rows("train", 500), validation: rows("validation", 100) };
 * const settings = { blocks: 1, hidden: [8], updates: 5 };
 * const { model } = await fit(engine, problem, { settings });
 * const far = data.tableOf([{ x1: 0, x2: 0 }, { x1: 40, x2: 40 }]);
 * console.log(anomalies(openModel(engine, model), far, -20)); // [ 1 ]
 * engine.dispose();
 * ```
 */
export interface OpenModel {
  readonly model: Model;
  readonly columns: readonly string[];
  /** log p of each row, or log p(x | y), nats of the user's units. A table's columns are matched by name. */
  logProb(rows: Table | Float32Array, y?: Conditions): Float64Array;
  /**
   * What rows are ranked by, given their `logProb`: that itself; of a model with kernels the mean of it and the kernels'
   * log-density, which is the logarithm of no density (its integral is below one).
   */
  score(rows: Table | Float32Array, logProb: Float64Array): Float64Array;
  /**
   * n rows from the model, in the user's units; without y, a conditional model draws y as it occurred in training. A model
   * whose schema has cells needs them to decode the rows: draw `conditions` first, or take `openTable`.
   */
  sample(key: Key, n: number, y?: Conditions): Table;
  /**
   * n rows of given columns, what is not given drawn jointly from training rows, and of cells from their distribution; no
   * columns without condition. A category that stands apart may be given too, by its word.
   */
  conditions(key: Key, n: number, given?: Given): ConditionRows;
  /** The covariates that the flow takes; undefined without condition. */
  covariates(y: Conditions | undefined): Float32Array | undefined;
  /** Standardised rows to noise and their log-determinants. */
  readonly flow: Flow;
  /** max |x - F^(-1)(F(x))| over rows and columns of the standardised data. */
  inversionError(rows: Table | Float32Array, y?: Conditions): number;
  dispose(): void;
}

function checkRows(rows: Table | Float32Array): void {
  if (rows instanceof Float32Array) return;
  if (!ArrayBuffer.isView(rows) && !Array.isArray(rows)) {
    checkTable(rows, "rows");
    return;
  }
  const isRows = Array.isArray(rows) && typeof rows[0] === "object";
  const fix = isRows ? "make a table: data.tableOf(rows)" : "convert it: Float32Array.from(rows)";
  throw new InputError({ where: "rows", came: cameOf(rows), expected: "a table or a Float32Array", fix });
}

const isConditionRows = (y: Exclude<Conditions, Float32Array>): boolean =>
  typeof y === "object" &&
  Number.isInteger(y?.rows) &&
  Array.isArray(y.columns) &&
  y.columns.every((column) => typeof column?.name === "string" && column.values?.length === y.rows);

/**
 * A model on an engine, which holds its weights until `dispose`. Its weights are not checked here: a model comes from
 * training or from `decodeModel`. The methods throw InputError for other columns, numbers that do not fill whole rows, given
 * columns that are missing, unknown or not wanted, and what is no key or no number of rows.
 * @throws InputError for what is no engine or no model.
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
 * const table = density.sample(createKey(1), 100);
 * console.log(table.rows, table.columns); // 100 [ 'x1', 'x2' ]
 * console.log(density.logProb(table).length); // 100
 * density.dispose();
 * engine.dispose();
 * ```
 */
export function openModel(engine: Engine, model: Model): OpenModel {
  checkEngine(engine);
  checkModel(model);
  const flow = createFlow(engine, model.flow);
  const { standardizer, condition, kernels } = model;
  const covariates = (y: Conditions | undefined): Float32Array | undefined => {
    if (y instanceof Float32Array) return y;
    if (y !== undefined && !isConditionRows(y)) {
      const expected = "rows of given columns: { rows, columns: [{ name, kind, values }] }";
      throw new InputError({ where: "condition", came: cameOf(y), expected });
    }
    if (condition === undefined) {
      if (y === undefined || y.columns.length === 0) return undefined;
      const came = `a column ${JSON.stringify(y.columns[0].name)}`;
      throw new InputError({ where: "condition", came, expected: "none: the model is not conditional" });
    }
    if (y !== undefined) return condition.encoder.encode(y);
    const names = condition.encoder.columns.map(({ name }) => name).join(", ");
    throw new InputError({ where: "condition", came: "none", expected: `values of ${names} for each row` });
  };
  const conditions = (key: Key, n: number, given: Given = {}): ConditionRows => {
    checkDraw(key, n);
    if (typeof given !== "object" || given === null || Array.isArray(given)) {
      throw new InputError({ where: "given", came: cameOf(given), expected: "values by column: { name: value }" });
    }
    return drawGiven(model, key, n, given);
  };
  const inUserUnits = (density: Float64Array, rows: Table | Float32Array): Float64Array => {
    const scale = standardizer.logAbsDet(rows);
    // Outside of declared bounds there is no density, and no logarithm of the distance to them.
    return density.map((x, i) => (Number.isFinite(scale[i]) ? x + scale[i] : Number.NEGATIVE_INFINITY));
  };
  const { columns } = standardizer;
  return {
    model,
    columns,
    flow,
    covariates,
    conditions,
    logProb: (rows, y) => {
      checkRows(rows);
      return inUserUnits(flow.logProb(standardizer.forward(rows), undefined, covariates(y)), rows);
    },
    score: (rows, logProb) => {
      checkRows(rows);
      const n = rows instanceof Float32Array ? wholeRows(rows, columns.length) : rows.rows;
      if (!(logProb instanceof Float64Array && logProb.length === n)) {
        const came = logProb instanceof Float64Array ? `${logProb.length} numbers` : cameOf(logProb);
        throw new InputError({ where: "logProb", came, expected: `a Float64Array of ${n}, one number for each row` });
      }
      if (kernels === undefined) return logProb.slice();
      const near = inUserUnits(kernelLogDensity(kernels, standardizer.forward(rows), columns.length), rows);
      return logProb.map((value, i) => (value + near[i]) / 2);
    },
    sample: (key, n, y) => {
      checkDraw(key, n);
      const given = condition && y === undefined ? conditions(fold(key, "condition"), n) : y;
      return standardizer.inverse(flow.sample(key, n, covariates(given)));
    },
    inversionError: (rows, given) => {
      checkRows(rows);
      const x = standardizer.forward(rows);
      const y = covariates(given);
      const back = flow.invert(flow.push(x, undefined, y).z, undefined, y);
      return back.reduce((largest, value, i) => Math.max(largest, Math.abs(value - x[i])), 0);
    },
    dispose: flow.dispose,
  };
}
