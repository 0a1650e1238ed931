/**
 * A trained model: a flow with the standardiser and the column names of its data. Densities are in nats of the user's own
 * units: log p(x) = log p_flow(standardised x) + log |det d standardised / d x|. A conditional model is p(x | y): the given
 * columns y are not standardised with x but encoded (see data/condition.ts), and every density is one of x alone.
 */
import {
  type ConditionRows,
  drawConditions,
  encodedColumns,
  type Given,
  parseSchema,
  parseStandardizer,
  type Schema,
  type Standardizer,
  type Table,
} from "../data/index.ts";
import type { Engine } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import { parseStrictJson, readSealed, type Tensor, writeSealed } from "../io/index.ts";
import { tableaus } from "../ode/index.ts";
import { fold, type Key } from "../random/index.ts";
import { checkField, fieldSize } from "./fieldKinds.ts";
import { createFlow, type Flow, type FlowConfig } from "./flow.ts";
import { type Kernels, kernelLogDensity } from "./kernelDensity.ts";
import { type Conditions, decodeCondition, encodeCondition, type ModelCondition } from "./modelCondition.ts";

/** Format number of model files: 2 for a model with a schema, which readers of format 1 would score wrongly without it. */
export const modelFormat = 2;
const PLAIN_FORMAT = 1;

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

/** A model on an engine. A conditional one needs the given columns y of each row. @throws InputError where they do not fit. */
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
  /** n rows from the model, in the user's units; without y, a conditional model draws y as it occurred in training. */
  sample(key: Key, n: number, y?: Conditions): Table;
  /** n rows of given columns, what is not given drawn jointly from training rows; no columns without condition. */
  conditions(key: Key, n: number, given?: Given): ConditionRows;
  /** The covariates that the flow takes; undefined without condition. */
  covariates(y: Conditions | undefined): Float32Array | undefined;
  /** Standardised rows to noise and their log-determinants. */
  readonly flow: Flow;
  /** max |x - F^(-1)(F(x))| over rows and columns of the standardised data. */
  inversionError(rows: Table | Float32Array, y?: Conditions): number;
  dispose(): void;
}

export function openModel(engine: Engine, model: Model): OpenModel {
  const flow = createFlow(engine, model.flow);
  const { standardizer, condition, kernels } = model;
  const covariates = (y: Conditions | undefined): Float32Array | undefined => {
    if (y instanceof Float32Array) return y;
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
    if (condition) return drawConditions(condition.encoder, condition.pool, given, key, n);
    const [name] = Object.keys(given);
    if (name === undefined) return { rows: n, columns: [] };
    throw new InputError({ where: "given", came: name, expected: "nothing: the model has no condition" });
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
    logProb: (rows, y) => inUserUnits(flow.logProb(standardizer.forward(rows), undefined, covariates(y)), rows),
    score: (rows, logProb) => {
      if (kernels === undefined) return logProb.slice();
      const near = inUserUnits(kernelLogDensity(kernels, standardizer.forward(rows), columns.length), rows);
      return logProb.map((value, i) => (value + near[i]) / 2);
    },
    sample: (key, n, y) => {
      const given = condition && y === undefined ? conditions(fold(key, "condition"), n) : y;
      return standardizer.inverse(flow.sample(key, n, covariates(given)));
    },
    inversionError: (rows, given) => {
      const x = standardizer.forward(rows);
      const y = covariates(given);
      const back = flow.invert(flow.push(x, undefined, y).z, undefined, y);
      return back.reduce((largest, value, i) => Math.max(largest, Math.abs(value - x[i])), 0);
    },
    dispose: flow.dispose,
  };
}

/** Score below which a share `quantile` of the held-out rows lies; linear between the stored quantiles. */
export function scoreThreshold({ scores }: Model, quantile: number): number {
  if (!(quantile > 0 && quantile < 1)) {
    throw new InputError({ where: "threshold", came: String(quantile), expected: "a number between 0 and 1" });
  }
  const at = quantile * (scores.length - 1);
  const below = Math.floor(at);
  return scores[below] + (at - below) * (scores[Math.min(below + 1, scores.length - 1)] - scores[below]);
}

/** Quantiles 0, 1/1000, ..., 1 of scores. */
export function scoreQuantiles(scores: Float64Array): Float64Array {
  const sorted = Float64Array.from(scores).sort();
  return Float64Array.from({ length: 1001 }, (_, i) => {
    const at = (i / 1000) * (sorted.length - 1);
    const below = Math.floor(at);
    return sorted[below] + (at - below) * (sorted[Math.min(below + 1, sorted.length - 1)] - sorted[below]);
  });
}

/** A model as a sealed safetensors file: weights, and everything else as JSON in its metadata. Equal models, equal bytes. */
export function encodeModel(model: Model): Uint8Array {
  const { field, divergence, tableau } = model.flow.block;
  const tensors = new Map<string, Tensor>();
  model.flow.blocks.forEach(({ weights }, k) => {
    tensors.set(`blocks.${k}.weights`, { shape: [weights.length], data: weights });
  });
  tensors.set("scores", { shape: [model.scores.length], data: model.scores });
  if (model.kernels) {
    const { rows } = model.kernels;
    tensors.set("kernels.rows", { shape: [rows.length / field.dimension, field.dimension], data: rows });
  }
  const conditional = encodeCondition(model.condition, model.flow);
  for (const [name, tensor] of conditional.tensors) tensors.set(name, tensor);
  const config = {
    system: model.system,
    field,
    divergence,
    tableau: tableau?.name ?? "rk4",
    steps: model.flow.steps,
    stepSizes: model.flow.blocks.map(({ stepSize }) => (Number.isFinite(stepSize) ? stepSize : null)),
    standardizer: model.standardizer.toJSON(),
    settings: model.settings,
    ...conditional.config,
    ...(model.kernels ? { kernelWidth: model.kernels.width } : {}),
    ...(model.schema ? { schema: model.schema } : {}),
  };
  const format = model.schema ? modelFormat : PLAIN_FORMAT;
  return writeSealed({
    tensors,
    metadata: { format: String(format), kind: "jkoflow model", config: JSON.stringify(config) },
  });
}

/**
 * Read a model file. Nothing is used before the file's digest, format number, shapes and numbers are checked.
 *
 * @throws InputError for anything that is not a whole model of this format.
 */
export function decodeModel(bytes: Uint8Array, where = "model"): Model {
  const { tensors, metadata } = readSealed(bytes, where);
  const fail = (place: string, came: string, expected: string, fix?: string): never => {
    throw new InputError({ where, place, came, expected, ...(fix ? { fix } : {}) });
  };
  if (metadata.kind !== "jkoflow model")
    fail("kind", `"${metadata.kind}"`, `"jkoflow model"`, "is this a checkpoint or another file?");
  if (metadata.format !== String(modelFormat) && metadata.format !== String(PLAIN_FORMAT)) {
    fail(
      "format",
      `format ${metadata.format}`,
      `format ${PLAIN_FORMAT} or ${modelFormat}`,
      "use the version of jkoflow that wrote it",
    );
  }
  const config = parseStrictJson(metadata.config ?? "", `${where}:config`) as Record<string, unknown>;
  const field = checkField(config.field, fail);
  const { divergence, steps, stepSizes } = config;
  if (divergence !== "exact" && divergence !== "hutchinson")
    fail("divergence", String(divergence), "exact or hutchinson");
  if (!Number.isInteger(steps) || (steps as number) < 1) fail("steps", String(steps), "a whole number above 0");
  if (!Array.isArray(stepSizes)) return fail("stepSizes", typeof stepSizes, "a list");
  const tableau =
    tableaus[String(config.tableau)] ?? fail("tableau", String(config.tableau), Object.keys(tableaus).join(", "));
  const size = fieldSize(field);
  const finite = (name: string, length?: number): Float32Array | Float64Array => {
    const tensor = tensors.get(name);
    const data = tensor?.data;
    if (!(data instanceof Float32Array || data instanceof Float64Array))
      return fail(name, "no such tensor", "floating point");
    if (length !== undefined && data.length !== length) fail(name, `${data.length} numbers`, `${length} numbers`);
    if (data.some((x) => !Number.isFinite(x))) fail(name, "a number that is not finite", "finite numbers");
    return data;
  };
  const blocks = stepSizes.map((h, k) => {
    if (h !== null && !(typeof h === "number" && h > 0)) fail(`stepSizes ${k}`, String(h), "a number above 0, or null");
    return {
      weights: finite(`blocks.${k}.weights`, size) as Float32Array,
      stepSize: h === null ? Infinity : (h as number),
    };
  });
  const readKernels = (width: unknown): Kernels => {
    if (!(typeof width === "number" && width > 0)) return fail("kernelWidth", String(width), "a number above 0");
    const rows = Float32Array.from(finite("kernels.rows"));
    const whole = rows.length > 0 && rows.length % field.dimension === 0;
    if (!whole) fail("kernels.rows", `${rows.length} numbers`, `rows of ${field.dimension}`);
    return { rows, width };
  };
  const { condition, baseMeans, tensors: more } = decodeCondition(config, field, finite, fail, where);
  const kernels = config.kernelWidth === undefined ? undefined : readKernels(config.kernelWidth);
  const wanted = blocks.length + 1 + more + (kernels ? 1 : 0);
  if (tensors.size !== wanted) fail("tensors", `${tensors.size} tensors`, `${wanted}`);
  const standardizer = parseStandardizer(config.standardizer, `${where}:standardizer`);
  if (standardizer.columns.length !== field.dimension) {
    fail("standardizer", `${standardizer.columns.length} columns`, `${field.dimension}, as the field has`);
  }
  const schema = config.schema === undefined ? undefined : parseSchema(config.schema, `${where}:schema`);
  if (schema && encodedColumns(schema).join("\n") !== standardizer.columns.join("\n")) {
    fail(
      "schema",
      encodedColumns(schema).join(", "),
      `the columns of the standardiser, ${standardizer.columns.join(", ")}`,
    );
  }
  return {
    system: String(config.system),
    standardizer,
    ...(schema ? { schema } : {}),
    flow: {
      block: { field, divergence: divergence as "exact", tableau, ...(baseMeans ? { base: "labels" as const } : {}) },
      blocks,
      steps: steps as number,
      ...(baseMeans ? { baseMeans } : {}),
    },
    ...(condition ? { condition } : {}),
    ...(kernels ? { kernels } : {}),
    settings: (config.settings ?? {}) as Record<string, unknown>,
    scores: Float64Array.from(finite("scores")),
  };
}
