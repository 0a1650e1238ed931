/** Rows of planar targets, the same ones in every benchmark, and the exact density on them. */
import { createTable, type Table, type Toy } from "../../packages/jkoflow/src/data/index.ts";
import { createKey, fold } from "../../packages/jkoflow/src/random/index.ts";
import type { SplitProblem } from "./problem.ts";

/** The issue is training, so held-out rows are few and test rows many. */
export const TARGET_ROWS = { train: 100_000, validation: 10_000, test: 50_000 } as const;
export type TargetRows = Readonly<Record<keyof typeof TARGET_ROWS, number>>;

/** So many rows of a target, by the name of what they are for. */
export const drawTarget = (toy: Toy, name: string, seed: number, part: string, rows: number): Table =>
  createTable(toy.sample(fold(createKey(seed), "toy", name, part), rows), ["x", "y"]);

export function splitTarget(toy: Toy, name: string, seed: number, rows: TargetRows = TARGET_ROWS): SplitProblem {
  const part = (of: keyof TargetRows) => drawTarget(toy, name, seed, of, rows[of]);
  return { train: part("train"), validation: part("validation"), test: part("test") };
}

/** ln p of each row under the target itself, nats. */
export const exactLogProb = (toy: Toy, { values, rows }: Table): Float64Array =>
  Float64Array.from({ length: rows }, (_, i) => toy.logDensity(values[2 * i], values[2 * i + 1]));
