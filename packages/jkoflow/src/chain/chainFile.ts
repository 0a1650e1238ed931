/**
 * Chains in model files: sealed safetensors, the weights of each part as a tensor, all else as JSON. A description that
 * several parts share is stored once. Formats below are those of models of tables (flow/modelFile.ts).
 */
import { cameOf } from "../errors/came.ts";
import { InputError } from "../errors/index.ts";
import { parseStrictJson, readSealed, type Tensor, writeSealed } from "../io/index.ts";
import type { Fail } from "../maps/index.ts";
import type { Chain } from "./chain.ts";
import { chainFormat, modelKind, tableFormats } from "./fileFormats.ts";
import { checkPart } from "./part.ts";
import type { Part } from "./partTypes.ts";

/** A chain as a file. Equal chains, equal bytes. */
export function encodeChain({ system, columns, base, direction, parts, times }: Chain): Uint8Array {
  const maps: string[] = [];
  const tensors = new Map<string, Tensor>();
  const of = parts.map(({ config, weights }, k) => {
    tensors.set(`parts.${k}.weights`, { shape: [weights.length], data: weights });
    const text = JSON.stringify(config);
    if (!maps.includes(text)) maps.push(text);
    return maps.indexOf(text);
  });
  const described = { system, columns, base, direction, maps: maps.map((text) => JSON.parse(text) as unknown), of };
  const config = JSON.stringify({ ...described, ...(times ? { times } : {}) });
  return writeSealed({ tensors, metadata: { kind: modelKind, format: String(chainFormat), config } });
}

/** @throws InputError for anything but a whole chain of this format. */
export function decodeChain(bytes: Uint8Array, where = "model"): Chain {
  const { tensors, metadata } = readSealed(bytes, where);
  const fail: Fail & ((place: string, came: string, expected: string, fix?: string) => never) = (
    place: string,
    came: string,
    expected: string,
    fix?: string,
  ): never => {
    throw new InputError({ where, place, came, expected, ...(fix ? { fix } : {}) });
  };
  if (metadata.kind !== modelKind) fail("kind", cameOf(metadata.kind), JSON.stringify(modelKind));
  if (metadata.format !== String(chainFormat)) {
    const isOfTable = Object.values(tableFormats).map(String).includes(metadata.format);
    const fix = isOfTable ? "it is a model of a table: decodeModel" : "use the version of jkoflow that wrote it";
    fail("format", `format ${metadata.format}`, `format ${chainFormat}`, fix);
  }
  const parsed = parseStrictJson(metadata.config ?? "", `${where}:config`);
  if (typeof parsed !== "object" || parsed === null) return fail("config", cameOf(parsed), "an object");
  const { system, columns, base, direction, maps, of, times } = parsed as Readonly<Record<string, unknown>>;
  if (typeof system !== "string") return fail("system", cameOf(system), "a name");
  if (!(isListOf(columns, "string") && columns.length > 0 && new Set(columns).size === columns.length))
    return fail("columns", cameOf(columns), "names, each once");
  if (base !== "standard" && base !== "start") return fail("base", cameOf(base), "standard | start");
  if (direction !== "from base" && direction !== "to base")
    return fail("direction", cameOf(direction), "from base | to base");
  if (!Array.isArray(maps)) return fail("maps", cameOf(maps), "a list of descriptions");
  const kinds = maps.map((map) => checkPart(map, fail));
  for (const { dimension } of kinds)
    if (dimension !== columns.length) fail("maps", `${dimension} columns`, `${columns.length}, as the chain has`);
  if (!isListOf(of, "number")) return fail("of", cameOf(of), "the number of its description for each part");
  if (tensors.size !== of.length) fail("tensors", `${tensors.size} tensors`, `${of.length}, one for each part`);
  const parts = of.map((at, k): Part => {
    const kind = kinds.at(at);
    if (!(Number.isInteger(at) && at >= 0 && kind)) return fail(`of ${k}`, String(at), `below ${kinds.length}`);
    const weights = tensors.get(`parts.${k}.weights`)?.data;
    if (!(weights instanceof Float32Array)) return fail(`parts.${k}.weights`, "no such tensor", "float32 weights");
    if (weights.length !== kind.size) fail(`parts.${k}.weights`, `${weights.length} numbers`, `${kind.size}`);
    if (!weights.every(Number.isFinite)) fail(`parts.${k}.weights`, "a number that is not finite", "finite numbers");
    return { config: kind.config, weights };
  });
  const chain = { system, columns, base, direction, parts } as const;
  if (times === undefined) return chain;
  if (direction !== "from base") fail("times", "times of a chain to its base", "none");
  const rising = (list: readonly number[]): boolean => list.every((time, k) => k === 0 || time > list[k - 1]);
  if (!(isListOf(times, "number") && times.length === parts.length + 1 && rising(times)))
    return fail("times", cameOf(times), `${parts.length + 1} numbers that rise`);
  return { ...chain, times };
}

function isListOf(value: unknown, kind: "string"): value is readonly string[];
function isListOf(value: unknown, kind: "number"): value is readonly number[];
function isListOf(value: unknown, kind: "string" | "number"): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === kind);
}

/** Whether bytes begin as the file of a chain does; whether it is whole, `decodeChain` says. */
export function holdsChain(bytes: Uint8Array): boolean {
  if (bytes.length < 8) return false;
  const header = new TextDecoder().decode(
    bytes.subarray(8, 8 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)),
  );
  // Quotes inside of strings are escaped, so that these are fields.
  return header.includes(`"kind":"${modelKind}"`) && header.includes(`"format":"${chainFormat}"`);
}
