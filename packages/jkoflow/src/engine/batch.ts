/** What a batch must have before a program may run on it. */
import { InputError } from "../errors/index.ts";
import type { Program } from "../graph/index.ts";
import { type Batch, isTable, type RowSource, type Table } from "./engine.ts";

/** A source as a table, the indices that apply to it, and its first row. */
export function sourceOf(
  source: RowSource,
  indices: Int32Array | undefined,
): { readonly table: Table; readonly indices: Int32Array | undefined; readonly from: number } {
  return isTable(source) ? { table: source, indices, from: 0 } : { table: source.table, indices: undefined, from: source.from };
}

/** Number of rows of the run. */
export function batchRows(program: Program, batch: Batch): number {
  if (batch.rows !== undefined) return batch.rows;
  if (batch.indices !== undefined) return batch.indices.length;
  const first = program.inputs[0]?.at.name;
  const source = first === undefined ? undefined : batch.inputs?.[first];
  if (source === undefined) return 1;
  return isTable(source) ? source.rows : source.table.rows - source.from;
}

/** @throws InputError for a missing input, scalar or parameter block, a wrong width, or rows outside of a table. */
export function checkBatch(program: Program, batch: Batch): void {
  const where = `program "${program.name}"`;
  const size = program.parameters.reduce((n, p) => n + (p.rows as number) * p.cols, 0);
  if (size > 0 && batch.parameters?.size !== size) {
    throw new InputError({
      where,
      place: "parameters",
      came: batch.parameters === undefined ? "none" : `${batch.parameters.size} numbers`,
      expected: `${size} numbers`,
    });
  }
  for (const node of program.scalars) {
    const value = batch.scalars?.[node.at.name!];
    if (value === undefined || !Number.isFinite(value)) {
      throw new InputError({ where, place: `scalar "${node.at.name}"`, came: String(value), expected: "a finite number" });
    }
  }
  const rows = batchRows(program, batch);
  if (!Number.isInteger(rows) || rows < 1) {
    throw new InputError({ where, came: `${rows} rows`, expected: "at least one row" });
  }
  if (batch.indices !== undefined && batch.indices.length < rows) {
    throw new InputError({ where, came: `${batch.indices.length} indices for ${rows} rows`, expected: "an index per row" });
  }
  let largest = -1;
  for (let i = 0; batch.indices !== undefined && i < rows; i++) {
    if (batch.indices[i] < 0) throw new InputError({ where, place: `index ${i}`, came: `${batch.indices[i]}`, expected: "0 or above" });
    if (batch.indices[i] > largest) largest = batch.indices[i];
  }
  const check = (name: string, cols: number, source: RowSource | undefined, indexed: boolean): void => {
    if (source === undefined) throw new InputError({ where, place: `input "${name}"`, came: "nothing", expected: "a table" });
    const { table, indices, from } = sourceOf(source, indexed ? batch.indices : undefined);
    if (table.cols !== cols) {
      throw new InputError({ where, place: `"${name}"`, came: `${table.cols} columns`, expected: `${cols} columns` });
    }
    const needed = indices ? largest + 1 : from + rows;
    if (!(from >= 0) || needed > table.rows) {
      throw new InputError({ where, place: `"${name}"`, came: `${table.rows} rows`, expected: `at least ${needed}` });
    }
  };
  for (const node of program.inputs) check(node.at.name!, node.cols, batch.inputs?.[node.at.name!], true);
  for (const { name, node } of program.outputs) {
    if (batch.outputs?.[name] !== undefined) check(name, node.cols, batch.outputs[name], false);
  }
}
