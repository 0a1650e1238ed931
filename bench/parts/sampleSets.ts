/**
 * Real tables of all kinds of columns for the benchmark `samples`: numbers, whole numbers, categories, gaps. Cells stay text,
 * as in a file of their owner; rows beyond a bound are left out by key.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { readNpy, shortestFloat32 } from "../../packages/jkoflow/src/io/index.ts";
import { fold, type Key, permutation } from "../../packages/jkoflow/src/random/index.ts";

export interface TextTable {
  readonly columns: readonly string[];
  /** Empty where a cell is missing. */
  readonly rows: readonly (readonly string[])[];
}

interface SampleSet {
  /** Below the data folder. */
  readonly file: string;
  /** Names, where the file has none; letters else. */
  readonly names?: readonly string[];
  readonly read: (text: string) => string[][];
  readonly head: "in file" | "none";
}

const lines = (text: string): string[] => text.split(/\r?\n/).filter((line) => line.trim() !== "");
const cells = (delimiter: string | RegExp) => (text: string) =>
  lines(text).map((line) =>
    line
      .trim()
      .split(delimiter)
      .map((cell) => cell.trim().replace(/^"(.*)"$/, "$1")),
  );
const uci = (
  file: string,
  delimiter: string | RegExp,
  head: SampleSet["head"],
  names?: readonly string[],
): SampleSet => ({
  file: join("uci", file),
  read: cells(delimiter),
  head,
  ...(names ? { names } : {}),
});

const BLANKS = /\s+/;
const ABALONE = ["sex", "length", "diameter", "height", "whole", "shucked", "viscera", "shell", "rings"];
const HOUSES = ["longitude", "latitude", "age", "rooms", "bedrooms", "population", "households", "income", "value"];
const CONCRETE = ["cement", "slag", "ash", "water", "plasticizer", "coarse", "fine", "age", "strength"];

const textSets: Readonly<Record<string, SampleSet>> = {
  penguins: uci("penguins.csv", ",", "in file"),
  geyser: uci("geyser.csv", ",", "in file"),
  abalone: uci("abalone.data", ",", "none", ABALONE),
  german: uci("german.data-numeric", BLANKS, "none"),
  "winequality-white": uci("winequality-white.csv", ";", "in file"),
  cal_housing: uci("cal_housing.data.gz", ",", "none", HOUSES),
  concrete: uci("concrete.txt", BLANKS, "none", CONCRETE),
  banknote: uci("banknote.txt", ",", "none"),
  letter: uci("letter-recognition.data.gz", ",", "none"),
};

/** Normal rows of these sets of ADBench. */
const normalSets = ["38_thyroid", "2_annthyroid", "28_pendigits"] as const;

export const sampleSetNames: readonly string[] = [...Object.keys(textSets), ...normalSets];

const fileOf = (name: string): string => textSets[name]?.file ?? join("adbench", `${name}_X.npy.gz`);

/** Those whose files are there. */
export const knownSampleSets = (folder: string | undefined): string[] =>
  sampleSetNames.filter((name) => folder !== undefined && existsSync(join(folder, fileOf(name))));

/** At most `most` rows of a set, in an order by key. */
export async function loadSampleSet(name: string, folder: string, most: number, key: Key): Promise<TextTable> {
  const bytes = readFileSync(join(folder, fileOf(name)));
  const plain = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
  const table =
    name in textSets ? textTable(textSets[name], plain.toString("utf8")) : await normalRows(name, folder, plain);
  const order = permutation(fold(key, "rows"), table.rows.length).subarray(0, most);
  return { ...table, rows: Array.from(order, (i) => table.rows[i]) };
}

function textTable({ read, head, names }: SampleSet, text: string): TextTable {
  const all = read(text);
  const columns = head === "in file" ? all[0] : (names ?? all[0].map((_, k) => `c${k + 1}`));
  const rows = (head === "in file" ? all.slice(1) : all).map((row) => row.map((cell) => (cell === "NA" ? "" : cell)));
  return { columns, rows };
}

async function normalRows(name: string, folder: string, bytes: Uint8Array): Promise<TextTable> {
  const x = await readNpy(bytes);
  const labels = await readNpy(readFileSync(join(folder, "adbench", `${name}_y.npy`)));
  const cols = x.columns.length;
  const rows = Array.from({ length: x.rows }, (_, r) => r)
    .filter((r) => labels.values[r] === 0)
    .map((r) => Array.from(x.values.subarray(r * cols, (r + 1) * cols), shortestFloat32));
  return { columns: x.columns.map((_, c) => `c${c + 1}`), rows };
}

/** As a file of comma-separated values. */
export const csvOf = ({ columns, rows }: TextTable): string =>
  `${[columns, ...rows].map((row) => row.join(",")).join("\n")}\n`;

/** Text to numbers and samples to the same: words become codes in their order of first sight, gaps NaN. */
export interface Coding {
  /** [rows, cols]; numbers with the decimals that the table has in that column. */
  numbers(table: TextTable): Float64Array;
  /** Columns of words. */
  readonly words: readonly boolean[];
}

/** Of the whole table: any column with a cell that is no number is one of words. */
export function codingOf({ columns, rows }: TextTable): Coding {
  const codes = columns.map((_, c) => {
    const found = new Map<string, number>();
    for (const row of rows) if (row[c] !== "" && !found.has(row[c])) found.set(row[c], found.size);
    return [...found.keys()].some((cell) => Number.isNaN(Number(cell))) ? found : undefined;
  });
  const decimals = columns.map((_, c) =>
    rows.reduce((most, row) => Math.max(most, /e/i.test(row[c]) ? 12 : (row[c].split(".")[1]?.length ?? 0)), 0),
  );
  return {
    words: codes.map((found) => found !== undefined),
    numbers: (table) => {
      const places = columns.map((name) => table.columns.indexOf(name));
      return Float64Array.from(
        table.rows.flatMap((row) =>
          places.map((at, c) => {
            const cell = row[at];
            if (cell === "") return Number.NaN;
            return codes[c] ? (codes[c].get(cell) ?? -1) : Number(Number(cell).toFixed(decimals[c]));
          }),
        ),
      );
    },
  };
}
