/** Samplers in model files: sealed safetensors, the weights of each map as a tensor, rejection steps and all else as JSON. */
import { cameOf } from "../errors/came.ts";
import { InputError } from "../errors/index.ts";
import { parseStrictJson, readSealed, type Tensor, writeSealed } from "../io/index.ts";
import type { CorrectedModel, CorrectedPart } from "./corrected.ts";
import { correctedFormat, modelKind } from "./fileFormats.ts";
import { decodeMixtureBase, describeMixtureBase, encodeMixtureBase } from "./mixtureFile.ts";
import { checkPart } from "./part.ts";
import { isRejection } from "./rejection.ts";

/** A sampler as a file. Equal samplers, equal bytes. */
export function encodeCorrected({ system, columns, base, parts }: CorrectedModel): Uint8Array {
  const tensors = new Map<string, Tensor>(base === "start" ? [] : encodeMixtureBase(base));
  const described = parts.map((part, k) => {
    if (isRejection(part)) return { kind: part.kind, logC: part.logC, mean: part.mean };
    tensors.set(`parts.${k}.weights`, { shape: [part.weights.length], data: part.weights });
    return part.config;
  });
  const ofBase = base === "start" ? { base } : describeMixtureBase(base);
  const config = JSON.stringify({ system, columns, ...ofBase, parts: described });
  return writeSealed({ tensors, metadata: { kind: modelKind, format: String(correctedFormat), config } });
}

/** @throws InputError for anything but a whole sampler of this format. */
export function decodeCorrected(bytes: Uint8Array, where = "model"): CorrectedModel {
  const { tensors, metadata } = readSealed(bytes, where);
  const fail = (place: string, came: string, expected: string): never => {
    throw new InputError({ where, place, came, expected });
  };
  if (metadata.kind !== modelKind) fail("kind", cameOf(metadata.kind), JSON.stringify(modelKind));
  if (metadata.format !== String(correctedFormat))
    fail("format", `format ${metadata.format}`, `format ${correctedFormat}`);
  const parsed = parseStrictJson(metadata.config ?? "", `${where}:config`);
  if (typeof parsed !== "object" || parsed === null) return fail("config", cameOf(parsed), "an object");
  const { system, columns, parts: described, ...ofBase } = parsed as Readonly<Record<string, unknown>>;
  if (typeof system !== "string") return fail("system", cameOf(system), "a name");
  if (!isNames(columns)) return fail("columns", cameOf(columns), "names, each once");
  if (!Array.isArray(described)) return fail("parts", cameOf(described), "a list of descriptions");
  const d = columns.length;
  const numbers = (name: string, length?: number): Float32Array | Float64Array => {
    const data = tensors.get(name)?.data;
    if (!(data instanceof Float32Array || data instanceof Float64Array)) return fail(name, "no such tensor", "numbers");
    if (length !== undefined && data.length !== length) fail(name, `${data.length} numbers`, `${length}`);
    if (!data.every(Number.isFinite)) fail(name, "a number that is not finite", "finite numbers");
    return data;
  };
  const base = ofBase.base === "start" ? "start" : decodeMixtureBase(ofBase, numbers, d, where);
  if (base === undefined) return fail("base", cameOf(ofBase.base), "start | mixture");
  const parts = described.map((part: unknown, k): CorrectedPart => {
    if (typeof part === "object" && part !== null && isRejection(part)) {
      const { logC, mean } = part;
      if (!Number.isFinite(logC)) fail(`part ${k}.logC`, cameOf(logC), "a number");
      if (!(mean > 0 && mean < 1)) fail(`part ${k}.mean`, cameOf(mean), "a number above 0 and below 1");
      return { kind: "rejection", logC, mean };
    }
    const { config, size, dimension } = checkPart(part, fail);
    if (dimension !== d) fail(`part ${k}`, `${dimension} columns`, `${d}, as the sampler has`);
    const weights = numbers(`parts.${k}.weights`, size);
    if (!(weights instanceof Float32Array)) return fail(`parts.${k}.weights`, "float64", "float32 weights");
    return { config, weights };
  });
  const count = parts.filter((part) => !isRejection(part)).length + (base === "start" ? 0 : 3);
  if (tensors.size !== count) fail("tensors", `${tensors.size} tensors`, `${count}`);
  return { system, columns, base, parts };
}

const isNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  new Set(value).size === value.length &&
  value.every((item) => typeof item === "string");

/** Whether bytes begin as the file of a sampler does; whether it is whole, `decodeCorrected` says. */
export function holdsCorrected(bytes: Uint8Array): boolean {
  if (bytes.length < 8) return false;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = new TextDecoder().decode(bytes.subarray(8, 8 + length));
  return header.includes(`"kind":"${modelKind}"`) && header.includes(`"format":"${correctedFormat}"`);
}
