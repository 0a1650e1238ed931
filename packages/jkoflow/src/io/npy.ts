/** NumPy's NPY files: read as float32 tables, in blocks or whole, and written. */
import { InputError } from "../errors/errors.ts";
import { FloatBuffer } from "./floatBuffer.ts";
import { type NpyHeader, npyHeaderBytes, parseNpyHeader } from "./npyHeader.ts";
import { defaultColumns, type MissingPolicy, type ReadTable, RowBuffer } from "./numericTable.ts";
import { type ByteSource, peek } from "./source.ts";

export interface NpyOptions {
  /** The name of the file in messages. */
  readonly where?: string;
  readonly missing?: MissingPolicy;
  /** The length of the source in bytes, where it is known: the table then needs no room to grow. */
  readonly size?: number;
}

/** Consecutive rows of an array: `values` is [rows, columns], row after row. */
export interface NpyBlock {
  readonly firstRow: number;
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

/**
 * Reads a one- or two-dimensional array of numbers as a float32 table with columns x1, x2, ... Holds the table and one
 * chunk of the source. 64-bit integers and floats are rounded to float32.
 * @throws InputError when the file is not a plain NPY array, has too few or too many bytes, or a value is not finite.
 */
export async function readNpy(source: ByteSource, options: NpyOptions = {}): Promise<ReadTable> {
  const where = options.where ?? "npy";
  const policy = options.missing ?? "error";
  const { header, elements } = await openNpy(source, where);
  const { rows, columns } = header;
  // Only a header that the file's length bears out may ask for much memory.
  const honest = (options.size ?? 0) >= header.dataStart + rows * columns * header.itemBytes;
  const limit = honest ? rows * columns : undefined;
  const table = new RowBuffer(new FloatBuffer(where, rows * columns, limit), defaultColumns(columns), policy);
  const check = (value: number, row: number, column: number): number => {
    if (value - value === 0) return value;
    if (policy === "error" || (policy === "keep" && !Number.isNaN(value))) throw notFinite(value, row, column, where);
    return Number.NaN;
  };
  if (header.order === "C" || columns === 1 || rows === 1) {
    let index = 0;
    for await (const part of elements) {
      for (let i = 0; i < part.length; i++, index++) {
        const value = part[i];
        table.push(value - value === 0 ? value : check(value, Math.floor(index / columns), index % columns));
      }
    }
  } else {
    const gathered = new FloatBuffer(where, rows * columns);
    for await (const part of elements) for (let i = 0; i < part.length; i++) gathered.push(part[i]);
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < columns; k++) table.push(check(gathered.at(k * rows + i), i, k));
    }
  }
  return table.finish(where);
}

/**
 * Reads the same files block after block, holding no more than a block and a chunk: for files larger than memory.
 * Values may be NaN or infinite here; each block has `rowsPerBlock` rows (the last may have fewer).
 * @throws InputError as `readNpy`, and for an array in Fortran order, whose rows are complete only at its end.
 */
export async function* readNpyBlocks(
  source: ByteSource,
  rowsPerBlock: number,
  options: { readonly where?: string } = {},
): AsyncGenerator<NpyBlock, void, undefined> {
  const where = options.where ?? "npy";
  const { header, elements } = await openNpy(source, where);
  const { rows, columns } = header;
  if (header.order === "Fortran" && columns > 1 && rows > 1) {
    const fix = "save it with numpy.ascontiguousarray";
    throw new InputError({ where, came: "an array in Fortran order", expected: "C order to read it in blocks", fix });
  }
  let block = new FloatBuffer(where, rowsPerBlock * columns);
  let firstRow = 0;
  for await (const part of elements) {
    for (let i = 0; i < part.length; i++) {
      block.push(part[i]);
      if (block.length === rowsPerBlock * columns) {
        yield { firstRow, rows: rowsPerBlock, columns, values: block.finish() };
        firstRow += rowsPerBlock;
        block = new FloatBuffer(where, rowsPerBlock * columns);
      }
    }
  }
  if (block.length > 0) yield { firstRow, rows: block.length / columns, columns, values: block.finish() };
}

interface OpenNpy {
  readonly header: NpyHeader;
  readonly elements: AsyncIterable<Float32Array>;
}

async function openNpy(source: ByteSource, where: string): Promise<OpenNpy> {
  const { head, all } = await peek(source, (bytes) => bytes.length >= npyHeaderBytes(bytes));
  const header = parseNpyHeader(head, where);
  return { header, elements: decode(all, header, where) };
}

/** The elements as stored, in float32, checked for their exact number; each part is overwritten by the next. */
async function* decode(
  bytes: AsyncIterable<Uint8Array>,
  header: NpyHeader,
  where: string,
): AsyncGenerator<Float32Array, void, undefined> {
  const { itemBytes, dataStart } = header;
  const end = dataStart + header.rows * header.columns * itemBytes;
  const little = header.endian === "little";
  const element = READERS[header.kind];
  const split = new Uint8Array(itemBytes); // an element cut by the end of a chunk
  const splitView = new DataView(split.buffer);
  let room = new Float32Array(0); // used again: what is yielded is read before the next is asked for
  let held = 0;
  let at = 0; // bytes of the file before this chunk
  for await (const chunk of bytes) {
    if (at + chunk.length > end) {
      throw new InputError({ where, place: `byte ${end}`, came: "trailing bytes", expected: "the end of the file" });
    }
    let start = Math.min(chunk.length, Math.max(0, dataStart - at));
    at += chunk.length;
    const whole = Math.floor((held + chunk.length - start) / itemBytes);
    if (room.length < whole) room = new Float32Array(whole);
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

const READERS: Readonly<Record<NpyHeader["kind"], (view: DataView, at: number, little: boolean) => number>> = {
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

function notFinite(value: number, row: number, column: number, where: string): InputError {
  return new InputError({
    where,
    place: `row ${row + 1}, column x${column + 1}`,
    came: Number.isNaN(value) ? "NaN" : `${value} (infinite, or too large for float32)`,
    expected: "a finite number",
    fix: "clean the file, or choose a policy for missing values",
  });
}
