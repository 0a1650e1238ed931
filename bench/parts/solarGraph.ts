/**
 * Half-day means of the diffuse irradiance of nine Californian cities, 2018, with labels and a graph: the recipe of the
 * graph experiment (Xu, Cheng, Xie, arXiv:2206.01163 and arXiv:2212.14424) on public rows of NREL's NSRDB.
 *
 *   X      [nine cities x (now, one step back)], standardised city by city with mean and sd of the training rows
 *   label  1 where the change from the previous value is above +100 % or below -50 %, or now < 40 and previous < 35
 *   edges  of each city, to the three (itself included) with the most equal training labels, then made symmetric
 *   split  the first three quarters train, the rest test; every tenth training row judges the blocks
 *
 * Not the ten-city files of the paper, of which there is no public copy: figures cannot be compared with published ones.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import {
  type ConditionRows,
  conditionValues,
  createTable,
  type Table,
  takeConditions,
  takeRows,
} from "../../packages/jkoflow/src/data/index.ts";
import { InputError } from "../../packages/jkoflow/src/errors/index.ts";

const FILE = "solar_graph/solar9_2018_hourly.npy.gz";
const SHAPE = { hours: 8760, cities: 9, variables: 8 } as const;
const HOURS = 12;
const NEIGHBOURS = 3;

export interface SolarGraph {
  readonly cities: readonly string[];
  /** Pairs of cities, counted from 1. */
  readonly edges: readonly number[];
  readonly train: Table;
  readonly validation: Table;
  readonly test: Table;
  /** One column of labels 0 and 1 for each city. */
  readonly given: { readonly train: ConditionRows; readonly validation: ConditionRows; readonly test: ConditionRows };
  /** Labels of a test row, city after city, such as "000000000". */
  readonly patterns: { readonly train: readonly string[]; readonly test: readonly string[] };
}

/** The problem, or a line that says what is missing. */
export function loadSolarGraph(folder: string | undefined): SolarGraph | string {
  const path = folder === undefined ? "" : join(folder, FILE);
  if (!existsSync(path)) return `graph is left out: no ${FILE} in the data directory (--data DIR or JKOFLOW_DATA)`;
  const { cities } = JSON.parse(readFileSync(join(folder!, "solar_graph/index.json"), "utf8")) as { cities: string[] };
  const means = halfDays(readHourly(path)); // [half-day][city]
  const labels = means.slice(1).map((now, t) => now.map((value, v) => labelOf(value, means[t][v])));
  const count = labels.length;
  const trainRows = Math.floor(0.75 * count);
  const scale = cities.map((_, v) => {
    const column = means.slice(0, trainRows + 1).map((row) => row[v]);
    const mean = column.reduce((sum, x) => sum + x / column.length, 0);
    return { mean, sd: Math.sqrt(column.reduce((sum, x) => sum + (x - mean) ** 2 / column.length, 0)) };
  });
  const names = cities.flatMap((city) => [`${city} now`, `${city} before`]);
  const values = Float32Array.from(
    labels.flatMap((_, t) =>
      cities.flatMap((_, v) => [means[t + 1][v], means[t][v]].map((x) => (x - scale[v].mean) / scale[v].sd)),
    ),
  );
  const table = createTable(values, names);
  const all: ConditionRows = {
    rows: count,
    columns: cities.map((city, v) =>
      conditionValues(
        `${city} label`,
        labels.map((row) => String(row[v])),
        "category",
      ),
    ),
  };
  const rows = Array.from({ length: count }, (_, i) => i);
  const parts = {
    train: rows.filter((i) => i < trainRows && i % 10 !== 9),
    validation: rows.filter((i) => i < trainRows && i % 10 === 9),
    test: rows.filter((i) => i >= trainRows),
  };
  const pattern = (part: readonly number[]): string[] => part.map((i) => labels[i].join(""));
  return {
    cities,
    edges: nearestByLabels(labels.slice(0, trainRows)),
    train: takeRows(table, parts.train),
    validation: takeRows(table, parts.validation),
    test: takeRows(table, parts.test),
    given: {
      train: takeConditions(all, parts.train),
      validation: takeConditions(all, parts.validation),
      test: takeConditions(all, parts.test),
    },
    patterns: { train: pattern([...parts.train, ...parts.validation]), test: pattern(parts.test) },
  };
}

const labelOf = (now: number, before: number): number =>
  now > 2 * before || now < 0.5 * before || (now < 40 && before < 35) ? 1 : 0;

/** Each node to the nodes with the most equal labels; both directions of an edge are one pair. */
function nearestByLabels(labels: readonly (readonly number[])[]): number[] {
  const nodes = labels[0].length;
  const pairs = new Set<string>();
  for (let i = 0; i < nodes; i++) {
    const equal = Array.from({ length: nodes }, (_, j) => labels.filter((row) => row[i] === row[j]).length);
    const order = Array.from(equal.keys()).sort((a, b) => equal[b] - equal[a] || a - b);
    for (const j of order.slice(0, NEIGHBOURS)) if (i !== j) pairs.add(`${Math.min(i, j)},${Math.max(i, j)}`);
  }
  return [...pairs].sort().flatMap((pair) => pair.split(",").map((node) => Number(node) + 1));
}

/** Diffuse irradiance, the first variable: [hour][city]. */
function readHourly(path: string): number[][] {
  const bytes = gunzipSync(readFileSync(path));
  const header = bytes.readUInt16LE(8);
  const text = bytes.subarray(10, 10 + header).toString("latin1");
  const { hours, cities, variables } = SHAPE;
  if (!text.includes(`(${hours}, ${cities}, ${variables})`) || !text.includes("<f4") || text.includes("True")) {
    throw new InputError({ where: FILE, came: text.trim(), expected: `<f4 (${hours}, ${cities}, ${variables})` });
  }
  return Array.from({ length: hours }, (_, t) =>
    Array.from({ length: cities }, (_, v) => bytes.readFloatLE(10 + header + 4 * (t * cities + v) * variables)),
  );
}

const halfDays = (hourly: number[][]): number[][] =>
  Array.from({ length: hourly.length / HOURS }, (_, t) =>
    hourly[0].map((_, v) => hourly.slice(t * HOURS, (t + 1) * HOURS).reduce((sum, row) => sum + row[v] / HOURS, 0)),
  );
