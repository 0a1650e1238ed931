/** What a batch must have before a program may run on it. */
import { cameOf } from "../errors/came.ts";
import { InputError } from "../errors/index.ts";
import { type ArrayKind, checkKind, ownArray } from "../errors/kinds.ts";
import type { Program } from "../graph/index.ts";
import { type Batch, isTable, type OptimiserStep, type ParameterState, type RowSource, type Table } from "./engine.ts";

/** A source as a table, the indices that apply to it, and its first row. */
export function sourceOf(
  source: RowSource,
  indices: Int32Array | undefined,
): { readonly table: Table; readonly indices: Int32Array | undefined; readonly from: number } {
  return isTable(source)
    ? { table: source, indices, from: 0 }
    : { table: source.table, indices: undefined, from: source.from };
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

/**
 * The batch, its indices copied where other threads can write to them: what is checked is what is used.
 * @throws InputError for a missing input, scalar or parameter block, a wrong width, indices of another kind, or rows outside
 * of a table.
 */
export function checkBatch(program: Program, given: Batch): Batch {
  const where = `program "${program.name}"`;
  if (typeof given !== "object" || given === null) {
    throw new InputError({ where, came: cameOf(given), expected: "a batch: { parameters, inputs }" });
  }
  if (given.indices !== undefined) checkKind(given.indices, "Int32Array", where, "indices");
  const batch = given.indices === undefined ? given : { ...given, indices: ownArray(given.indices) };
  check(program, batch);
  return batch;
}

function check(program: Program, batch: Batch): void {
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
      throw new InputError({
        where,
        place: `scalar "${node.at.name}"`,
        came: String(value),
        expected: "a finite number",
      });
    }
  }
  const rows = batchRows(program, batch);
  if (!Number.isInteger(rows) || rows < 1) {
    throw new InputError({ where, came: `${rows} rows`, expected: "at least one row" });
  }
  if (batch.indices !== undefined && batch.indices.length < rows) {
    throw new InputError({
      where,
      came: `${batch.indices.length} indices for ${rows} rows`,
      expected: "an index per row",
    });
  }
  let largest = -1;
  for (let i = 0; batch.indices !== undefined && i < rows; i++) {
    if (batch.indices[i] < 0)
      throw new InputError({ where, place: `index ${i}`, came: `${batch.indices[i]}`, expected: "0 or above" });
    if (batch.indices[i] > largest) largest = batch.indices[i];
  }
  const checkSource = (name: string, cols: number, source: RowSource | undefined, indexed: boolean): void => {
    if (source === undefined)
      throw new InputError({ where, place: `input "${name}"`, came: "nothing", expected: "a table" });
    const { table, indices, from } = sourceOf(source, indexed ? batch.indices : undefined);
    if (table.cols !== cols) {
      throw new InputError({ where, place: `"${name}"`, came: `${table.cols} columns`, expected: `${cols} columns` });
    }
    const needed = indices ? largest + 1 : from + rows;
    if (!(Number.isInteger(from) && from >= 0)) {
      throw new InputError({
        where,
        place: `"${name}"`,
        came: `first row ${from}`,
        expected: "a whole number, 0 or above",
      });
    }
    if (needed > table.rows) {
      throw new InputError({ where, place: `"${name}"`, came: `${table.rows} rows`, expected: `at least ${needed}` });
    }
  };
  for (const node of program.inputs) checkSource(node.at.name!, node.cols, batch.inputs?.[node.at.name!], true);
  for (const { name, node } of program.outputs) {
    if (batch.outputs?.[name] !== undefined) checkSource(name, node.cols, batch.outputs[name], false);
  }
}

/** @throws InputError for a program that has no gradient. */
export function checkLoss(program: Program): void {
  if (program.gradients.length > 0) return;
  throw new InputError({
    where: `program "${program.name}"`,
    came: "no loss with parameters",
    expected: "a program with a loss",
    fix: "use run() for a program that only computes values",
  });
}

/** @throws InputError for a rate, decay, limit or decay of the moments that is not a number in its range. */
export function checkOptimiser(program: Program, optimiser: OptimiserStep): void {
  const reject = (place: string, value: number, expected: string): never => {
    throw new InputError({ where: `program "${program.name}"`, place, came: String(value), expected });
  };
  const { learningRate, weightDecay = 0, clip = 0, beta1 = 0, beta2 = 0, epsilon = 0 } = optimiser;
  for (const [place, value] of Object.entries({ learningRate, weightDecay, clip, epsilon })) {
    if (!(Number.isFinite(value) && value >= 0)) reject(place, value, "a finite number, 0 or above");
  }
  for (const [place, value] of Object.entries({ beta1, beta2 })) {
    if (!(value >= 0 && value < 1)) reject(place, value, "a number from 0 to below 1");
  }
}

/** @throws InputError for a table without rows or columns, or initial values of another size. */
export function checkTable(
  rows: number,
  cols: number,
  values: Float32Array | undefined,
  kinds: ArrayKind | readonly ArrayKind[] = "Float32Array",
): void {
  const where = "table";
  if (values !== undefined) checkKind(values, kinds, where);
  for (const [place, n] of Object.entries({ rows, cols })) {
    if (!(Number.isInteger(n) && n > 0))
      throw new InputError({ where, place, came: `${n}`, expected: "a whole number above 0" });
  }
  if (values !== undefined && values.length !== rows * cols) {
    throw new InputError({ where, came: `${values.length} numbers`, expected: `${rows} x ${cols} = ${rows * cols}` });
  }
}

/** @throws InputError for rows that the table does not have, or numbers that are not whole rows. */
export function checkRows(table: Pick<Table, "rows" | "cols">, firstRow: number, count: number): void {
  const whole = Number.isInteger(firstRow) && Number.isInteger(count);
  if (whole && firstRow >= 0 && count >= 0 && firstRow + count <= table.rows) return;
  throw new InputError({
    where: "table",
    came: `rows ${firstRow} to ${firstRow + count}`,
    expected: `whole rows from 0 to ${table.rows}`,
  });
}

/** @throws InputError for what is no flat array of as many numbers as the parameters. */
export function checkFlat(
  values: Float32Array,
  size: number,
  kinds: ArrayKind | readonly ArrayKind[] = "Float32Array",
  place?: string,
): void {
  checkKind(values, kinds, "parameters", place);
  if (values.length === size) return;
  const came = `${values.length} numbers`;
  throw new InputError({ where: "parameters", place, came, expected: `${size} numbers` });
}

/** @throws InputError for a state of other sizes or kinds, or a number of updates that is none. */
export function checkState(state: ParameterState, size: number): void {
  const { values, firstMoment, secondMoment, updates }: Partial<ParameterState> = state ?? {};
  for (const [place, part] of Object.entries({ values, firstMoment, secondMoment })) {
    checkFlat(part as Float32Array, size, "Float32Array", place);
  }
  if (Number.isSafeInteger(updates) && (updates as number) >= 0) return;
  const expected = "a whole number, 0 or above";
  throw new InputError({ where: "parameters", place: "updates", came: cameOf(updates), expected });
}

/** For tables and parameters that another engine made: an engine cannot read another one's memory. */
export function foreign(program: Program, name: string): InputError {
  return new InputError({
    where: `program "${program.name}"`,
    place: name,
    came: "memory of another engine",
    expected: "a table or parameters made by the engine that loaded the program",
  });
}
