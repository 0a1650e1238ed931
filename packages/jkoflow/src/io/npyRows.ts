/** The elements of an NPY array in the order of its rows, whatever the order in the file. */
import { InputError } from "../errors/errors.ts";
import { createDoubles } from "./doubles.ts";
import { FloatBuffer } from "./floatBuffer.ts";
import type { NpyHeader } from "./npyHeader.ts";

/** Elements as numbers: float64 where float32 would not hold all values of the type. */
export type Elements = Float32Array | Float64Array;

/** `length` bytes of the plain file from `start` on, fewer where it ends. */
export type ReadAt = (start: number, length: number) => Uint8Array;

/** Bytes of one column that are read at one time, by which few reads make many rows. */
const STRIDE_BYTES = 2 ** 18;

/** Parts of whole or broken rows, one after the other; each part is overwritten by the next. */
export function rowsOf(
  bytes: AsyncIterable<Uint8Array>,
  header: NpyHeader,
  where: string,
  readAt?: ReadAt,
): AsyncIterable<Elements> {
  const { order, rows, columns } = header;
  if (order === "C" || columns === 1 || rows === 1) return decode(bytes, header, where);
  return readAt === undefined
    ? transposed(decode(bytes, header, where), header, where)
    : strided(header, where, readAt);
}

/** An array in Fortran order from a stream: its first row is complete only at its end, so it is held. */
async function* transposed(
  elements: AsyncIterable<Elements>,
  { rows, columns, kind }: NpyHeader,
  where: string,
): AsyncGenerator<Elements, void, undefined> {
  const held = IN_FLOAT32.includes(kind) ? new FloatBuffer(where) : createDoubles(where);
  for await (const part of elements) for (let i = 0; i < part.length; i++) held.push(part[i]);
  const all = held instanceof FloatBuffer ? held.finish() : held.values();
  const row = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < columns; k++) row[k] = all[k * rows + i];
    yield row;
  }
}

/** An array in Fortran order from a file: a piece of each column at a time. */
async function* strided(header: NpyHeader, where: string, readAt: ReadAt): AsyncGenerator<Elements, void, undefined> {
  const { rows, columns, itemBytes, dataStart } = header;
  checkEnd(dataStart + rows * columns * itemBytes, where, readAt);
  const most = Math.max(1, Math.min(rows, Math.floor(STRIDE_BYTES / itemBytes), Math.ceil(2 ** 22 / columns)));
  const element = READERS[header.kind];
  const values = new Float64Array(most * columns);
  for (let first = 0; first < rows; first += most) {
    const count = Math.min(most, rows - first);
    for (let k = 0; k < columns; k++) {
      const piece = readAt(dataStart + (k * rows + first) * itemBytes, count * itemBytes);
      const view = new DataView(piece.buffer, piece.byteOffset, piece.byteLength);
      const little = header.endian === "little";
      for (let i = 0; i < count; i++) values[i * columns + k] = element(view, i * itemBytes, little);
    }
    yield values.subarray(0, count * columns);
  }
}

function checkEnd(end: number, where: string, readAt: ReadAt): void {
  if (readAt(end, 1).length > 0) throw trailing(end, where);
  if (readAt(end - 1, 1).length > 0) return;
  throw new InputError({ where, came: "fewer bytes", expected: `${end} bytes`, fix: "the file is cut off" });
}

const trailing = (end: number, where: string): InputError =>
  new InputError({ where, place: `byte ${end}`, came: "trailing bytes", expected: "the end of the file" });

/** The elements as stored, checked for their exact number; each part is overwritten by the next. */
async function* decode(
  bytes: AsyncIterable<Uint8Array>,
  header: NpyHeader,
  where: string,
): AsyncGenerator<Elements, void, undefined> {
  const { itemBytes, dataStart } = header;
  const end = dataStart + header.rows * header.columns * itemBytes;
  const little = header.endian === "little";
  const element = READERS[header.kind];
  const create = (length: number): Elements =>
    IN_FLOAT32.includes(header.kind) ? new Float32Array(length) : new Float64Array(length);
  const split = new Uint8Array(itemBytes); // an element cut by the end of a chunk
  const splitView = new DataView(split.buffer);
  let room = create(0); // used again: what is yielded is read before the next is asked for
  let held = 0;
  let at = 0; // bytes of the file before this chunk
  for await (const chunk of bytes) {
    if (at + chunk.length > end) throw trailing(end, where);
    let start = Math.min(chunk.length, Math.max(0, dataStart - at));
    at += chunk.length;
    const whole = Math.floor((held + chunk.length - start) / itemBytes);
    if (room.length < whole) room = create(whole);
    const values = room.subarray(0, whole);
    let count = 0;
    while (held > 0 && start < chunk.length) {
      split[held++] = chunk[start++];
      if (held === itemBytes) {
        values[count++] = element(splitView, 0, little);
        held = 0;
      }
    }
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (; start + itemBytes <= chunk.length; start += itemBytes) values[count++] = element(view, start, little);
    while (start < chunk.length) split[held++] = chunk[start++];
    yield values;
  }
  if (at < end) {
    throw new InputError({ where, came: `${at} bytes`, expected: `${end} bytes`, fix: "the file is cut off" });
  }
}

const IN_FLOAT32: readonly NpyHeader["kind"][] = ["f2", "f4", "i1", "i2", "u1", "u2", "b1"];

const READERS: Readonly<Record<NpyHeader["kind"], (view: DataView, at: number, little: boolean) => number>> = {
  f2: (view, at, little) => halfFloat(view.getUint16(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
  i1: (view, at) => view.getInt8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  u1: (view, at) => view.getUint8(at),
  u2: (view, at, little) => view.getUint16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
  b1: (view, at) => (view.getUint8(at) === 0 ? 0 : 1),
};

/** IEEE 754 binary16: 1 bit of sign, 5 of the exponent, 10 of the fraction. */
export function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}
