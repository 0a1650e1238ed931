/** A model of the graph case on test rows: NLL and MMD-m, overall and for the two most frequent label patterns. */
import { takeRows } from "../../packages/jkoflow/src/data/index.ts";
import { type Estimate, mmdTest, scoreLogProb } from "../../packages/jkoflow/src/evaluate/index.ts";
import { fold, type Key } from "../../packages/jkoflow/src/random/index.ts";
import type { SolarGraph } from "./solarGraph.ts";

/** Generated rows for each test row, with its labels. */
export const GENERATED = 5;

export interface GroupLine {
  readonly group: string;
  readonly rows: number;
  readonly nll: number;
  readonly standardError: number;
  readonly mmd: number;
  /** 95 % of the MMDs of equal distributions of these sizes lie below. */
  readonly threshold: number;
}

export interface Run {
  readonly model: string;
  readonly seed: number;
  readonly parameters: number;
  readonly blocks: number;
  readonly cpuSeconds: number;
  readonly groups: readonly GroupLine[];
  /** NLL less that of the flow without the graph and the same seed, on the same test rows. */
  readonly lessPlain?: Estimate;
}

/** log p of the test rows, and rows drawn given their labels: [n copies, d]. */
export interface Judged {
  readonly logProb: Float64Array;
  /** For each test row `GENERATED` rows one behind the other. */
  readonly generated: Float32Array;
}

export function judge({ test, patterns }: SolarGraph, { logProb, generated }: Judged, key: Key): GroupLine[] {
  const d = test.columns.length;
  const counts = new Map<string, number>();
  for (const pattern of patterns.test) counts.set(pattern, (counts.get(pattern) ?? 0) + 1);
  const frequent = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 2);
  return [undefined, ...frequent.map(([pattern]) => pattern)].map((pattern): GroupLine => {
    const rows = Array.from(patterns.test.keys()).filter((i) => pattern === undefined || patterns.test[i] === pattern);
    const { nll, standardError } = scoreLogProb(rows.map((i) => logProb[i]));
    const drawn = rows.flatMap((i) => Array.from({ length: GENERATED }, (_, g) => i * GENERATED + g));
    const generatedRows = takeRows({ values: generated, rows: generated.length / d, columns: test.columns }, drawn);
    const { biased, threshold } = mmdTest(takeRows(test, rows).values, generatedRows.values, d, fold(key, "mmd"));
    return { group: pattern ?? "all", rows: rows.length, nll, standardError, mmd: biased, threshold };
  });
}

/** For each generated row the test row whose labels it has. */
export const labelRows = ({ test }: SolarGraph): number[] =>
  Array.from({ length: test.rows * GENERATED }, (_, i) => Math.floor(i / GENERATED));
