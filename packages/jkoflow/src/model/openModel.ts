/** A model on an engine: the abilities of every opened model, in the units of its user. */
import { type Beside, type Conditions, createFlow, type Flow, type Opened, type ScoredRows } from "../chain/index.ts";
import type { ConditionRows, Given, Table } from "../data/index.ts";
import { checkTable } from "../data/table.ts";
import { kernelLogDensity } from "../distributions/index.ts";
import { checkEngine } from "../engine/checkEngine.ts";
import type { Engine } from "../engine/index.ts";
import { cameOf } from "../errors/came.ts";
import { InputError } from "../errors/index.ts";
import { wholeRows } from "../maps/index.ts";
import { fold, type Key } from "../random/index.ts";
import { checkDraw } from "../random/key.ts";
import { checkModel } from "./checkModel.ts";
import { covariatesOf, givenBeside } from "./covariates.ts";
import { drawGiven } from "./drawGiven.ts";
import type { Model } from "./model.ts";

/**
 * A model on an engine: it can all that may be asked of a model. A conditional one needs the given columns y of each row.
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
export interface OpenModel extends Opened {
  readonly model: Model;
  /**
   * n rows from the model, in the user's units; without given columns, a conditional model draws them as they occurred in
   * training. A model whose schema has cells needs them to decode the rows: draw `conditions` first, or take `openTable`.
   */
  sample(key: Key, n: number, beside?: Beside): Table;
  draw(key: Key, n: number, beside?: Beside): Table & ScoredRows;
  /** log p of each row, or log p(x | y), nats of the user's units. */
  logProb(rows: Table | Float32Array, beside?: Beside): Float64Array;
  /** Rows to noise, N(0, I) for a perfect model. */
  toBase(rows: Table | Float32Array, beside?: Beside): Float32Array;
  /** Noise to rows in the user's units. */
  fromBase(rows: Float32Array, beside?: Beside): Float32Array;
  /** max |x - F^(-1)(F(x))| over rows and columns of the standardised data. */
  inversionError(rows: Table | Float32Array, beside?: Beside): number;
  /**
   * What rows are ranked by, given their `logProb`: that itself; of a model with kernels the mean of it and the kernels'
   * log-density, which is the logarithm of no density (its integral is below one).
   */
  score(rows: Table | Float32Array, logProb: Float64Array): Float64Array;
  /**
   * n rows of given columns, what is not given drawn jointly from training rows, and of cells from their distribution; no
   * columns without condition. A category that stands apart may be given too, by its word.
   */
  conditions(key: Key, n: number, given?: Given): ConditionRows;
  /** The covariates that the flow takes; undefined without condition. */
  covariates(y: Conditions | undefined): Float32Array | undefined;
  /** Standardised rows to noise and their log-determinants. */
  readonly flow: Flow;
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

/**
 * A model on an engine, which holds its weights until `dispose`. Its weights are not checked here: a model comes from
 * training or from `decodeModel`. The methods throw InputError for other columns, numbers that do not fill whole rows, given
 * columns that are missing, unknown or not wanted, a time, and what is no key or no number of rows.
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
  const { columns } = standardizer;
  const d = columns.length;
  const covariates = (y: Conditions | undefined): Float32Array | undefined => covariatesOf(condition, y);
  /** Rows as the flow has them, and their covariates. */
  const enter = (rows: Table | Float32Array, beside: Beside | undefined) => {
    checkRows(rows);
    return { x: standardizer.forward(rows), y: covariates(givenBeside(beside)) };
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
  const logProb = (rows: Table | Float32Array, beside?: Beside): Float64Array => {
    const { x, y } = enter(rows, beside);
    return inUserUnits(flow.logProb(x, undefined, y), rows);
  };
  const drawn = (key: Key, n: number, beside: Beside | undefined): { rows: Table; given: Conditions | undefined } => {
    checkDraw(key, n);
    const y = givenBeside(beside);
    const given = condition && y === undefined ? conditions(fold(key, "condition"), n) : y;
    return { rows: standardizer.inverse(flow.sample(key, n, covariates(given))), given };
  };
  return {
    model,
    title: `a model of ${d} ${d === 1 ? "column" : "columns"}`,
    columns,
    lacks: {},
    flow,
    covariates,
    conditions,
    logProb,
    score: (rows, logProb) => {
      checkRows(rows);
      const n = rows instanceof Float32Array ? wholeRows(rows, d) : rows.rows;
      if (!(logProb instanceof Float64Array && logProb.length === n)) {
        const came = logProb instanceof Float64Array ? `${logProb.length} numbers` : cameOf(logProb);
        throw new InputError({ where: "logProb", came, expected: `a Float64Array of ${n}, one number for each row` });
      }
      if (kernels === undefined) return logProb.slice();
      const near = inUserUnits(kernelLogDensity(kernels, standardizer.forward(rows), d), rows);
      return logProb.map((value, i) => (value + near[i]) / 2);
    },
    sample: (key, n, beside) => drawn(key, n, beside).rows,
    draw: (key, n, beside) => {
      const { rows, given } = drawn(key, n, beside);
      return { ...rows, logProb: logProb(rows, { given }) };
    },
    toBase: (rows, beside) => {
      const { x, y } = enter(rows, beside);
      return flow.push(x, undefined, y).z;
    },
    fromBase: (z, beside) => standardizer.inverse(flow.invert(z, undefined, covariates(givenBeside(beside)))).values,
    inversionError: (rows, beside) => {
      const { x, y } = enter(rows, beside);
      const back = flow.invert(flow.push(x, undefined, y).z, undefined, y);
      return back.reduce((largest, value, i) => Math.max(largest, Math.abs(value - x[i])), 0);
    },
    dispose: flow.dispose,
  };
}
