/** Parquet tables of numbers, row group by row group. The reader is loaded when the first such file is met. */
import fs from "node:fs";
import type { AsyncBuffer, FileMetaData, SchemaTree } from "hyparquet";
import { InputError, io } from "jkoflow";
import type { RowBlock } from "./rowBlock.ts";
import type { Input } from "./source.ts";

export const isParquet = ({ head }: Input): boolean =>
  head[0] === 0x50 && head[1] === 0x41 && head[2] === 0x52 && head[3] === 0x31;

/** Types that are numbers as they are stored. */
const NUMERIC = ["BOOLEAN", "INT32", "INT64", "FLOAT", "DOUBLE"];
const NUMERIC_MEANINGS = ["DECIMAL", "UINT_8", "UINT_16", "UINT_32", "UINT_64", "INT_8", "INT_16", "INT_32", "INT_64"];

/**
 * The chosen columns of each row group; nulls come as NaN.
 *
 * @throws InputError for a damaged file, nested columns, columns that are not numbers, integers above 2^53.
 */
export async function* readParquetBlocks(
  input: Input,
  choose: (names: readonly string[]) => readonly number[],
): AsyncGenerator<RowBlock, void, undefined> {
  const { parquetMetadataAsync, parquetRead, parquetSchema } = await import("hyparquet");
  const { compressors } = await import("hyparquet-compressors");
  const { where } = input;
  const { file, close } = await openBuffer(input);
  try {
    const metadata = await guarded(where, () => parquetMetadataAsync(file));
    const leaves = parquetSchema(metadata).children;
    const names = leaves.map(({ element }) => element.name);
    const chosen = choose(names);
    for (const k of chosen) checkColumn(leaves[k], where);
    checkGroups(metadata, where);
    const columns = chosen.map((k) => names[k]);
    let firstRow = 0;
    for (const group of metadata.row_groups) {
      const rows = Number(group.num_rows);
      const values = new Float32Array(rows * columns.length).fill(Number.NaN);
      const range = { rowStart: firstRow, rowEnd: firstRow + rows };
      const fill = (name: string, from: number, cells: ArrayLike<unknown>): void => {
        const k = columns.indexOf(name);
        for (let i = 0; i < cells.length; i++) {
          const row = from + i - firstRow;
          if (row >= 0 && row < rows) values[row * columns.length + k] = numberOf(cells[i], where, name, from + i);
        }
      };
      await guarded(where, () =>
        parquetRead({
          file,
          metadata,
          columns,
          compressors,
          ...range,
          onChunk: ({ columnName, rowStart, columnData }) => fill(columnName, rowStart, columnData),
        }),
      );
      if (rows > 0) yield { columns, rows, firstRow, values };
      firstRow += rows;
    }
    if (firstRow === 0) throw new InputError({ where, came: "no rows", expected: "rows of numbers" });
  } finally {
    close();
  }
}

/** A file is read piece by piece, standard input as a whole. */
async function openBuffer({ path, bytes, where }: Input): Promise<{ file: AsyncBuffer; close: () => void }> {
  if (path === undefined) {
    const all = await io.readAll(bytes, where);
    const slice = (start: number, end?: number): ArrayBuffer => all.slice(start, end).buffer as ArrayBuffer;
    return { file: { byteLength: all.length, slice }, close: () => {} };
  }
  const descriptor = fs.openSync(path, "r");
  const byteLength = fs.fstatSync(descriptor).size;
  const slice = (start: number, end: number = byteLength): ArrayBuffer => {
    if (!(start >= 0 && end >= start && end <= byteLength)) throw new RangeError("a piece outside the file");
    const piece = new Uint8Array(end - start);
    fs.readSync(descriptor, piece, 0, piece.length, start);
    return piece.buffer;
  };
  return { file: { byteLength, slice }, close: () => fs.closeSync(descriptor) };
}

/** Whatever the reader stumbles over is damage of the file. */
async function guarded<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InputError) throw error;
    const came = `a damaged Parquet file (${(error as Error).message})`;
    throw new InputError({ where, came, expected: "a whole one", fix: "write it again" });
  }
}

function checkColumn({ element, children }: SchemaTree, where: string): void {
  const place = `column ${JSON.stringify(element.name)}`;
  const fix = "leave it out with --drop, or name the columns to use with --columns";
  if (children.length > 0 || element.repetition_type === "REPEATED") {
    throw new InputError({ where, place, came: "a nested column", expected: "a flat one", fix });
  }
  const meaning = element.converted_type ?? element.logical_type?.type;
  const decimal = meaning === "DECIMAL";
  const plain =
    NUMERIC.includes(element.type ?? "") &&
    (meaning === undefined || meaning === "INTEGER" || NUMERIC_MEANINGS.includes(meaning));
  if (!plain && !decimal) {
    throw new InputError({ where, place, came: String(meaning ?? element.type), expected: "numbers", fix });
  }
}

function checkGroups({ row_groups, num_rows }: FileMetaData, where: string): void {
  const sum = row_groups.reduce((rows, group) => rows + Number(group.num_rows), 0);
  const whole = row_groups.every(({ num_rows: rows }) => Number(rows) >= 0 && Number(rows) < 2 ** 31);
  if (!whole || sum !== Number(num_rows)) {
    throw new InputError({
      where,
      came: `row groups of ${sum} rows in all`,
      expected: `${num_rows}, as the footer says`,
    });
  }
}

function numberOf(cell: unknown, where: string, name: string, row: number): number {
  if (cell === null || cell === undefined) return Number.NaN;
  if (typeof cell === "number") return cell;
  if (typeof cell === "boolean") return cell ? 1 : 0;
  const exact = typeof cell === "bigint" && cell <= 2n ** 53n && cell >= -(2n ** 53n);
  if (exact) return Number(cell);
  const place = `row ${row + 1}, column ${JSON.stringify(name)}`;
  throw new InputError({
    where,
    place,
    came: `${typeof cell} ${String(cell).slice(0, 40)}`,
    expected: "a number of at most 2^53",
  });
}
