/**
 * The safetensors format: named arrays and a string map, never code.
 *
 * Source: huggingface/safetensors, README "Format" and its reference reader. 8 bytes header length N (little-endian
 * uint64); N bytes JSON that begin with `{`, may end with spaces, and map each name to dtype, shape and data_offsets,
 * and `__metadata__` to strings; then the data, without holes, little-endian, C order.
 */

import { cameOf } from "../errors/came.ts";
import { InputError } from "../errors/errors.ts";
import { checkKind, kindOf } from "../errors/kinds.ts";
import { concatBytes, quote } from "./source.ts";
import { parseStrictJson } from "./strictJson.ts";

/** The kinds of arrays a file may hold. */
export type TensorData =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigUint64Array
  | BigInt64Array;

/** A named array: numbers with a shape, last dimension fastest. */
export interface Tensor {
  readonly shape: readonly number[];
  /** Its kind of array tells the dtype: Float32Array is F32, and so on. */
  readonly data: TensorData;
}

/** Arrays and words by name. */
export interface TensorFile {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

interface Dtype {
  readonly name: string;
  readonly bytes: number;
  readonly create: new (buffer: ArrayBuffer) => TensorData;
}

const DTYPES: readonly Dtype[] = [
  { name: "F64", bytes: 8, create: Float64Array },
  { name: "I64", bytes: 8, create: BigInt64Array },
  { name: "U64", bytes: 8, create: BigUint64Array },
  { name: "F32", bytes: 4, create: Float32Array },
  { name: "I32", bytes: 4, create: Int32Array },
  { name: "U32", bytes: 4, create: Uint32Array },
  { name: "I16", bytes: 2, create: Int16Array },
  { name: "U16", bytes: 2, create: Uint16Array },
  { name: "I8", bytes: 1, create: Int8Array },
  { name: "U8", bytes: 1, create: Uint8Array },
];

const LONGEST_HEADER = 100_000_000;

/**
 * Reads a file; the arrays are copies.
 * @throws InputError for anything the format does not allow, and for dtypes without a JavaScript array (BOOL, BF16, ...).
 */
export function readSafetensors(bytes: Uint8Array, where: string = "safetensors"): TensorFile {
  checkKind(bytes, "Uint8Array", where);
  const { header, dataStart } = readHeader(bytes, where);
  const metadata = checkMetadata(header.__metadata__, where);
  const entries = Object.entries(header)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, value]) => checkEntry(name, value, where))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    if (begin !== at) {
      const came = `data from byte ${begin}`;
      throw new InputError({ where, place: quote(name), came, expected: `from byte ${at}, without hole or overlap` });
    }
    at = end;
    if (dataStart + end > bytes.length) {
      const came = `${bytes.length} bytes`;
      throw new InputError({
        where,
        place: quote(name),
        came,
        expected: `${dataStart + end}`,
        fix: "the file is cut off",
      });
    }
    // Not bytes.slice(): that of a Node Buffer is no copy, but a view of the whole file.
    const copy = new Uint8Array(bytes.subarray(dataStart + begin, dataStart + end));
    tensors.set(name, { shape, data: new dtype.create(copy.buffer) });
  }
  if (dataStart + at !== bytes.length) {
    throw new InputError({ where, came: `${bytes.length} bytes`, expected: `${dataStart + at}, no trailing bytes` });
  }
  return { tensors, metadata };
}

/**
 * Writes a file. Equal content gives equal bytes: metadata keys are sorted, arrays ordered by falling item size (so that
 * all are aligned) and then by name.
 * @throws InputError when a shape does not fit its data or a name is `__metadata__` or `__proto__`.
 */
export function writeSafetensors(file: TensorFile): Uint8Array {
  const where = "writeSafetensors";
  const entries = [...file.tensors].map(([name, { shape, data }]) => {
    if (name === "__metadata__" || name === "__proto__") {
      throw new InputError({ where, came: `a tensor named ${quote(name)}`, expected: "another name" });
    }
    const dtype = DTYPES.find(({ create }) => create.name === kindOf(data));
    if (dtype === undefined) {
      const expected = DTYPES.map(({ create }) => create.name).join(", ");
      throw new InputError({ where, place: quote(name), came: cameOf(data), expected: `one of ${expected}` });
    }
    if (shape.reduce((product, n) => product * n, 1) !== data.length) {
      const came = `shape [${shape.join(", ")}]`;
      throw new InputError({ where, place: quote(name), came, expected: `a shape of ${data.length} elements` });
    }
    return { name, shape, data, dtype };
  });
  entries.sort((a, b) => b.dtype.bytes - a.dtype.bytes || compareText(a.name, b.name));
  const metadata = Object.entries(file.metadata).sort(([a], [b]) => compareText(a, b));
  if (metadata.some(([key]) => key === "__proto__")) {
    throw new InputError({ where, place: "__metadata__", came: 'the key "__proto__"', expected: "another name" });
  }
  const header: [string, unknown][] = metadata.length > 0 ? [["__metadata__", Object.fromEntries(metadata)]] : [];
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const { name, shape, data, dtype } of entries) {
    header.push([name, { dtype: dtype.name, shape, data_offsets: [at, at + data.byteLength] }]);
    parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    at += data.byteLength;
  }
  // Joined by hand: an object would put keys that look like integers first.
  const json = `{${header.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`;
  const text = new TextEncoder().encode(json);
  const padded = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(0x20);
  padded.set(text);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(padded.length), true);
  return concatBytes([length, padded, ...parts], 8 + padded.length + at);
}

interface Header {
  readonly header: Readonly<Record<string, unknown>>;
  readonly dataStart: number;
}

function readHeader(bytes: Uint8Array, where: string): Header {
  const problem = (came: string, expected: string, fix?: string): InputError =>
    new InputError({ where, place: "header", came, expected, fix });
  if (bytes.length < 8) throw problem(`${bytes.length} bytes`, "at least 8", "the file is empty or cut off");
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true);
  if (length > BigInt(LONGEST_HEADER))
    throw problem(`a length of ${length}`, `at most ${LONGEST_HEADER}`, "is it safetensors?");
  const dataStart = 8 + Number(length);
  if (dataStart > bytes.length) throw problem(`${bytes.length} bytes`, `${dataStart}`, "the file is cut off");
  if (bytes[8] !== 0x7b || length === 0n) throw problem("another first byte", "{", "is it safetensors?");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, dataStart));
  } catch {
    throw problem("damaged characters", "UTF-8");
  }
  return { header: parseStrictJson(text, `${where}:header`) as Record<string, unknown>, dataStart };
}

function checkMetadata(value: unknown, where: string): Record<string, string> {
  if (value === undefined) return {};
  if (!isRecord(value) || Object.values(value).some((v) => typeof v !== "string")) {
    throw new InputError({ where, place: "__metadata__", came: typeof value, expected: "a map of strings to strings" });
  }
  return value as Record<string, string>;
}

interface Entry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function checkEntry(name: string, value: unknown, where: string): Entry {
  const problem = (came: string, expected: string): InputError =>
    new InputError({ where, place: quote(name), came, expected });
  if (!isRecord(value) || Object.keys(value).sort().join() !== "data_offsets,dtype,shape") {
    throw problem(quote(JSON.stringify(value)), "exactly dtype, shape and data_offsets");
  }
  const dtype = DTYPES.find((d) => d.name === value.dtype);
  if (dtype === undefined) {
    throw problem(`dtype ${quote(String(value.dtype))}`, `one of ${DTYPES.map((d) => d.name).join(", ")}`);
  }
  const { shape, data_offsets: offsets } = value;
  if (!isCounts(shape)) throw problem("a shape", "a list of integers >= 0");
  if (!isCounts(offsets) || offsets.length !== 2) throw problem("data_offsets", "two integers >= 0");
  let size = dtype.bytes;
  for (const n of shape) {
    size *= n;
    if (!Number.isSafeInteger(size)) throw problem(`shape ${quote(JSON.stringify(shape))}`, "a product below 2^53");
  }
  const [begin, end] = offsets;
  if (end - begin !== size) throw problem(`data_offsets ${begin}, ${end}`, `${size} bytes as the shape says`);
  return { name, dtype, shape, begin, end };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

/** By UTF-16 code units: `localeCompare` depends on the machine. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
