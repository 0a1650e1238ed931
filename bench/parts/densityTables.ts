/** Ten tables on which a flow with default settings is held against a mixture: their files, rows and columns. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  createTable,
  dequantize,
  fitStandardizer,
  splitByPosition,
  splitTable,
  type Table,
  takeRows,
} from "../../packages/jkoflow/src/data/index.ts";
import { InputError } from "../../packages/jkoflow/src/errors/index.ts";
import { readTable } from "../../packages/jkoflow/src/io/index.ts";
import { createKey } from "../../packages/jkoflow/src/random/index.ts";
import type { SplitProblem } from "./problem.ts";
import { shiftToZero, tiedWidths } from "./ties.ts";

interface DensityTable {
  readonly file: string;
  /** File of zeros (normal) and ones, one for each row; only normal rows are taken. */
  readonly labels?: string;
  /** Which columns, from and up to (not with) these places; default all. */
  readonly columns?: readonly [number, number];
  /** After the choice of rows and columns. */
  readonly shape: readonly [number, number];
  readonly source: string;
}

const UCI = "UCI";
const adbench = (name: string, shape: readonly [number, number]): DensityTable => ({
  file: `adbench/${name}_X.npy.gz`,
  labels: `adbench/${name}_y.npy`,
  shape,
  source: "ADBench (Minqi824/ADBench, adbench/datasets/Classical), rows without anomaly",
});

export const densityTables = {
  californiaHousing: { file: "uci/cal_housing.data.gz", shape: [20640, 9], source: "StatLib California housing" },
  powerPlant: { file: "uci/power-plant.txt.gz", shape: [9568, 5], source: `${UCI} combined cycle power plant` },
  kin8nm: { file: "uci/kin8nm.txt.gz", shape: [8192, 9], source: "Delve kin8nm" },
  winequalityWhite: {
    file: "uci/winequality-white.csv",
    columns: [0, 11],
    shape: [4898, 11],
    source: `${UCI} wine quality, white`,
  },
  abalone: {
    file: "uci/abalone.data",
    columns: [1, 8],
    shape: [4177, 7],
    source: `${UCI} abalone, continuous columns`,
  },
  cover: adbench("10_cover", [283_301, 10]),
  landsat: adbench("19_landsat", [5102, 36]),
  pendigits: adbench("28_pendigits", [6714, 16]),
  shuttle: adbench("32_shuttle", [45_586, 9]),
  waveform: adbench("41_Waveform", [3343, 21]),
} satisfies Record<string, DensityTable>;

export type DensityTableName = keyof typeof densityTables;
export const densityTableNames = Object.keys(densityTables) as DensityTableName[];

/** Of the noise on tied columns. */
const SEED = 1;

export interface PreparedTable {
  /** z-scored by the training part. */
  readonly problem: SplitProblem;
  /** Of the uniform noise on each tied column, in the units of the file. */
  readonly widths: Readonly<Record<string, number>>;
}

/** A table ready for all methods alike, or a line that says what is missing. */
export async function loadDensityTable(
  name: DensityTableName,
  dataFolder: string | undefined,
): Promise<PreparedTable | string> {
  const { file, labels, columns, shape, source }: DensityTable = densityTables[name];
  const files = labels === undefined ? [file] : [file, labels];
  if (dataFolder === undefined || !files.every((path) => existsSync(join(dataFolder, path)))) {
    return `${name} is left out: no ${files.join(", ")} in the data directory (--data DIR or JKOFLOW_DATA); ${source}`;
  }
  const read = (path: string, options: { columns?: string[] } = {}): Promise<Table> =>
    readTable(readFileSync(join(dataFolder, path)), { where: path, ...options });
  let table = await read(file, columns ? { columns: places(columns) } : {});
  if (labels !== undefined) {
    const { values } = await read(labels);
    table = takeRows(
      table,
      Array.from(values.keys()).filter((i) => values[i] === 0),
    );
  }
  if (table.rows !== shape[0] || table.columns.length !== shape[1]) {
    const came = `${table.rows} x ${table.columns.length}`;
    throw new InputError({ where: name, came, expected: `${shape[0]} x ${shape[1]}` });
  }
  const shifted = shiftToZero(table);
  const { table: noisy, widths } = dequantize(shifted, tiedWidths(shifted), createKey(SEED));
  const { train, validation, test } = splitTable(noisy, splitByPosition(noisy.rows));
  const scores = fitStandardizer(train, { kind: "zscore" });
  const scaled = (part: Table): Table => createTable(scores.forward(part), part.columns);
  return { problem: { train: scaled(train), validation: scaled(validation), test: scaled(test) }, widths };
}

/** Columns counted from 1, as the reader takes them. */
const places = ([from, end]: readonly [number, number]): string[] =>
  Array.from({ length: end - from }, (_, k) => `#${from + k + 1}`);
