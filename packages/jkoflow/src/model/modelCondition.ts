/** The condition of a model p(x | y) in its file: columns and scales as JSON, training rows and base means as tensors. */

import type { FlowConfig } from "../chain/index.ts";
import { isMixture } from "../chain/mixtureFile.ts";
import { type Condition, isOrthonormal, type OpeningState, parseCondition, pooledColumns } from "../data/index.ts";
import type { Tensor } from "../io/index.ts";
import type { Fail } from "../maps/index.ts";

/** What a conditional model keeps of its given columns. */
export interface ModelCondition {
  readonly encoder: Condition;
  /** `[m, user's columns]`: training rows, from which a sample takes what it is not given (see data/conditionPool.ts). */
  readonly pool: Float64Array;
}

/** What a file has more when its model is conditional. */
export function encodeCondition(
  condition: ModelCondition | undefined,
  flow: FlowConfig,
): { readonly tensors: ReadonlyMap<string, Tensor>; readonly config: Readonly<Record<string, unknown>> } {
  if (condition === undefined) return { tensors: new Map<string, Tensor>(), config: {} };
  const { encoder, pool } = condition;
  const { columns, width } = encoder;
  const pooled = pooledColumns(encoder).length;
  const tensors = new Map<string, Tensor>();
  if (pooled > 0) tensors.set("conditions", { shape: [pool.length / pooled, pooled], data: pool });
  const { baseMeans, opening } = flow;
  if (opening) {
    const d = opening.centre.length;
    tensors.set("opening.slopes", { shape: [width, d], data: opening.slopes });
    tensors.set("opening.centre", { shape: [d], data: opening.centre });
    tensors.set("opening.eigenvalues", { shape: [d], data: opening.eigenvalues });
    tensors.set("opening.eigenvectors", { shape: [d, d], data: opening.eigenvectors });
  }
  if (baseMeans) tensors.set("baseMeans", { shape: [width, baseMeans.length / width], data: baseMeans });
  const opened = opening ? { opening: "affine" } : {};
  return { tensors, config: { condition: columns, base: baseMeans ? "labels" : "standard", ...opened } };
}

/** Reads and checks it; `numbers` gives a tensor of finite numbers. */
export function decodeCondition(
  config: Readonly<Record<string, unknown>>,
  field: { readonly dimension: number; readonly condition?: number },
  numbers: (name: string, length?: number) => Float32Array | Float64Array,
  fail: Fail,
  where: string,
): {
  readonly condition?: ModelCondition;
  readonly baseMeans?: Float32Array;
  readonly opening?: OpeningState;
  readonly tensors: number;
} {
  if (config.condition === undefined) {
    if ((field.condition ?? 0) > 0) fail("condition", "nothing", `the ${field.condition} covariates of the field`);
    return { tensors: 0 };
  }
  const encoder = parseCondition(config.condition, `${where}:condition`);
  const base = isMixture(config.base) ? "standard" : (config.base ?? "standard");
  if (base !== "standard" && base !== "labels") fail("base", String(base), "standard or labels");
  const wanted = base === "labels" ? 0 : encoder.width;
  if ((field.condition ?? 0) !== wanted) fail("field.condition", String(field.condition), `${wanted}`);
  const columns = pooledColumns(encoder);
  const pool = columns.length === 0 ? new Float64Array(0) : numbers("conditions");
  if (columns.length > 0 && (pool.length === 0 || pool.length % columns.length !== 0))
    fail("conditions", `${pool.length} numbers`, `rows of ${columns.length}`);
  pool.forEach((value, at) => {
    const column = columns[at % columns.length];
    if (column.kind === "category" && !(Number.isInteger(value) && value >= 0 && value < column.categories.length))
      fail("conditions", String(value), `a category of ${column.name}, below ${column.categories.length}`);
  });
  const condition = { encoder, pool: Float64Array.from(pool) };
  const tensors = columns.length > 0 ? 1 : 0;
  if (base === "standard" && config.opening === undefined) return { condition, tensors };
  if (base === "standard") {
    if (config.opening !== "affine") fail("opening", String(config.opening), "affine");
    const opening = decodeOpening(numbers, encoder.width, field.dimension, fail);
    return { condition, opening, tensors: tensors + Object.keys(opening).length };
  }
  const baseMeans = Float32Array.from(numbers("baseMeans", encoder.width * field.dimension));
  return { condition, baseMeans, tensors: tensors + 1 };
}

function decodeOpening(
  numbers: (name: string, length?: number) => Float32Array | Float64Array,
  c: number,
  d: number,
  fail: Fail,
): OpeningState {
  const read = (name: string, length: number): Float64Array => Float64Array.from(numbers(`opening.${name}`, length));
  const state = {
    slopes: read("slopes", c * d),
    centre: read("centre", d),
    eigenvalues: read("eigenvalues", d),
    eigenvectors: read("eigenvectors", d * d),
  };
  if (state.eigenvalues.some((value) => !(value > 0))) fail("opening.eigenvalues", "others", "numbers above 0");
  if (!isOrthonormal(state.eigenvectors, d)) fail("opening.eigenvectors", "others", "unit vectors at right angles");
  return state;
}
