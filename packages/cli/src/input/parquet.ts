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
const MOST_MEGABYTES = 2048;

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
  const thread = startThread({ path, bytes }, where, patience.seconds + patience.secondsPerMegabyte * megabytes);
  try {
    const { leaves = [], groups = [] } = await thread.ask();
    const names = leaves.map(({ name }) => name);
    const doubled = names.find((name, k) => names.indexOf(name) !== k);
    if (doubled !== undefined) {
      throw new InputError({ where, came: `column ${JSON.stringify(doubled)} twice`, expected: "each name once" });
    }
    const chosen = choose(names);
    for (const k of chosen) checkColumn(leaves[k], where);
    const columns = chosen.map((k) => names[k]);
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

function startThread(workerData: unknown, where: string, seconds: number) {
  const url = new URL("./parquetWorker.js", import.meta.url);
  const worker = new Worker(url, {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEGABYTES },
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
