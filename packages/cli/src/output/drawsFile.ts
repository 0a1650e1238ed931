/** Rows as draws of chains, for programs that judge posteriors: Stan's CSV, one file a chain, ArviZ's JSON, NPY [chains, draws, d]. */
import { InputError, io } from "jkoflow";
import { type AtomicFile, openAtomic } from "../files/atomic.ts";
import { checkOutput, checkRoom, isStream, type OutputFlags } from "./newFile.ts";
import type { TableWriter } from "./tableWriter.ts";

export interface DrawsFlags extends OutputFlags {
  readonly number: number;
  readonly chains?: number;
}

export interface DrawsWish {
  readonly chains: number;
  readonly format: "csv" | "json" | "npy";
  /** One a chain for CSV. */
  readonly paths: readonly string[];
}

/**
 * What --chains, or a file that ends in .json, asks for; undefined for a plain table.
 * @throws InputError for rows that do not fill the chains, and for a file that cannot hold them.
 */
export function drawsWish({ output, chains, number }: DrawsFlags): DrawsWish | undefined {
  const [, stem, extension] = (!isStream(output) && /^(.*)\.([a-z0-9]+)$/i.exec(output)) || [];
  const format = extension?.toLowerCase();
  if (chains === undefined && format !== "json") return undefined;
  const count = chains ?? 1;
  if (format !== "csv" && format !== "json" && format !== "npy") {
    const came = isStream(output) ? "standard output" : output;
    const expected = "-o with a .csv (a file a chain, as Stan writes them), .json (ArviZ) or .npy file";
    throw new InputError({ where: "--chains", came, expected });
  }
  if (number % count !== 0) {
    const fix = `-n ${Math.ceil(number / count) * count}`;
    throw new InputError({ where: "-n", came: `${number} rows`, expected: `a multiple of ${count} chains`, fix });
  }
  const paths = format === "csv" ? Array.from({ length: count }, (_, k) => `${stem}-${k + 1}.${extension}`) : [output!];
  return { chains: count, format, paths };
}

/** Numbers of a text that is made in one piece: some 300 MB of it. */
const MOST_NUMBERS = 2e7;

/** @throws InputError as `checkOutput` and `checkRoom` do, for each of the files, and for more rows than a text can hold. */
export function checkDraws(
  { paths, format }: DrawsWish,
  flags: DrawsFlags,
  inputs: readonly string[],
  columns: number,
): void {
  const most = Math.floor(MOST_NUMBERS / (columns + 1));
  if (format !== "npy" && flags.number > most) {
    const came = `${flags.number} rows as ${format === "json" ? "JSON" : "Stan's CSV"}`;
    throw new InputError({ where: "-n", came, expected: `at most ${most}`, fix: "take fewer rows, or .npy" });
  }
  for (const output of paths) checkOutput({ ...flags, output }, inputs);
  checkRoom(paths[0], format === "npy" ? "npy" : "csv", flags.number, columns);
}

export interface DrawsWriter extends TableWriter {
  /** Log-densities of the next rows, nats; of all rows, or of none. */
  score(logProb: Float64Array): void;
}

/** Keeps all rows until they are written: the first chain ends where the second begins. */
export function openDraws(
  { format, chains, paths }: DrawsWish,
  { number }: DrawsFlags,
  columns: readonly string[],
  kind: "f4" | "f8",
): DrawsWriter {
  const width = columns.length;
  const values = kind === "f8" ? new Float64Array(number * width) : new Float32Array(number * width);
  const densities = new Float64Array(number);
  let [rows, scored] = [0, 0];
  return {
    score: (logProb) => {
      densities.set(logProb, scored);
      scored += logProb.length;
    },
    write: async (block) => {
      values.set(block, rows * width);
      rows += block.length / width;
    },
    abort: () => {},
    finish: async () => {
      const encoder = new TextEncoder();
      const draws: io.Draws = { columns, values, chains, ...(scored === number ? { logProb: densities } : {}) };
      const bytes = {
        npy: () => [io.writeNpy(values, [chains, number / chains, width])],
        csv: () => io.writeStanCsv(draws).map((text) => encoder.encode(text)),
        json: () => [encoder.encode(`${io.writeArvizJson(draws)}\n`)],
      }[format]();
      writeAll(paths.map((path, k) => [path, bytes[k]]));
    },
  };
}

/** All files are whole under other names before the first gets its own. */
function writeAll(files: readonly (readonly [path: string, bytes: Uint8Array])[]): void {
  const open: AtomicFile[] = [];
  try {
    for (const [path, bytes] of files) {
      const file = openAtomic(path);
      open.push(file);
      file.write(bytes);
    }
    for (const file of open) file.commit();
  } finally {
    for (const file of open) file.abort();
  }
}
