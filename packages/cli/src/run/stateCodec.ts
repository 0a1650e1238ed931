/**
 * A training state as a sealed safetensors file: typed arrays become tensors, all else JSON. It knows nothing of what the
 * state means, so that a system may put into it what it needs.
 */
import { InputError, io } from "jkoflow";

/** JSON has no place for these; they are written as {"$number": "Infinity"}. */
const isOdd = (x: unknown): x is number => typeof x === "number" && (!Number.isFinite(x) || Object.is(x, -0));

const ODD: readonly unknown[] = ["NaN", "Infinity", "-Infinity", "-0"];

export function encodeState(state: unknown, metadata: Readonly<Record<string, string>>): Uint8Array {
  const tensors = new Map<string, io.Tensor>();
  const plain = (value: unknown, path: string): unknown => {
    if (ArrayBuffer.isView(value)) {
      const data = value as io.TensorData;
      tensors.set(path, { shape: [data.length], data });
      return { $tensor: path };
    }
    if (isOdd(value)) return { $number: Object.is(value, -0) ? "-0" : String(value) };
    if (Array.isArray(value)) return value.map((item, i) => plain(item, `${path}.${i}`));
    if (value !== null && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, `${path}.${key}`)]));
    }
    return value;
  };
  const json = JSON.stringify(plain(state, "state"));
  return io.writeSealed({ tensors, metadata: { ...metadata, state: json } });
}

/** @throws InputError for a file that is damaged or holds something else. */
export function decodeState(
  bytes: Uint8Array,
  where: string,
): { readonly state: unknown; readonly metadata: Readonly<Record<string, string>> } {
  const { tensors, metadata } = io.readSealed(bytes, where);
  if (metadata.state === undefined) {
    throw new InputError({ where, came: "no state", expected: "a checkpoint of jkoflow" });
  }
  const whole = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(whole);
    if (value === null || typeof value !== "object") return value;
    const { $tensor, $number } = value as { readonly $tensor?: unknown; readonly $number?: unknown };
    if ($number !== undefined) {
      if (ODD.includes($number)) return Number($number);
      throw new InputError({ where, place: "$number", came: JSON.stringify($number), expected: ODD.join(", ") });
    }
    if ($tensor === undefined) {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, whole(item)]));
    }
    const tensor = typeof $tensor === "string" ? tensors.get($tensor) : undefined;
    const place = JSON.stringify($tensor);
    if (tensor === undefined) throw new InputError({ where, place, came: "no such tensor", expected: "one" });
    return tensor.data;
  };
  return { state: whole(io.parseStrictJson(metadata.state, `${where}:state`)), metadata };
}
