/** Rows for a model, block after block: its own columns in its own order, whatever the order in the file. */
import { data, InputError, io } from "jkoflow";
import { counted } from "../progress/numbers.ts";
import type { Shell } from "../shell.ts";
import { refuseArray } from "./arrayFlag.ts";
import { isParquet, type ParquetGroup, readParquetBlocks } from "./parquet.ts";
import { NUMBER_FIXES } from "./readWhole.ts";
import { type RowBlock, refuseMissing } from "./rowBlock.ts";
import { fitRows, knownCoders } from "./schemaRows.ts";
import { openInput, sourceName } from "./source.ts";
import { type PassedRows, passingCoders, passUnfit, type UnfitRow, type UnseenWords } from "./unfitRows.ts";

export interface ModelRowOptions {
  /** "nan": a row with a missing value is passed on as it is, and scores NaN. */
  readonly missing: "error" | "nan";
  readonly header: "present" | "absent" | "detect";
  readonly delimiter: io.Delimiter | "detect";
  readonly array: string | null;
  /** Of a text, what is known of it beyond that. */
  readonly dialect?: io.Dialect;
  /** Takes what was found of a file and changes what is read. */
  readonly onNote?: (line: string) => void;
  /** Subtracted from columns before their values become float32, where no schema says so. */
  readonly offsets?: io.Offsets;
  /** Given columns of the model, which are read apart. */
  readonly given?: readonly string[];
  /** Whether the command has --missing nan. */
  readonly nanFlag?: boolean;
  /** Of the model: the rows are raw rows of it, and its own cells may be missing. */
  readonly schema?: data.Schema;
  /** "pass": a row with a value that the schema cannot hold is passed on as another one, and named as unfit; else refused. */
  readonly unfit?: "refuse" | "pass";
}

/** Rows that are read, scored and written at one time. */
const BLOCK_ROWS = 32_768;

/** @throws InputError for a file that is no table, or a table without the model's columns. */
export async function* readModelRows(
  path: string,
  columns: readonly string[],
  options: ModelRowOptions,
  shell: Shell,
): AsyncGenerator<PassedRows, void, undefined> {
  const input = await openInput(path, shell);
  const { where } = input;
  const { schema, dialect } = options;
  const shifts = io.offsetsOf(columns, options.offsets ?? (schema ? data.schemaOffsets(schema) : {}));
  const coded = new Set(schema?.columns.flatMap(({ name, levels }) => (levels ? [name] : [])));
  const gaps = io.namedGaps(dialect?.gaps);
  const choose = (names: readonly string[], idle?: ReadonlySet<number>): readonly number[] =>
    matchNames(names, columns, where, idle, options.given);
  const gap = options.nanFlag ? "fill it, or let such rows score NaN: --missing nan" : "fill it or leave the row out";
  const header = "if the first line holds names that were not seen as such: --header";
  const fixes = {
    missing: () => gap,
    infinite: () => `it is infinite or too large for float32: ${gap}`,
    text: () => `the model was trained on numbers there; ${header}; if such words stand for gaps: --gap WORD`,
    date: () => "the model was trained on numbers there: write the date or time in the same manner",
    ...NUMBER_FIXES,
  };
  let isText = false;
  const unseen: UnseenWords = new Map();
  for await (const read of await blocksOf()) {
    const block = { ...read, columns }; // the names of the model, also where columns are matched by position
    if (schema) {
      const [source, missing] = [isText ? "text" : "numbers", options.missing === "nan" ? "pass" : "refuse"] as const;
      if (options.unfit === "pass") yield passUnfit(schema, block, source, where, missing, unseen);
      else yield { ...block, ...fitRows(schema, block, source, where, block.firstRow, missing), unfit: [] };
    } else {
      if (options.missing === "error") refuseMissing(block, where, fixes.missing());
      yield { ...block, unfit: [] };
    }
  }

  async function blocksOf(): Promise<AsyncIterable<RowBlock>> {
    if (options.array !== null && isParquet(input)) refuseArray(options.array, where);
    if (isParquet(input)) return split(shifted(readParquet()));
    const plain = await io.gunzipIfNeeded(input.bytes, where);
    const { head, all } = await peekHead(plain);
    if (options.array !== null && !head.startsWith("PK")) refuseArray(options.array, where);
    if (head.startsWith("\x93NUMPY"))
      return npyBlocks(all, { where, ...(input.readAt ? { readAt: input.readAt } : {}) });
    if (head.startsWith("PK\x03\x04") || head.startsWith("PK\x05\x06")) {
      const array = options.array === null ? {} : { array: options.array };
      const entry = io.findInNpz(await io.readAll(all, where), { where, ...array });
      return npyBlocks(entry.bytes, { where: entry.where });
    }
    if (/^.{4}\0\0\0\0\{|^\x89HDF/s.test(head)) {
      throw new InputError({ where, came: "an HDF5 or safetensors file", expected: "NPY, NPZ, Parquet, CSV or TSV" });
    }
    isText = true;
    return io.readCsvBlocks(all, BLOCK_ROWS, {
      where,
      choose,
      shifts,
      ...(dialect ? { dialect } : {}),
      ...(options.onNote ? { onNote: options.onNote } : {}),
      ...(schema ? { coders: codersOf(schema) } : {}),
      header: options.header,
      delimiter: options.delimiter,
      missing: options.missing === "nan" || schema ? "as NaN" : "refuse",
      fixes,
    });
  }

  function codersOf(known: data.Schema): io.Coders {
    return options.unfit === "pass" ? passingCoders(known, unseen) : knownCoders(known);
  }

  /** Offsets by column of the file, by the names that an array has: x1, x2, ... */
  function offsetsIn(width: number): number[] {
    const names = Array.from({ length: width }, (_, k) => `x${k + 1}`);
    const chosen = choose(names);
    return names.map((_, k) => shifts[chosen.indexOf(k)] ?? 0);
  }

  async function* npyBlocks(
    bytes: AsyncIterable<Uint8Array>,
    source: io.NpySource,
  ): AsyncGenerator<RowBlock, void, undefined> {
    const reading = { ...source, gaps: gaps.numbers, offsets: offsetsIn };
    for await (const { firstRow, rows, columns: width, values } of io.readNpyBlocks(bytes, BLOCK_ROWS, reading)) {
      const names = Array.from({ length: width }, (_, k) => `x${k + 1}`);
      yield reorder({ columns: names, firstRow, rows, values }, choose(names));
    }
  }

  function readParquet(): AsyncIterable<ParquetGroup> {
    isText = true; // its categories are read by the coders, as those of text
    const coders = schema && codersOf(schema);
    const { onNote } = options;
    return readParquetBlocks(input, choose, undefined, { coders, gaps, fixes, ...(onNote ? { onNote } : {}) });
  }

  /** Categories have come as codes: nothing is subtracted of these, and none of them is a gap. */
  async function* shifted(groups: AsyncIterable<ParquetGroup>): AsyncGenerator<RowBlock, void, undefined> {
    for await (const { values, ...group } of groups) {
      const width = group.columns.length;
      const less = Float32Array.from(values, (x, at) => {
        const k = at % width;
        if (coded.has(columns[k])) return x;
        return gaps.numbers.has(x) ? Number.NaN : x - shifts[k];
      });
      yield { ...group, values: less };
    }
  }
}

/** All rows in one table. */
export async function collectModelRows(
  path: string,
  columns: readonly string[],
  options: ModelRowOptions,
  shell: Shell,
): Promise<data.Table & { readonly unfit: readonly UnfitRow[] }> {
  const cells = new io.FloatBuffer(sourceName(path));
  const unfit: UnfitRow[] = [];
  for await (const block of readModelRows(path, columns, options, shell)) {
    for (const x of block.values) cells.push(x);
    unfit.push(...block.unfit);
  }
  const values = cells.finish();
  return { values, rows: values.length / columns.length, columns, unfit };
}

/** x1, x2, ...: names that no file gave. */
const isNameless = (names: readonly string[]): boolean => names.every((name, k) => name === `x${k + 1}`);

/** By name where the file has all names; by position where it or the training data has none of its own, as NPY files. */
function matchNames(
  names: readonly string[],
  columns: readonly string[],
  where: string,
  idle: ReadonlySet<number> = new Set(),
  given: readonly string[] = [],
): readonly number[] {
  const missing = columns.find((name) => !names.includes(name));
  if (missing === undefined) return columns.map((name) => names.indexOf(name));
  const nameless = isNameless(names);
  const places = Array.from(names.keys()).filter((k) => !idle.has(k));
  if ((nameless || isNameless(columns)) && places.length === columns.length) return places;
  const near = io.nearestName(
    missing,
    names.filter((name) => !given.includes(name) && !columns.includes(name)),
  );
  const beside = given.length === 0 ? "" : `, beside the given ${given.join(", ")}`;
  throw new InputError({
    where,
    came: nameless ? `${names.length} columns without names` : `no column ${JSON.stringify(missing)}`,
    expected: `the ${counted(columns.length, "column")} of the model (${columns.slice(0, 6).join(", ")}${columns.length > 6 ? ", ..." : ""})${beside}`,
    ...(near === undefined || nameless ? {} : { fix: `did you mean ${JSON.stringify(near)}?` }),
  });
}

function reorder(block: RowBlock, chosen: readonly number[]): RowBlock {
  const width = block.columns.length;
  if (chosen.length === width && chosen.every((k, i) => k === i)) return block;
  const values = new Float32Array(block.rows * chosen.length);
  let at = 0;
  for (let i = 0; i < block.rows; i++) for (const k of chosen) values[at++] = block.values[i * width + k];
  return { ...block, values, columns: chosen.map((k) => block.columns[k]) };
}

/** Row groups can be of any size. */
async function* split(blocks: AsyncIterable<RowBlock>): AsyncGenerator<RowBlock, void, undefined> {
  for await (const { columns, firstRow, rows, values } of blocks) {
    for (let at = 0; at < rows; at += BLOCK_ROWS) {
      const end = Math.min(rows, at + BLOCK_ROWS);
      const part = values.subarray(at * columns.length, end * columns.length);
      yield { columns, firstRow: firstRow + at, rows: end - at, values: part };
    }
  }
}

async function peekHead(
  source: AsyncIterable<Uint8Array>,
): Promise<{ readonly head: string; readonly all: AsyncIterable<Uint8Array> }> {
  const chunks = source[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let length = 0;
  while (length < 9) {
    const next = await chunks.next();
    if (next.done) break;
    length += next.value.length;
    first.push(next.value);
  }
  async function* all(): AsyncGenerator<Uint8Array, void, undefined> {
    yield* first;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  }
  return { head: Buffer.concat(first).subarray(0, 9).toString("latin1"), all: all() };
}
