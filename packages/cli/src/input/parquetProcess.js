/**
 * Reads a Parquet file in a process of its own, because on damaged pages the reader may not come to an end or ask for all
 * memory. A thread can be stopped too, but where one array asks for more than its heap may hold, V8 aborts the whole
 * process. Plain JavaScript: it is started as it is, in tests too.
 *
 * In: { path } or { bytes } once, then { group: index, columns: [index, ...] }. Out: { leaves, groups } at the start, then
 * { values, words }: [rows, columns] in float64 (NaN for null; days and seconds since 1970 for dates and times), and by column
 * of words those that its values count; or { problem: { place, came, expected } }.
 *
 * Ends with the command: at once when the channel closes, and within a second while a page holds it; and by SIGXCPU when one
 * answer takes too long (parquetWatch.js). Its arguments: the id of the command's process, and the seconds of the processor
 * that an answer may take.
 */
import fs from "node:fs";
import { Worker } from "node:worker_threads";
import { parquetMetadataAsync, parquetRead, parquetSchema } from "hyparquet";
import { compressors } from "hyparquet-compressors";

class Problem extends Error {
  constructor(place, came, expected) {
    super(came);
    this.answer = { place, came, expected };
  }
}
const damage = (came) => new Problem(undefined, `a damaged Parquet file (${came})`, "a whole one");

/** A file is read piece by piece, other bytes are here as a whole. */
function openFile({ path, bytes }) {
  if (bytes) return { byteLength: bytes.length, slice: (start, end) => bytes.slice(start, end).buffer };
  const file = fs.openSync(path, "r");
  const byteLength = fs.fstatSync(file).size;
  const slice = (start, end = byteLength) => {
    if (!(start >= 0 && end >= start && end <= byteLength)) throw damage("a piece outside the file");
    const piece = new Uint8Array(end - start);
    fs.readSync(file, piece, 0, piece.length, start);
    return piece.buffer;
  };
  return { byteLength, slice };
}

/** Days and seconds since 1970, in float64. */
const parsers = {
  dateFromDays: (days) => Number(days),
  timestampFromMilliseconds: (count) => Number(count) / 1e3,
  timestampFromMicroseconds: (count) => Number(count) / 1e6,
  timestampFromNanoseconds: (count) => Number(count) / 1e9,
};

let file;
let metadata;
let leaves;

async function begin(source) {
  file = openFile(source);
  metadata = await parquetMetadataAsync(file);
  leaves = parquetSchema(metadata).children.map(({ element, children }) => ({
    name: element.name,
    nested: children.length > 0 || element.repetition_type === "REPEATED",
    type: element.type,
    meaning: element.converted_type ?? element.logical_type?.type,
  }));
  const groups = metadata.row_groups.map((group) => Number(group.num_rows));
  const sum = groups.reduce((rows, count) => rows + count, 0);
  if (!groups.every((rows) => rows >= 0 && rows < 2 ** 31) || sum !== Number(metadata.num_rows)) {
    throw damage(`row groups of ${sum} rows, ${metadata.num_rows} in the footer`);
  }
  return { leaves, groups };
}

async function readGroup(index, chosen) {
  const firstRow = metadata.row_groups.slice(0, index).reduce((rows, group) => rows + Number(group.num_rows), 0);
  const group = metadata.row_groups[index];
  const rows = Number(group.num_rows);
  const columns = chosen.map((k) => leaves[k].name);
  for (const name of columns) {
    const chunk = group.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === name);
    const count = Number(chunk?.meta_data.num_values);
    if (count !== rows) throw damage(`${count} values in column ${JSON.stringify(name)}, ${rows} rows`);
  }
  const values = new Float64Array(rows * columns.length).fill(Number.NaN);
  const codes = columns.map(() => new Map());
  const filled = columns.map(() => 0);
  const chunks = []; // looked at afterwards: what is thrown in onChunk is lost
  const onChunk = (chunk) => void chunks.push(chunk);
  const [rowStart, rowEnd] = [firstRow, firstRow + rows];
  await parquetRead({ file, metadata, columns, compressors, parsers, rowStart, rowEnd, onChunk });
  for (const { columnName, rowStart, columnData } of chunks) {
    const k = columns.indexOf(columnName);
    for (let i = 0; i < columnData.length; i++) {
      const row = rowStart + i - firstRow;
      if (row < 0 || row >= rows) continue;
      const cell = columnData[i];
      const isWord = typeof cell === "string";
      values[row * columns.length + k] = isWord ? codeOf(cell, codes[k]) : numberOf(cell, columnName, rowStart + i);
      filled[k]++;
    }
  }
  const short = filled.findIndex((count) => count !== rows);
  if (short >= 0) throw damage(`${filled[short]} of ${rows} values in column ${JSON.stringify(columns[short])}`);
  return { values, words: codes.map((known) => [...known.keys()]) };
}

function codeOf(word, codes) {
  if (!codes.has(word)) codes.set(word, codes.size);
  return codes.get(word);
}

function numberOf(cell, name, row) {
  if (cell === null || cell === undefined) return Number.NaN;
  if (typeof cell === "number") return cell;
  if (typeof cell === "boolean") return cell ? 1 : 0;
  if (typeof cell === "bigint" && cell <= 2n ** 53n && cell >= -(2n ** 53n)) return Number(cell);
  const came = typeof cell === "bigint" ? String(cell) : typeof cell;
  throw new Problem(`row ${row + 1}, column ${JSON.stringify(name)}`, came, "a number of at most 2^53");
}

/** Processor time at which the present answer was begun, microseconds; NaN between answers. */
const begun = new Float64Array(new SharedArrayBuffer(8)).fill(Number.NaN);

/** Whatever the reader stumbles over is damage of the file. */
async function answer(work) {
  const { user, system } = process.cpuUsage();
  begun[0] = user + system;
  try {
    process.send(await work());
  } catch (error) {
    process.send({ problem: error instanceof Problem ? error.answer : damage(String(error.message)).answer });
  }
  begun[0] = Number.NaN;
}

// A signal to all of a terminal is for the command, which ends this process by itself.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
process.on("disconnect", () => process.exit());
const [, , parent, patienceSeconds] = process.argv.map(Number);
const watch = { parent, everyMilliseconds: 500, patienceSeconds, begun };
new Worker(new URL("./parquetWatch.js", import.meta.url), { workerData: watch, execArgv: [] }).unref();
process.on("message", ({ group, columns, ...source }) => {
  void answer(() => (group === undefined ? begin(source) : readGroup(group, columns)));
});
