/** NumPy's NPY files: read as float32 tables, in blocks or whole, and written. */
import { InputError } from "../errors/errors.ts";
import { FloatBuffer } from "./floatBuffer.ts";
import { type NpyHeader, npyHeaderBytes, parseNpyHeader } from "./npyHeader.ts";
import { type Elements, type ReadAt, rowsOf } from "./npyRows.ts";
import { LARGEST_FLOAT32, type MissingPolicy, type OffsetWish, type ReadTable, RowBuffer } from "./numericTable.ts";
import { type ByteSource, peek } from "./source.ts";

export interface NpySource {
  /** The name of the file in messages. */
  readonly where?: string;
  /**
   * Reads the source at any place, where it is a plain file: an array in Fortran order is then read a piece of each column
   * at a time. Without, it is held as a whole.
   */
  readonly readAt?: ReadAt;
  /** Numbers that stand for a missing value. */
  readonly gaps?: ReadonlySet<number>;
}

export interface NpyOptions extends NpySource {
  readonly missing?: MissingPolicy;
  /** The length of the source in bytes, where it is known: the table then needs no room to grow. */
  readonly size?: number;
  /** Subtracted from columns in float64; none by default. */
  readonly offsets?: OffsetWish;
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
  const { header, elements } = await openNpy(source, where, options.readAt);
  const { rows, columns } = header;
  // Only a header that the file's length bears out may ask for much memory.
  const honest = (options.size ?? 0) >= header.dataStart + rows * columns * header.itemBytes;
  const limit = honest ? rows * columns : undefined;
  const cells = new FloatBuffer(where, rows * columns, limit);
  const table = new RowBuffer(cells, columns, policy, where, options.offsets);
  const isGap = gapTest(options.gaps);
  let index = 0;
  for await (const part of elements) {
    for (let i = 0; i < part.length; i++, index++) {
      const value = part[i];
      if (Math.abs(value) <= LARGEST_FLOAT32 && !isGap(value)) table.push(value);
      else if (policy === "error" || (policy === "keep" && Math.abs(value) > LARGEST_FLOAT32 && !isGap(value)))
        throw notFinite(value, Math.floor(index / columns), index % columns, where);
      else table.push(Number.NaN);
    }
  }
  return table.finish(where);
}

/**
 * Reads the same files block after block, holding no more than a block and a chunk: for files larger than memory (an array
 * in Fortran order without `readAt` is held as a whole). Values may be NaN or infinite here; each block has `rowsPerBlock`
 * rows (the last may have fewer). `offsets`, one for each column, are subtracted in float64.
 * @throws InputError as `readNpy`.
 */
export async function* readNpyBlocks(
  source: ByteSource,
  rowsPerBlock: number,
  options: NpySource & { readonly offsets?: (columns: number) => readonly number[] } = {},
): AsyncGenerator<NpyBlock, void, undefined> {
  const where = options.where ?? "npy";
  const { header, elements } = await openNpy(source, where, options.readAt);
  const { columns } = header;
  const shifts = options.offsets?.(columns) ?? [];
  const isGap = gapTest(options.gaps);
  const full = rowsPerBlock * columns;
  let block = new FloatBuffer(where, full);
  let firstRow = 0;
  let column = 0;
  for await (const part of elements) {
    for (let i = 0; i < part.length; i++) {
      block.push(isGap(part[i]) ? Number.NaN : part[i] - (shifts[column] ?? 0));
      if (++column === columns) column = 0;
      if (block.length === full) {
        yield { firstRow, rows: rowsPerBlock, columns, values: block.finish() };
        firstRow += rowsPerBlock;
        block = new FloatBuffer(where, full);
      }
    }
  }
  if (block.length > 0) yield { firstRow, rows: block.length / columns, columns, values: block.finish() };
}

const gapTest = (gaps: ReadonlySet<number> | undefined): ((value: number) => boolean) =>
  gaps === undefined || gaps.size === 0 ? () => false : (value) => gaps.has(value);

interface OpenNpy {
  readonly header: NpyHeader;
  readonly elements: AsyncIterable<Elements>;
}

async function openNpy(source: ByteSource, where: string, readAt: ReadAt | undefined): Promise<OpenNpy> {
  const { head, all } = await peek(source, (bytes) => bytes.length >= npyHeaderBytes(bytes));
  const header = parseNpyHeader(head, where);
  return { header, elements: rowsOf(all, header, where, readAt) };
}

function notFinite(value: number, row: number, column: number, where: string): InputError {
  const large = Number.isNaN(value) || !Number.isFinite(Math.fround(value));
  return new InputError({
    where,
    place: `row ${row + 1}, column x${column + 1}`,
    came: Number.isNaN(value)
      ? "NaN"
      : large
        ? `${Math.fround(value)} (infinite, or too large for float32)`
        : `${value}, a gap`,
    expected: "a finite number",
    fix: "clean the file, or choose a policy for missing values",
  });
}
