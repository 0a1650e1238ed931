/** Parquet tables of numbers, row group by row group, decoded in a process that can be stopped: see parquetProcess.js. */
import { fork } from "node:child_process";
import fs from "node:fs";
import { fileURLToPath } from "node:url";
import { InputError, io } from "jkoflow";
import type { InputProblem } from "jkoflow/errors";
import type { Input } from "./source.ts";

const MAGIC = "PAR1";

export const isParquet = ({ head }: Input): boolean => MAGIC === String.fromCharCode(...head.subarray(0, MAGIC.length));

interface Leaf {
  readonly name: string;
  readonly nested: boolean;
  readonly type?: string;
  readonly meaning?: string;
}

interface Reply {
  readonly leaves?: readonly Leaf[];
  readonly groups?: readonly number[];
  readonly values?: Float64Array;
  readonly words?: readonly (readonly string[])[];
  readonly problem?: Pick<InputProblem, "place" | "came" | "expected">;
}

/** Of the processor: an honest file decodes at 10 MB per second and more; a damaged one may never end. */
const PATIENCE = { seconds: 5, secondsPerMegabyte: 2 } as const;
/** By the clock so many times as long: on a busy machine, or where a disk answers late. */
const CLOCK = 20;
/** Memory of the process: what a small file may take, more for each megabyte of it, and the most of all. */
const MEGABYTES = { free: 192, perMegabyte: 400, most: 2048 } as const;
/** As of compressed text: a group is not longer than this, in float32, unless the file is long too. */
const LARGEST_GROUP = { freeBytes: 100 * 2 ** 20, timesTheFile: 200 } as const;

/** Stored types that are numbers, and meanings that leave them so. */
const MEASURED: readonly unknown[] = ["DECIMAL", "FLOAT16"];
const DATES: readonly unknown[] = ["DATE"];
const TIMES: readonly unknown[] = ["TIMESTAMP", "TIMESTAMP_MILLIS", "TIMESTAMP_MICROS"];
const WORDS: readonly unknown[] = ["UTF8", "STRING", "ENUM"];
/** The index of a pandas frame, where it is more than a count. */
const INDEX = /^__index_level_\d+__$/;
const NUMERIC: readonly unknown[] = ["BOOLEAN", "INT32", "INT64", "FLOAT", "DOUBLE"];
const PLAIN: readonly unknown[] = [
  undefined,
  "INTEGER",
  ...[8, 16, 32, 64].flatMap((bits) => [`INT_${bits}`, `UINT_${bits}`]),
];

/** A row group, in float64. */
export interface ParquetGroup {
  readonly columns: readonly string[];
  readonly firstRow: number;
  readonly rows: number;
  /** [rows, columns]; NaN for null; codes of columns that have a coder. */
  readonly values: Float64Array;
}

export interface ParquetReading {
  /** Which columns become codes, given the names of the file and those whose cells are words. */
  readonly coders?: io.Coders | undefined;
  readonly gaps?: io.NamedGaps;
  readonly onNote?: (line: string) => void;
  readonly fixes?: { readonly text: (column: string) => string };
}

/**
 * The chosen columns of each row group; nulls come as NaN, dates as days since 1970, times as seconds since 1970.
 *
 * @throws InputError for a damaged file, nested columns, words in a column without a coder, other columns that are not
 * numbers, integers above 2^53.
 */
export async function* readParquetBlocks(
  input: Input,
  choose: (names: readonly string[], idle: ReadonlySet<number>) => readonly number[],
  patience: { readonly seconds: number; readonly secondsPerMegabyte: number } = PATIENCE,
  reading: ParquetReading = {},
): AsyncGenerator<ParquetGroup, void, undefined> {
  const { where, path } = input;
  const bytes = path === undefined ? await io.readAll(input.bytes(), where) : undefined;
  const megabytes = (bytes?.length ?? fs.statSync(path!).size) / 2 ** 20;
  const decoder = startProcess(where, megabytes, patience.seconds + patience.secondsPerMegabyte * megabytes);
  try {
    const { leaves = [], groups = [] } = await decoder.ask({ path, bytes });
    const names = leaves.map(({ name }) => name);
    const seen = new Set<string>();
    const doubled = names.find((name) => seen.size === seen.add(name).size);
    if (doubled !== undefined) {
      throw new InputError({ where, came: `column ${JSON.stringify(doubled)} twice`, expected: "each name once" });
    }
    const idle = new Set(names.flatMap((name, k) => (INDEX.test(name) ? [k] : [])));
    const chosen = choose(names, idle);
    const isWords = (k: number): boolean => WORDS.includes(leaves[k].meaning) && !leaves[k].nested;
    const found = new Set(names.flatMap((_, k) => (isWords(k) ? [k] : [])));
    const coders = reading.coders?.(names, found) ?? new Map<number, io.WordCoder>();
    for (const k of chosen) if (!(isWords(k) && coders.has(k))) checkColumn(leaves[k], where, reading);
    const columns = chosen.map((k) => names[k]);
    const most = Math.max(LARGEST_GROUP.freeBytes, LARGEST_GROUP.timesTheFile * megabytes * 2 ** 20);
    const bomb = groups.find((rows) => rows * chosen.length * 4 > most);
    if (bomb !== undefined) {
      const came = `a group of ${bomb} rows of ${chosen.length} columns in a file of ${megabytes.toPrecision(2)} MB`;
      throw new InputError({ where, came, expected: "what so many bytes can hold", fix: "is the file damaged?" });
    }
    let firstRow = 0;
    for (const [group, rows] of groups.entries()) {
      if (rows === 0) continue;
      const { values, words } = await decoder.ask({ group, columns: chosen });
      const block = { columns, rows, firstRow, values: values! };
      for (const [i, k] of chosen.entries()) {
        const coder = coders.get(k);
        if (coder)
          codeColumn(block, i, coder, isWords(k) ? words![i] : undefined, reading.gaps ?? io.namedGaps(), where);
      }
      yield block;
      firstRow += rows;
    }
    if (firstRow === 0) throw new InputError({ where, came: "no rows", expected: "rows of numbers" });
  } finally {
    decoder.end();
  }
}

/** Words, or numbers as words, to the codes of a coder, in place. */
function codeColumn(
  { values, rows, columns, firstRow }: ParquetGroup,
  k: number,
  coder: io.WordCoder,
  words: readonly string[] | undefined,
  gaps: io.NamedGaps,
  where: string,
): void {
  for (let i = 0; i < rows; i++) {
    const at = i * columns.length + k;
    if (Number.isNaN(values[at])) continue;
    const word = (words ? words[values[at]] : String(values[at])).trim();
    const code = io.isMissingWord(word, gaps) ? Number.NaN : coder.code(word);
    if (code === undefined) {
      const place = `row ${firstRow + i + 1}, column ${JSON.stringify(columns[k])}`;
      throw new InputError({ where, place, came: JSON.stringify(word), expected: coder.expected });
    }
    values[at] = code;
  }
}

function startProcess(where: string, megabytes: number, seconds: number) {
  const { free, perMegabyte, most } = MEGABYTES;
  const heap = Math.floor(Math.min(most, free + perMegabyte * megabytes));
  const child = fork(
    fileURLToPath(new URL("./parquetProcess.js", import.meta.url)),
    [String(process.pid), String(seconds)],
    {
      execArgv: [`--max-old-space-size=${heap}`],
      serialization: "advanced",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    },
  );
  const endless = "its decoding does not end";
  const damaged = (how: string): InputError =>
    new InputError({ where, came: `a damaged Parquet file (${how})`, expected: "a whole one", fix: "write it again" });
  /** The next reply to a message. */
  const ask = (message: object): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => settle(() => reject(damaged(endless))), 1000 * CLOCK * seconds);
      const settle = (how: () => void): void => {
        clearTimeout(timer);
        child.removeAllListeners();
        how();
      };
      child.on("message", (reply: Reply) =>
        settle(() => (reply.problem ? reject(new InputError({ where, ...reply.problem })) : resolve(reply))),
      );
      child.on("error", (error) => settle(() => reject(error)));
      // V8 aborts where the heap is full
      child.on("exit", (code, signal) =>
        settle(() => {
          if (signal === "SIGXCPU") reject(damaged(endless));
          else if (signal === "SIGABRT" || code === 134) reject(damaged("it asks for all memory"));
          else reject(new Error(`${where}: the process that decodes it ended with ${signal ?? code}`));
        }),
      );
      child.send(message);
    });
  const end = (): void => {
    child.removeAllListeners();
    child.on("error", () => {}); // a message may still be on its way to it
    child.kill("SIGKILL");
  };
  return { ask, end };
}

function checkColumn({ name, nested, type, meaning }: Leaf, where: string, { onNote, fixes }: ParquetReading): void {
  const place = `column ${JSON.stringify(name)}`;
  const fix = "leave it out with --drop, or name the columns to use with --columns";
  if (nested) throw new InputError({ where, place, came: "a nested column", expected: "a flat one", fix });
  const isTime = TIMES.includes(meaning) || (type === "INT96" && meaning === undefined);
  if (DATES.includes(meaning)) onNote?.(`${where}: ${place} holds dates: read as days since 1970`);
  else if (isTime) onNote?.(`${where}: ${place} holds times: read as seconds since 1970`);
  if (MEASURED.includes(meaning) || DATES.includes(meaning) || isTime) return;
  if (NUMERIC.includes(type) && PLAIN.includes(meaning)) return;
  const isWords = WORDS.includes(meaning);
  const came = isWords ? "words" : String(meaning ?? type);
  throw new InputError({ where, place, came, expected: "numbers", fix: isWords ? (fixes?.text(name) ?? fix) : fix });
}
