/** The maps of a flow as a sealed safetensors file: one tensor of weights for each step, their description as metadata. */
import { InputError, io } from "jkoflow";

const KIND = "jkoflow evolution";
const FORMAT = "1";

export interface StoredFlow {
  readonly system: string;
  readonly columns: readonly string[];
  /** Description of the maps, by their kind. */
  readonly map: unknown;
  readonly stepSize: number;
  /** Weights of each step. */
  readonly maps: readonly Float32Array[];
}

export function encodeFlow({ system, columns, map, stepSize, maps }: StoredFlow): Uint8Array {
  const metadata = {
    kind: KIND,
    format: FORMAT,
    system,
    columns: JSON.stringify(columns),
    map: JSON.stringify(map),
    stepSize: String(stepSize),
  };
  const tensors = new Map(maps.map((data, k) => [`map.${k}`, { shape: [data.length], data }] as const));
  return io.writeSealed({ tensors, metadata });
}

/** @throws InputError for anything but a whole file of a flow. */
export function decodeFlow(bytes: Uint8Array, where: string): StoredFlow {
  const { tensors, metadata } = io.readSealed(bytes, where);
  const fail = (place: string, came: string, expected: string): never => {
    throw new InputError({ where, place, came, expected });
  };
  if (metadata.kind !== KIND) fail("kind", JSON.stringify(metadata.kind) ?? "nothing", JSON.stringify(KIND));
  if (metadata.format !== FORMAT) fail("format", `${metadata.format}`, FORMAT);
  const parsed = (name: string): unknown => io.parseStrictJson(metadata[name] ?? "", `${where}:${name}`);
  const columns = parsed("columns");
  if (!Array.isArray(columns) || !columns.every((name) => typeof name === "string")) {
    return fail("columns", "no names", "a list of names");
  }
  const stepSize = Number(metadata.stepSize);
  if (!(stepSize > 0 && stepSize < Number.POSITIVE_INFINITY)) fail("stepSize", `${metadata.stepSize}`, "a step size");
  const maps = Array.from({ length: tensors.size }, (_, k) => {
    const data = tensors.get(`map.${k}`)?.data;
    return data instanceof Float32Array ? data : fail(`map.${k}`, "no such tensor", "float32 weights");
  });
  return { system: metadata.system ?? "", columns, map: parsed("map"), stepSize, maps };
}
