/** Some columns of a table as words, whatever the format: given columns may be numbers or categories. */
import { data, io } from "jkoflow";
import type { Shell } from "../shell.ts";
import { collectModelRows, type ModelRowOptions } from "./modelRows.ts";
import { isParquet, readParquetBlocks } from "./parquet.ts";
import { type Input, openInput } from "./source.ts";

/** Cells as words, "" for a missing one. Of files of numbers: as numbers are written. */
export async function readCells(
  path: string,
  names: readonly string[],
  { schema: _, ...options }: ModelRowOptions,
  shell: Shell,
): Promise<io.WordColumn[]> {
  const input = await openInput(path, shell);
  const { where } = input;
  const choose = (known: readonly string[]) => io.chooseColumns(known, { columns: names }, where);
  if (isParquet(input)) return parquetCells(input, names, choose, options);
  const plain = await io.gunzipIfNeeded(input.bytes, where);
  const chunks: Uint8Array[] = [];
  for await (const chunk of plain) {
    chunks.push(chunk);
    if (chunks.length === 1 && BINARY.some((magic) => textOf(chunk).startsWith(magic))) return numbers();
  }
  const { header, delimiter, dialect } = options;
  return io.readCsvWords(chunks, { where, header, delimiter, choose, ...(dialect ? { dialect } : {}) });

  async function numbers(): Promise<io.WordColumn[]> {
    const rough = await collectModelRows(path, names, options, shell);
    const offsets = roughOffsets(rough);
    const isExact = Object.keys(offsets).length === 0;
    const table = isExact ? rough : await collectModelRows(path, names, { ...options, offsets }, shell);
    const shifts = io.offsetsOf(names, offsets);
    return names.map((name, k) => ({
      name,
      cells: Array.from(data.columnValues(table, k), (x) => (Number.isNaN(x) ? "" : String(x + shifts[k]))),
    }));
  }
}

/** Columns of arrays that float32 does not hold: whole numbers above 2^24, and others of that size; a value in their middle. */
function roughOffsets(table: data.Table): Record<string, number> {
  const offsets: Record<string, number> = {};
  for (const [k, name] of table.columns.entries()) {
    const known = data
      .columnValues(table, k)
      .filter((x) => !Number.isNaN(x))
      .sort();
    if (known.length > 0 && Math.max(-known[0], known[known.length - 1]) >= 2 ** 24)
      offsets[name] = known[known.length >> 1];
  }
  return offsets;
}

/** Numbers in float64, and words. */
async function parquetCells(
  input: Input,
  names: readonly string[],
  choose: (known: readonly string[]) => readonly number[],
  { dialect }: ModelRowOptions,
): Promise<io.WordColumn[]> {
  const finders = new Map<string, io.FindingCoder>();
  const coders: io.Coders = (known, found) => {
    for (const k of found) if (names.includes(known[k])) finders.set(known[k], io.findingCoder());
    return new Map([...found].flatMap((k) => (finders.has(known[k]) ? [[k, finders.get(known[k])!] as const] : [])));
  };
  const gaps = io.namedGaps(dialect?.gaps);
  const columns = names.map((name) => ({ name, cells: [] as string[] }));
  for await (const block of readParquetBlocks(input, choose, undefined, { coders, gaps })) {
    columns.forEach(({ name, cells }, k) => {
      const words = finders.get(name)?.words();
      for (let i = 0; i < block.rows; i++) {
        const x = block.values[i * names.length + k];
        cells.push(Number.isNaN(x) || (!words && gaps.numbers.has(x)) ? "" : (words?.[x] ?? String(x)));
      }
    });
  }
  return columns;
}

/** NPY, NPZ. */
const BINARY = ["\x93NUMPY", "PK\x03\x04", "PK\x05\x06"];
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(0, 8)).toString("latin1");
