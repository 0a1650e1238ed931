/** Tables and parameters that live in a host's memory. */
import { checkKind, ownArray } from "../errors/kinds.ts";
import { checkFlat, checkRows, checkState, checkTable } from "./batch.ts";
import type { ParameterState, Parameters, Table } from "./engine.ts";
import type { Block, Memory } from "./memory.ts";

export interface ResidentTable extends Table {
  readonly block: Block;
}

export function createTable(memory: Memory, rows: number, cols: number, values?: Float32Array): ResidentTable {
  checkTable(rows, cols, values);
  const block = memory.allocate(rows * cols);
  /** Transfers begin at a line of 16 floats: a row that begins inside of one is moved together with what precedes it. */
  const lead = (firstRow: number): number => (firstRow * cols) % 16;
  const table: ResidentTable = {
    rows,
    cols,
    block,
    write: (given, firstRow = 0) => {
      checkKind(given, "Float32Array", "table");
      const v = ownArray(given);
      checkRows(table, firstRow, v.length / cols);
      const before = lead(firstRow);
      const start = firstRow * cols - before;
      if (before === 0) return block.write(v, start);
      const joined = new Float32Array(before + v.length);
      block.read(joined.subarray(0, before), start);
      joined.set(v, before);
      block.write(joined, start);
    },
    read: (firstRow = 0, count = rows - firstRow) => {
      checkRows(table, firstRow, count);
      const before = lead(firstRow);
      const into = new Float32Array(before + count * cols);
      block.read(into, firstRow * cols - before);
      return before === 0 ? into : into.slice(before);
    },
    dispose: block.free,
  };
  if (values) table.write(values);
  else block.write(new Float32Array(rows * cols));
  return table;
}

export interface ResidentParameters extends Parameters {
  readonly values: Block;
  readonly first: Block;
  readonly second: Block;
  updates: number;
}

export function createParameters(memory: Memory, initial: Float32Array): ResidentParameters {
  checkKind(initial, "Float32Array", "parameters");
  const size = initial.length;
  const [values, first, second] = [memory.allocate(size), memory.allocate(size), memory.allocate(size)];
  const copy = (block: Block): Float32Array => {
    const into = new Float32Array(size);
    block.read(into);
    return into;
  };
  const put = (block: Block, v: Float32Array): void => {
    checkFlat(v, size);
    block.write(ownArray(v));
  };
  const self: ResidentParameters = {
    size,
    values,
    first,
    second,
    updates: 0,
    read: () => copy(values),
    write: (v) => put(values, v),
    state: () => ({
      values: copy(values),
      firstMoment: copy(first),
      secondMoment: copy(second),
      updates: self.updates,
    }),
    restore: (state: ParameterState) => {
      checkState(state, size); // all or nothing
      put(values, state.values);
      put(first, state.firstMoment);
      put(second, state.secondMoment);
      self.updates = state.updates;
    },
    resetMoments: () => {
      first.write(new Float32Array(size));
      second.write(new Float32Array(size));
      self.updates = 0;
    },
    dispose: () => {
      for (const block of [values, first, second]) block.free();
    },
  };
  self.write(initial);
  self.resetMoments();
  return self;
}
