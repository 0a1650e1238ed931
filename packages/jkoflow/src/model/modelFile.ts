/** Model files: sealed safetensors with the weights, and everything else as JSON in their metadata. */

import { chainFormat, modelKind, tableFormats } from "../chain/index.ts";
import { decodeMixtureBase, describeMixtureBase, encodeMixtureBase } from "../chain/mixtureFile.ts";
import { cellColumns, encodedColumns, parseSchema, parseStandardizer, type Schema } from "../data/index.ts";
import type { Kernels } from "../distributions/index.ts";
import { InputError } from "../errors/index.ts";
import { parseStrictJson, readSealed, type Tensor, writeSealed } from "../io/index.ts";
import { checkField, type Fail, fieldSize } from "../maps/index.ts";
import { tableaus } from "../ode/index.ts";
import type { Model } from "./model.ts";
import { decodeCondition, encodeCondition, type ModelCondition } from "./modelCondition.ts";

/** Whether a schema says no more than those of format 2 did. */
const isOldSchema = ({ columns, cells }: Schema): boolean =>
  cells === undefined &&
  columns.every(({ support, range, decimals, apart }) =>
    [support, range, decimals, apart].every((x) => x === undefined),
  );

/**
 * A model as a sealed safetensors file: weights, and everything else as JSON in its metadata. Equal models, equal bytes.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, data, encodeModel, fit, io } from "jkoflow";
 *
 * const engine = await createEngine({ threads: 1 });
 * const rows = (name: string, n: number) => data.createTable(data.toys.moons.sample(createKey(name), n), 2);
 * const problem = { train: rows("train", 500), validation: rows("validation", 100) };
 * const settings = { blocks: 1, hidden: [8], updates: 5 };
 * const { model } = await fit(engine, problem, { settings });
 * const bytes = encodeModel(model); // write them to a file
 * console.log(io.sha256(bytes) === io.sha256(encodeModel(model))); // true
 * engine.dispose();
 * ```
 */
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
  const { baseMixture } = model.flow;
  if (baseMixture) for (const [name, tensor] of encodeMixtureBase(baseMixture)) tensors.set(name, tensor);
  const config = {
    system: model.system,
    field,
    divergence,
    tableau: tableau?.name ?? "rk4",
    steps: model.flow.steps,
    // Readers of older versions take `steps` for all blocks, which is as exact and slower.
    ...(model.flow.blocks.some(({ steps }) => steps !== undefined)
      ? { blockSteps: model.flow.blocks.map(({ steps }) => steps ?? model.flow.steps) }
      : {}),
    stepSizes: model.flow.blocks.map(({ stepSize }) => (Number.isFinite(stepSize) ? stepSize : null)),
    standardizer: model.standardizer.toJSON(),
    settings: model.settings,
    ...conditional.config,
    ...(baseMixture ? describeMixtureBase(baseMixture) : {}),
    ...(model.kernels ? { kernelWidth: model.kernels.width } : {}),
    ...(model.schema ? { schema: model.schema } : {}),
  };
  const isNew = baseMixture !== undefined || (model.schema !== undefined && !isOldSchema(model.schema));
  const format = tableFormats[isNew ? "latest" : model.schema ? "schema" : "plain"];
  return writeSealed({
    tensors,
    metadata: { format: String(format), kind: modelKind, config: JSON.stringify(config) },
  });
}

/** The flow must be given what stands apart of the schema, and nothing else of the rows; and have their distribution. */
function checkCells(schema: Schema | undefined, condition: ModelCondition | undefined, fail: Fail): void {
  const named = (columns: readonly { readonly name: string; readonly levels: number }[]): string =>
    columns.map(({ name, levels }) => `${name} (${levels})`).join(", ");
  const given = (condition?.encoder.columns ?? []).flatMap((column) => (column.kind === "cell" ? [column] : []));
  const wanted = schema ? cellColumns(schema) : [];
  if (named(given) !== named(wanted))
    fail("condition", `cells ${named(given)}`, `cells ${named(wanted)}, as the schema`);
  if (wanted.length > 0 && schema!.cells === undefined) fail("schema", "no distribution of its cells", "one");
  const users = condition?.encoder.columns.filter(({ kind }) => kind === "category").map(({ name }) => name) ?? [];
  for (const variable of schema?.cells?.variables ?? []) {
    if (variable.of === "given" && !users.includes(variable.name)) fail("schema", variable.name, "a given column");
  }
}

/**
 * Read a model file. Nothing is used before the file's digest, format number, shapes and numbers are checked.
 *
 * @throws InputError for anything that is not a whole model of this format.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, data, decodeModel, encodeModel, fit, openModel } from "jkoflow";
 *
 * const engine = await createEngine({ threads: 1 });
 * const rows = (name: string, n: number) => data.createTable(data.toys.moons.sample(createKey(name), n), 2);
 * const problem = { train: rows("train", 500), validation: rows("validation", 100) };
 * const settings = { blocks: 1, hidden: [8], updates: 5 };
 * const { model } = await fit(engine, problem, { settings });
 * const read = decodeModel(encodeModel(model), "model.safetensors");
 * const test = rows("test", 1);
 * console.log(openModel(engine, read).logProb(test)[0] === openModel(engine, model).logProb(test)[0]); // true
 * engine.dispose();
 * ```
 */
export function decodeModel(bytes: Uint8Array, where = "model"): Model {
  const { tensors, metadata } = readSealed(bytes, where);
  const fail = (place: string, came: string, expected: string, fix?: string): never => {
    throw new InputError({ where, place, came, expected, ...(fix ? { fix } : {}) });
  };
  if (metadata.kind !== modelKind)
    fail("kind", `"${metadata.kind}"`, `"${modelKind}"`, "is this a checkpoint or another file?");
  if (metadata.format === String(chainFormat))
    fail(
      "format",
      "a chain of maps",
      "a model of a table",
      "chain.decodeChain reads it; jko sample, logprob and info take it",
    );
  if (!Object.values(tableFormats).map(String).includes(metadata.format)) {
    fail(
      "format",
      `format ${metadata.format}`,
      `format ${tableFormats.plain} to ${tableFormats.latest}`,
      "use the version of jkoflow that wrote it",
    );
  }
  const config = parseStrictJson(metadata.config ?? "", `${where}:config`) as Record<string, unknown>;
  const field = checkField(config.field, fail);
  const { divergence, steps, stepSizes, blockSteps } = config;
  if (divergence !== "exact" && divergence !== "hutchinson")
    fail("divergence", String(divergence), "exact or hutchinson");
  const isSteps = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0;
  if (!isSteps(steps)) return fail("steps", String(steps), "a whole number above 0");
  const ownSteps = blockSteps === undefined ? [] : blockSteps;
  if (!Array.isArray(ownSteps) || !ownSteps.every(isSteps))
    return fail("blockSteps", typeof blockSteps, "a list of whole numbers above 0");
  if (!Array.isArray(stepSizes)) return fail("stepSizes", typeof stepSizes, "a list");
  const method = String(config.tableau);
  if (!Object.hasOwn(tableaus, method)) fail("tableau", method, Object.keys(tableaus).join(", "));
  const tableau = tableaus[method];
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
  const asFloat32 = (x: Float32Array | Float64Array): Float32Array =>
    x instanceof Float32Array ? x : Float32Array.from(x);
  const blocks = stepSizes.map((h, k) => {
    if (h !== null && !(typeof h === "number" && h > 0)) fail(`stepSizes ${k}`, String(h), "a number above 0, or null");
    return {
      weights: asFloat32(finite(`blocks.${k}.weights`, size)),
      stepSize: h === null ? Infinity : (h as number),
      ...(ownSteps[k] === undefined || ownSteps[k] === steps ? {} : { steps: ownSteps[k] }),
    };
  });
  const readKernels = (width: unknown): Kernels => {
    if (!(typeof width === "number" && width > 0)) return fail("kernelWidth", String(width), "a number above 0");
    const rows = Float32Array.from(finite("kernels.rows"));
    const whole = rows.length > 0 && rows.length % field.dimension === 0;
    if (!whole) fail("kernels.rows", `${rows.length} numbers`, `rows of ${field.dimension}`);
    return { rows, width };
  };
  const { condition, baseMeans, opening, tensors: more } = decodeCondition(config, field, finite, fail, where);
  const kernels = config.kernelWidth === undefined ? undefined : readKernels(config.kernelWidth);
  const baseMixture = decodeMixtureBase(config, finite, field.dimension, where);
  const wanted = blocks.length + 1 + more + (kernels ? 1 : 0) + (baseMixture ? 3 : 0);
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
  checkCells(schema, condition, fail);
  return {
    system: String(config.system),
    standardizer,
    ...(schema ? { schema } : {}),
    flow: {
      block: { field, divergence: divergence as "exact", tableau, ...(baseMeans ? { base: "labels" as const } : {}) },
      blocks,
      steps,
      ...(baseMeans ? { baseMeans } : {}),
      ...(baseMixture ? { baseMixture } : {}),
      ...(opening ? { opening } : {}),
    },
    ...(condition ? { condition } : {}),
    ...(kernels ? { kernels } : {}),
    settings: (config.settings ?? {}) as Record<string, unknown>,
    scores: Float64Array.from(finite("scores")),
  };
}
