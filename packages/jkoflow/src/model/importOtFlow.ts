/**
 * A published OT-Flow checkpoint as a model of this library.
 *
 * The authors' code (EmoryMLIP/OT-Flow) saves PyTorch files, which are pickles and never read here; the script
 * `bench/peers/otflow_to_safetensors.py` turns one into safetensors once, with the user's own Python. Its tensors, for nTh = M + 1
 * layers: `A` [r, d + 1], `c.weight` [1, d + 1] (our b), `c.bias` [1] (our c), `w.weight` [1, m], and `N.layers.i.weight`,
 * `N.layers.i.bias` (our K_i, b_i), i = 0 ... M.
 */

import type { FlowConfig } from "../chain/index.ts";
import { createStandardizer, type Table } from "../data/index.ts";
import type { Engine } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import { readSafetensors } from "../io/index.ts";
import { type PotentialConfig, potentialSize } from "../nn/index.ts";
import type { Model } from "./model.ts";
import { openModel } from "./openModel.ts";
import { scoreQuantiles } from "./scoreQuantiles.ts";

export interface ImportOptions {
  /** Rows as the checkpoint was trained on: they name the columns and give the scores for thresholds. */
  readonly data: Table;
  /** Runge-Kutta steps; default 18, those of the authors' test of MINIBOONE. */
  readonly steps?: number;
  /** Names the file in messages. */
  readonly where?: string;
}

/**
 * The checkpoint in `bytes`, safetensors, as a model in the units of `data`, whose scores (nats) it carries.
 * @throws InputError for a file that holds no such network, or one of another dimension than the data.
 *
 * @example
 * ```ts
 * import { createEngine, data } from "jkoflow";
 * import { writeSafetensors } from "jkoflow/io";
 * import { type ImportOptions, importOtFlow } from "jkoflow/model";
 *
 * const zeros = (...shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((size, n) => size * n, 1)) });
 * // A network of width 4 that is 0 everywhere: its flow is the identity, so that scores are those of N(0, I).
 * const layers = { "N.layers.0.weight": zeros(4, 3), "N.layers.0.bias": zeros(4), "N.layers.1.weight": zeros(4, 4), "N.layers.1.bias": zeros(4) };
 * const ends = { "w.weight": zeros(1, 4), A: zeros(2, 3), "c.weight": zeros(1, 3), "c.bias": zeros(1) };
 * const bytes = writeSafetensors({ tensors: new Map(Object.entries({ ...layers, ...ends })), metadata: {} });
 *
 * const engine = await createEngine({ threads: 1 });
 * const options: ImportOptions = { data: data.createTable(Float32Array.of(0, 0, 0, 0), 2), steps: 1 };
 * console.log(importOtFlow(engine, bytes, options).scores[0].toFixed(4)); // -1.8379
 * engine.dispose();
 * ```
 */
export function importOtFlow(
  engine: Engine,
  bytes: Uint8Array,
  { data, steps = 18, where = "file" }: ImportOptions,
): Model {
  const { tensors } = readSafetensors(bytes, where);
  const find = (name: string, shape: readonly (number | undefined)[]) => {
    const tensor = tensors.get(name);
    const fits = tensor?.shape.length === shape.length && tensor.shape.every((n, i) => n === (shape[i] ?? n));
    const numbers = tensor?.data instanceof Float32Array || tensor?.data instanceof Float64Array;
    if (tensor === undefined || !fits || !numbers) {
      const expected = `floating point of shape [${shape.map((n) => n ?? "any").join(", ")}]`;
      const came = tensor === undefined ? "no such tensor" : `shape [${tensor.shape.join(", ")}]`;
      throw new InputError({ where, place: name, came, expected, fix: "convert with otflow_to_safetensors.py" });
    }
    return tensor as { readonly shape: readonly number[]; readonly data: Float32Array | Float64Array };
  };
  const dimension = data.columns.length;
  const { shape } = find("N.layers.0.weight", [undefined, dimension + 1]);
  const width = shape[0];
  const rank = find("A", [undefined, dimension + 1]).shape[0];
  let layers = 0;
  while (tensors.has(`N.layers.${layers + 1}.weight`)) layers++;
  if (layers === 0) find("N.layers.1.weight", [width, width]);
  const residual = Array.from({ length: layers + 1 }, (_, i) => [
    find(`N.layers.${i}.weight`, [width, i === 0 ? dimension + 1 : width]),
    find(`N.layers.${i}.bias`, [width]),
  ]).flat();
  const ends = [find("w.weight", [1, width]), find("A", [rank, dimension + 1]), find("c.weight", [1, dimension + 1])];
  const parts = [...residual, ...ends, find("c.bias", [1])];
  const field: PotentialConfig = { kind: "potential", dimension, width, layers, rank };
  const weights = Float32Array.from(parts.flatMap((part) => Array.from(part.data)));
  if (weights.length !== potentialSize(field) || !weights.every(Number.isFinite)) {
    throw new InputError({ where, came: "numbers that are not finite", expected: "finite numbers" });
  }

  const standardizer = createStandardizer({
    kind: "none",
    columns: data.columns,
    transforms: data.columns.map(() => ({ kind: "none" })),
    mean: data.columns.map(() => 0),
    sd: data.columns.map(() => 1),
  });
  const blocks = [{ weights, stepSize: Number.POSITIVE_INFINITY }];
  const flow: FlowConfig = { block: { field, divergence: "exact" }, blocks, steps };
  const settings = { imported: "OT-Flow checkpoint", width, layers };
  const unscored: Model = { system: "ot-flow", standardizer, flow, settings, scores: new Float64Array(0) };
  const open = openModel(engine, unscored);
  const scores = scoreQuantiles(open.logProb(data));
  open.dispose();
  return { ...unscored, scores };
}
