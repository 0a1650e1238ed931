/** The sets of ADBench for the benchmark `anomaly`: rows of the three parts, noise on ties, units; the same for all methods. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  constantColumns,
  createTable,
  dequantize,
  dropColumns,
  fitStandardizer,
  splitByPosition,
  type Table,
  takeRows,
} from "../../packages/jkoflow/src/data/index.ts";
import { readTable } from "../../packages/jkoflow/src/io/index.ts";
import { createKey, fold, permutation } from "../../packages/jkoflow/src/random/index.ts";
import type { SplitProblem } from "./problem.ts";
import { shiftToZero, tiedWidths } from "./ties.ts";

const SOURCE = "ADBench (Minqi824/ADBench, adbench/datasets/Classical, BSD-2)";
/** Of the noise on ties and of the choice of rows. */
const SEED = 1;
/** Most normal rows for training unless told otherwise: a subset by key where there are more. */
export const MOST_TRAINING = 15_000;
/** Of these as many more for validation, at most. */
const VALIDATION_SHARE = 0.1;
/** Most anomalies of the other parts that are scored beside the test part. */
const MOST_OTHER = 2000;

export interface AnomalySet {
  /** Training and validation: normal rows only. Test: all rows of the scored part, then the anomalies of the other parts. */
  readonly problem: SplitProblem;
  /** Of the test rows: 1 for an anomaly. */
  readonly anomaly: Uint8Array;
  /** How many of the test rows are those of the scored part. */
  readonly tested: number;
  /** Normal rows that training could have had. */
  readonly available: number;
  /** Columns without two values, which were left out. */
  readonly constant: readonly string[];
  /** Of the uniform noise on tied columns, in the units of the file. */
  readonly widths: Readonly<Record<string, number>>;
}

/** The names of the sets in a data directory, by number. */
export function anomalySetNames(dataFolder: string | undefined): string[] {
  const index = dataFolder === undefined ? undefined : join(dataFolder, "adbench/index.json");
  if (index === undefined || !existsSync(index)) return [];
  const sets = JSON.parse(readFileSync(index, "utf8")) as readonly { readonly name: string }[];
  return sets.map(({ name }) => name).sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
}

export const missingSets = `no adbench/index.json in the data directory (--data DIR or JKOFLOW_DATA); ${SOURCE}`;

/** Scored rows: the test part; or the validation part, for trying settings without a look at test rows. */
export type ScoredPart = "test" | "validation";

export async function loadAnomalySet(
  name: string,
  dataFolder: string,
  part: ScoredPart,
  most: number,
): Promise<AnomalySet> {
  const read = (file: string): Promise<Table> =>
    readTable(readFileSync(join(dataFolder, "adbench", file)), { where: file });
  const [whole, { values: labels }] = [await read(`${name}_X.npy.gz`), await read(`${name}_y.npy`)];
  const constant = constantColumns(whole);
  const shifted = shiftToZero(constant.length > 0 ? dropColumns(whole, constant) : whole);
  // The noise is of the whole table's resolution: a column that is constant among normal rows becomes a narrow one.
  const key = createKey(SEED);
  const { table, widths } = dequantize(shifted, tiedWidths(shifted), key);
  const split = splitByPosition(table.rows);
  const normal = (rows: Int32Array): Int32Array => rows.filter((i) => labels[i] === 0);
  const some = (rows: Int32Array, most: number, part: string): Int32Array =>
    rows.length <= most
      ? rows
      : Int32Array.from(permutation(fold(key, part), rows.length).subarray(0, most), (i) => rows[i]);
  const rest = part === "test" ? [...split.train, ...split.validation] : split.train;
  const others = Int32Array.from(rest).filter((i) => labels[i] !== 0);
  const scored = Int32Array.from([...split[part], ...some(others, MOST_OTHER, "anomalies")]);
  const train = takeRows(table, some(normal(split.train), most, "train"));
  const scores = fitStandardizer(train, { kind: "zscore" });
  const scaled = (part: Table): Table => createTable(scores.forward(part), part.columns);
  return {
    problem: {
      train: scaled(train),
      validation: scaled(
        takeRows(table, some(normal(split.validation), Math.round(VALIDATION_SHARE * most), "validation")),
      ),
      test: scaled(takeRows(table, scored)),
    },
    anomaly: Uint8Array.from(scored, (i) => labels[i]),
    tested: split[part].length,
    available: normal(split.train).length,
    constant,
    widths,
  };
}
