/** Parquet tables of numbers, row group by row group, decoded in a thread that can be stopped: see parquetWorker.js. */
import fs from "node:fs";
import { Worker } from "node:worker_threads";
import { InputError, type InputProblem, io } from "jkoflow";
import type { RowBlock } from "./rowBlock.ts";
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
  readonly values?: Float32Array;
  readonly problem?: Pick<InputProblem, "place" | "came" | "expected">;
}

/** An honest file decodes at 10 MB per second and more; a damaged one may never end. */
const PATIENCE = { seconds: 5, secondsPerMegabyte: 2 } as const;
/** Memory of the thread: what a small file may take, more for each megabyte of it, and the most of all. */
const MEGABYTES = { free: 192, perMegabyte: 400, most: 2048 } as const;
/** As of compressed text: a group is not longer than this, in float32, unless the file is long too. */
const LARGEST_GROUP = { freeBytes: 100 * 2 ** 20, timesTheFile: 200 } as const;

/** Stored types that are numbers, and meanings that leave them so. */
const NUMERIC: readonly unknown[] = ["BOOLEAN", "INT32", "INT64", "FLOAT", "DOUBLE"];
const PLAIN: readonly unknown[] = [
  undefined,
  "INTEGER",
  ...[8, 16, 32, 64].flatMap((bits) => [`INT_${bits}`, `UINT_${bits}`]),
];

/**
 * The chosen columns of each row group; nulls come as NaN.
 *
 * @throws InputError for a damaged file, nested columns, columns that are not numbers, integers above 2^53.
 */
export async function* readParquetBlocks(
  input: Input,
  choose: (names: readonly string[]) => readonly number[],
  patience: { readonly seconds: number; readonly secondsPerMegabyte: number } = PATIENCE,
): AsyncGenerator<RowBlock, void, undefined> {
  const { where, path } = input;
  const bytes = path === undefined ? await io.readAll(input.bytes, where) : undefined;
  const megabytes = (bytes?.length ?? fs.statSync(path!).size) / 2 ** 20;
  const thread = startThread(
    { path, bytes },
    where,
    megabytes,
    patience.seconds + patience.secondsPerMegabyte * megabytes,
  );
  try {
    const { leaves = [], groups = [] } = await thread.ask();
    const names = leaves.map(({ name }) => name);
    const seen = new Set<string>();
    const doubled = names.find((name) => seen.size === seen.add(name).size);
    if (doubled !== undefined) {
      throw new InputError({ where, came: `column ${JSON.stringify(doubled)} twice`, expected: "each name once" });
    }
    const chosen = choose(names);
    for (const k of chosen) checkColumn(leaves[k], where);
    const columns = chosen.map((k) => names[k]);
    const most = Math.max(LARGEST_GROUP.freeBytes, LARGEST_GROUP.timesTheFile * megabytes * 2 ** 20);
    const bomb = groups.find((rows) => rows * chosen.length * 4 > most);
    if (bomb !== undefined) {
      const came = `a group of ${bomb} rows of ${chosen.length} columns in a file of ${megabytes.toPrecision(2)} MB`;
      throw new InputError({ where, came, expected: "what so many bytes can hold", fix: "is the file damaged?" });
    }
    thread.send({ columns: chosen });
    let firstRow = 0;
    for (const [group, rows] of groups.entries()) {
      if (rows === 0) continue;
      const { values } = await thread.ask({ group });
      yield { columns, rows, firstRow, values: values! };
      firstRow += rows;
    }
    if (firstRow === 0) throw new InputError({ where, came: "no rows", expected: "rows of numbers" });
  } finally {
    await thread.end();
  }
}

function startThread(workerData: unknown, where: string, megabytes: number, seconds: number) {
  const { free, perMegabyte, most } = MEGABYTES;
  const url = new URL("./parquetWorker.js", import.meta.url);
  const worker = new Worker(url, {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: Math.min(most, free + perMegabyte * megabytes) },
    stderr: true,
  });
  const damaged = (how: string): InputError =>
    new InputError({ where, came: `a damaged Parquet file (${how})`, expected: "a whole one", fix: "write it again" });
  const next = (): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => settle(() => reject(damaged("its decoding does not end"))), 1000 * seconds);
      const settle = (how: () => void): void => {
        clearTimeout(timer);
        worker.off("message", onMessage);
        worker.off("error", onError);
        how();
      };
      const onMessage = (reply: Reply): void =>
        settle(() => (reply.problem ? reject(new InputError({ where, ...reply.problem })) : resolve(reply)));
      const onError = (error: Error & { code?: string }): void =>
        settle(() => reject(error.code === "ERR_WORKER_OUT_OF_MEMORY" ? damaged("it asks for all memory") : error));
      worker.on("message", onMessage);
      worker.on("error", onError);
    });
  return {
    send: (message: unknown): void => worker.postMessage(message),
    /** The next reply; the first one comes without being asked for. */
    ask: (message?: unknown): Promise<Reply> => {
      const reply = next();
      if (message !== undefined) worker.postMessage(message);
      return reply;
    },
    end: (): Promise<number> => worker.terminate(),
  };
}

function checkColumn({ name, nested, type, meaning }: Leaf, where: string): void {
  const place = `column ${JSON.stringify(name)}`;
  const fix = "leave it out with --drop, or name the columns to use with --columns";
  if (nested) throw new InputError({ where, place, came: "a nested column", expected: "a flat one", fix });
  const numeric = meaning === "DECIMAL" || (NUMERIC.includes(type) && PLAIN.includes(meaning));
  if (!numeric) throw new InputError({ where, place, came: String(meaning ?? type), expected: "numbers", fix });
}
