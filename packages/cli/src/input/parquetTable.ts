/** Parquet as a table file: its row groups in float64, by the process that decodes it. */
import { io } from "jkoflow";
import { refuseArray } from "./arrayFlag.ts";
import { type ParquetGroup, readParquetBlocks } from "./parquet.ts";
import type { Input } from "./source.ts";
import {
  BLOCK_ROWS,
  type BlockReading,
  type RowBlock,
  refuseInfinite,
  refuseMissing,
  type TableFile,
  type WholeReading,
  type WordReading,
} from "./tableFile.ts";

export const parquetTable = (input: Input): Omit<TableFile, "digest"> => ({
  where: input.where,
  cells: "words",
  whole: (reading) => whole(input, reading),
  blocks: (reading) => split(blocks(input, reading)),
  words: (reading) => words(input, reading),
});

async function whole(input: Input, reading: WholeReading): Promise<io.ReadTable> {
  const { where } = input;
  const { missing, offsets, columns: named, drop, fixes, onNote } = reading;
  const choose = (names: readonly string[], idle: ReadonlySet<number>): readonly number[] => {
    const chosen = io.chooseColumns(names, { columns: named, drop }, where);
    const kept = named === undefined ? chosen.filter((k) => !idle.has(k)) : chosen;
    const left = chosen.filter((k) => !kept.includes(k)).map((k) => names[k]);
    if (left.length > 0 && kept.length > 0) onNote(`${where}: left out ${left.join(", ")}, the index of a frame`);
    return kept.length > 0 ? kept : chosen;
  };
  const gaps = io.namedGaps(reading.dialect?.gaps);
  let buffer: io.RowBuffer | undefined;
  let coded: ReadonlySet<string> = new Set();
  const coders: io.Coders = (names, found) => {
    const all = reading.coders?.(names, found) ?? new Map<number, io.WordCoder>();
    coded = new Set([...all.keys()].map((k) => names[k]));
    return all;
  };
  for await (const block of readParquetBlocks(input, choose, undefined, { coders, gaps, fixes, onNote })) {
    const { values, columns } = block;
    const own = offsets === "find" ? offsets : io.withoutCoded(offsets, coded);
    buffer ??= new io.RowBuffer(new io.FloatBuffer(where), columns, missing, where, own);
    // A code is no gap, whichever number it is.
    const isGap = (at: number): boolean => gaps.numbers.has(values[at]) && !coded.has(columns[at % columns.length]);
    if (gaps.numbers.size > 0) for (let at = 0; at < values.length; at++) if (isGap(at)) values[at] = Number.NaN;
    if (missing === "error") refuseMissing(block, where, fixes.missing(""));
    if (missing === "keep") refuseInfinite(block, where, fixes.infinite(""));
    for (const value of values) buffer.push(Math.abs(value) <= io.LARGEST_FLOAT32 ? value : Number.NaN);
  }
  return buffer!.finish(where);
}

/** Categories have come as codes: nothing is subtracted of these, and none of them is a gap. */
async function* blocks(input: Input, reading: BlockReading): AsyncGenerator<RowBlock, void, undefined> {
  const { choose, shifts, array, dialect, fixes, onNote } = reading;
  if (array !== null) refuseArray(array, input.where);
  const gaps = io.namedGaps(dialect?.gaps);
  let coded: ReadonlySet<number> = new Set();
  const coders: io.Coders = (names, found) => {
    const all = reading.coders?.(names, found) ?? new Map<number, io.WordCoder>();
    coded = new Set([...all.keys()]);
    return all;
  };
  let chosen: readonly number[] = [];
  const chooseOnce: typeof choose = (names, idle) => {
    chosen = choose(names, idle);
    return chosen;
  };
  for await (const group of readParquetBlocks(input, chooseOnce, undefined, { coders, gaps, fixes, onNote })) {
    const width = chosen.length;
    const values = Float32Array.from(group.values, (x, at) => {
      const k = at % width;
      if (coded.has(chosen[k])) return x;
      return gaps.numbers.has(x) ? Number.NaN : x - (shifts[k] ?? 0);
    });
    yield { ...group, values };
  }
}

/** Row groups can be of any size. */
async function* split(groups: AsyncIterable<RowBlock>): AsyncGenerator<RowBlock, void, undefined> {
  for await (const { columns, firstRow, rows, values } of groups) {
    for (let at = 0; at < rows; at += BLOCK_ROWS) {
      const end = Math.min(rows, at + BLOCK_ROWS);
      const part = values.subarray(at * columns.length, end * columns.length);
      yield { columns, firstRow: firstRow + at, rows: end - at, values: part };
    }
  }
}

/** Numbers in float64, and words. */
async function words(input: Input, { names, dialect }: WordReading): Promise<io.WordColumn[]> {
  const choose = (known: readonly string[]) => io.chooseColumns(known, { columns: names }, input.where);
  const finders = new Map<string, io.FindingCoder>();
  const coders: io.Coders = (known, found) => {
    for (const k of found) if (names.includes(known[k])) finders.set(known[k], io.findingCoder());
    return new Map([...found].flatMap((k) => (finders.has(known[k]) ? [[k, finders.get(known[k])!] as const] : [])));
  };
  const gaps = io.namedGaps(dialect?.gaps);
  const columns = names.map((name) => ({ name, cells: [] as string[] }));
  const gather = ({ rows, values }: ParquetGroup): void =>
    columns.forEach(({ name, cells }, k) => {
      const known = finders.get(name)?.words();
      for (let i = 0; i < rows; i++) {
        const x = values[i * names.length + k];
        cells.push(Number.isNaN(x) || (!known && gaps.numbers.has(x)) ? "" : (known?.[x] ?? String(x)));
      }
    });
  for await (const group of readParquetBlocks(input, choose, undefined, { coders, gaps })) gather(group);
  return columns;
}
