/** Tables of numbers in delimited text: CSV, TSV, semicolons or blanks. Streams; holds the float32 table and a chunk. */
import { InputError } from "../errors/errors.ts";
import { checkEmpty, checkEncoding, checkWidth, isLongEnough } from "./csvChecks.ts";
import { refuseDamaged, textOf } from "./csvNumber.ts";
import { classifyNumber, isMissingWord, type NumberFault, numberParser, plainSigns } from "./csvNumberStyle.ts";
import { type CsvBlockOptions, type CsvOptions, planTable, type WordCoder } from "./csvPlan.ts";
import { type CsvRecord, CsvRecords } from "./csvRecords.ts";
import { FloatBuffer } from "./floatBuffer.ts";
import { LARGEST_FLOAT32, type ReadTable, RowBuffer } from "./numericTable.ts";
import { withoutCoded } from "./offsets.ts";
import { type ByteSource, peek, quote } from "./source.ts";

/**
 * Reads a table of numbers. Cells may be quoted; empty lines and comments are left out; empty cells and NA, N/A, NaN,
 * null and others (gapWords.ts) are missing values. Places in messages are `file:line:cell`, both from 1.
 * @throws InputError for anything that is not such a table: UTF-16, no data row, an open quote, rows of different
 * length, doubled or unknown column names, words, decimal commas, infinite values (unless the policy allows for them),
 * a line of more than 16 MB.
 */
export async function readCsv(source: ByteSource, options: CsvOptions = {}): Promise<ReadTable> {
  const where = options.where ?? "csv";
  const policy = options.missing ?? "error";
  let table: RowBuffer | undefined;
  const start = (columns: readonly string[], expectedRows: number, coded: ReadonlySet<string>) => {
    const { offsets = {} } = options;
    const own = offsets === "find" ? offsets : withoutCoded(offsets, coded);
    const expected = Math.min(expectedRows * columns.length, options.size ?? 0); // a cell has a byte at least
    const cells = new FloatBuffer(where, expected, Math.max(expected, 1024));
    const buffer = new RowBuffer(cells, columns, policy, where, own);
    table = buffer;
    return (value: number) => buffer.push(value);
  };
  for await (const _ of parseCells(
    source,
    options,
    policy === "error" ? "refuse" : policy === "keep" ? "gaps as NaN" : "as NaN",
    start,
  ));
  return table!.finish(where);
}

/** Consecutive rows: `values` is [rows, columns], row after row. */
export interface CsvBlock {
  readonly columns: readonly string[];
  readonly firstRow: number;
  readonly rows: number;
  readonly values: Float32Array;
}

/**
 * Reads the same files block after block, holding a block and a chunk: for files larger than memory. A block has
 * `rowsPerBlock` rows; the last may have fewer.
 * @throws InputError as `readCsv`.
 *
 * @example
 * ```ts
 * import { readCsvBlocks, readTable } from "jkoflow/io";
 *
 * const bytes = new TextEncoder().encode("a,b\n1,2\n3,4\n5,6\n");
 * for await (const { firstRow, values } of readCsvBlocks(bytes, 2)) console.log(firstRow, values.length);
 * // whichever format the bytes are
 * console.log((await readTable(bytes)).rows);
 * ```
 */
export async function* readCsvBlocks(
  source: ByteSource,
  rowsPerBlock: number,
  options: CsvBlockOptions = {},
): AsyncGenerator<CsvBlock, void, undefined> {
  const where = options.where ?? "csv";
  let columns: readonly string[] = [];
  let cells = new FloatBuffer(where);
  let firstRow = 0;
  const start = (names: readonly string[], _: number, coded: ReadonlySet<string>) => {
    columns = names;
    if (options.shifts === undefined) return (value: number) => cells.push(value);
    const shifts = options.shifts.map((shift, k) => (coded.has(names[k]) ? 0 : shift));
    return (value: number) => cells.push(value - (shifts[cells.length % names.length] ?? 0));
  };
  const block = (values: Float32Array): CsvBlock => {
    const rows = values.length / columns.length;
    firstRow += rows;
    return { columns, firstRow: firstRow - rows, rows, values };
  };
  for await (const _ of parseCells(source, options, options.missing ?? "refuse", start)) {
    const size = rowsPerBlock * columns.length;
    if (cells.length < size) continue;
    const all = cells.finish();
    let at = 0;
    for (; at + size <= all.length; at += size) yield block(all.slice(at, at + size));
    cells = new FloatBuffer(where, size);
    for (; at < all.length; at++) cells.push(all[at]);
  }
  if (cells.length > 0) yield block(cells.finish());
}

/** Cells in row order, given to what `start` returns for the columns' names. Pauses after each chunk of the source. */
async function* parseCells(
  source: ByteSource,
  options: Omit<CsvBlockOptions, "missing" | "shifts">,
  missing: "refuse" | "as NaN" | "gaps as NaN",
  start: (columns: readonly string[], expectedRows: number, coded: ReadonlySet<string>) => (value: number) => void,
): AsyncGenerator<undefined, void, undefined> {
  const where = options.where ?? "csv";
  const { head, all } = await peek(source, isLongEnough);
  const bom = checkEncoding(head, where);
  const plan = planTable(head.subarray(bom), options, where);
  const push = start(
    plan.chosen.map((k) => plan.names[k]),
    expectedRows(head, options.size),
    new Set([...plan.coders.keys()].map((k) => plan.names[k])),
  );
  let rows = 0;
  let before = plan.preamble + (plan.header === "present" ? 1 : 0);
  const parse = numberParser(plan.numbers);
  const consume = (record: CsvRecord): undefined => {
    if (before > 0) {
      before--;
      return undefined;
    }
    checkWidth(record, plan.names.length, where);
    for (const k of plan.empty) checkEmpty(record, k, where);
    rows++;
    for (const k of plan.chosen) {
      const begin = k === 0 ? 0 : record.ends[k - 1];
      const coder = plan.coders.get(k);
      if (coder !== undefined) {
        push(codeOf(coder, textOf(record.bytes, begin, record.ends[k]), record.line, k));
        continue;
      }
      const value = parse(record.bytes, begin, record.ends[k]);
      const known = Math.abs(value) <= LARGEST_FLOAT32;
      push(known ? value : unusualCell(value, textOf(record.bytes, begin, record.ends[k]), record.line, k));
    }
    return undefined;
  };
  const records = new CsvRecords(plan.delimiter, where, consume, plan.comments);

  function codeOf(coder: WordCoder, text: string, line: number, k: number): number {
    const word = text.trim();
    refuseDamaged(word, where, `${line}:${k + 1}`);
    if (isMissingWord(word, plan.numbers.gaps)) return unusualCell(Number.NaN, text, line, k);
    const code = coder.code(word);
    if (code !== undefined) return code;
    const came = `${quote(word)} in column ${quote(plan.names[k])}`;
    throw new InputError({ where, place: `${line}:${k + 1}`, came, expected: coder.expected });
  }

  const fixes = { ...CELL_FIXES, ...options.fixes };

  function unusualCell(value: number, text: string, line: number, k: number): number {
    const isWords = plan.coders.has(k);
    if (!isWords && Number.isNaN(value)) {
      const plain = plainSigns(text);
      const again = parse(plain, 0, plain.length);
      if (Math.abs(again) <= LARGEST_FLOAT32) return again;
    }
    const kind = Number.isNaN(value) ? (isWords ? "missing" : classifyNumber(text, plan.numbers)) : "infinite";
    if (missing !== "refuse" && kind === "missing") return Number.NaN;
    if (missing === "as NaN" && kind === "infinite") return Number.NaN;
    const column = `in column ${quote(plan.names[k])}`;
    const came = kind === "missing" && text.trim() === "" ? `an empty cell ${column}` : `${quote(text)} ${column}`;
    const expected = isWords ? "a word" : "a number";
    throw new InputError({ where, place: `${line}:${k + 1}`, came, expected, fix: fixes[kind](plan.names[k]) });
  }

  let skip = bom;
  for await (const chunk of all) {
    records.push(skip > 0 ? chunk.subarray(skip) : chunk);
    skip = 0;
    yield;
  }
  records.end();
  if (rows === 0) throw new InputError({ where, came: "a header only", expected: "rows of numbers" });
}

const CELL_FIXES: Readonly<Record<NumberFault, (column: string) => string>> = {
  missing: () => "fill it, or choose a policy for missing values",
  infinite: () => "it is infinite or too large for float32: rescale the column, or choose a policy for missing values",
  "decimal comma": () => "write a decimal point instead of the comma, or say that decimals have commas",
  "decimal point": () => "write a decimal comma, as in the other numbers, or say that decimals have points",
  comma: () =>
    "write it without commas, or say what they are: whether they stand between thousands or for a decimal point",
  thousands: () => "write it without marks between thousands, or say which mark it is",
  date: () =>
    "it is a date or a time: leave the column out, or write it as a number, such as days or seconds since 1970",
  text: () => "leave the column out, or say that it holds words",
};

/** Guessed from the length of the first lines, and a little more. */
function expectedRows(head: Uint8Array, size: number | undefined): number {
  if (size === undefined) return 0;
  let lines = 1;
  for (const byte of head) if (byte === 0x0a) lines++;
  return Math.ceil(1.1 * lines * Math.max(1, size / Math.max(1, head.length)));
}
