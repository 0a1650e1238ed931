/** A table in three parts, handed from the benchmark to the programs that fit it as NPY files. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTable, type Table } from "../../packages/jkoflow/src/data/index.ts";
import { readNpy, writeNpy } from "../../packages/jkoflow/src/io/index.ts";
import type { ProblemFiles } from "./fit.ts";

export interface SplitProblem {
  readonly train: Table;
  readonly validation: Table;
  readonly test: Table;
}

const PARTS = ["train", "validation", "test"] as const;

export function writeProblem(folder: string, problem: SplitProblem): ProblemFiles {
  const files = { train: "", validation: "", test: "" };
  for (const part of PARTS) {
    const { values, rows, columns } = problem[part];
    files[part] = join(folder, `${part}.npy`);
    writeFileSync(files[part], writeNpy(values, [rows, columns.length]));
  }
  return files;
}

export async function readProblem(files: ProblemFiles): Promise<SplitProblem> {
  const [train, validation, test] = await Promise.all(PARTS.map((part) => readRows(files[part])));
  return { train, validation, test };
}

/** The rows of an NPY file; columns are x1, x2, ... */
export async function readRows(file: string): Promise<Table> {
  const { values, columns } = await readNpy(readFileSync(file), { where: file.split("/").pop() });
  return createTable(values, columns.length);
}

export async function readLogProb(folder: string, method: string): Promise<Float32Array> {
  return (await readRows(join(folder, `${method}.npy`))).values;
}

export function writeLogProb(folder: string, method: string, logProb: Float64Array): void {
  writeFileSync(join(folder, `${method}.npy`), writeNpy(logProb));
}

/** Rows [n, d] that a model drew. */
export function writeSamples(folder: string, method: string, rows: Float32Array, columns: number): void {
  writeFileSync(join(folder, `${method}-samples.npy`), writeNpy(rows, [rows.length / columns, columns]));
}

export async function readSamples(folder: string, method: string): Promise<Float32Array> {
  return (await readRows(join(folder, `${method}-samples.npy`))).values;
}
