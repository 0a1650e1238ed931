/** The reference executor: programs interpreted in float64 on one thread. Slow, and the truth in tests. */
import { checkKind } from "../errors/kinds.ts";
import type { Node, Program } from "../graph/index.ts";
import {
  batchRows,
  checkBatch,
  checkFlat,
  checkLoss,
  checkOptimiser,
  checkRows,
  checkState,
  checkTable,
  foreign,
  sourceOf,
} from "./batch.ts";
import type { Batch, Engine, Executable, OptimiserStep, Parameters, Table, Values } from "./engine.ts";
import { interpret, type Matrix } from "./interpret.ts";
import { notFinite } from "./notFinite.ts";

/** Inside all is float64, so tests may give more digits than the types of an engine ask for. */
const EITHER = ["Float32Array", "Float64Array"] as const;

/** Says whether something may still be used: `end` makes every later `check` an error. */
interface Life {
  check(): void;
  end(): void;
}

function createLife(of: string, whole?: Life): Life {
  let live = true;
  return {
    check: () => {
      whole?.check();
      if (!live) throw new Error(`${of} was disposed`);
    },
    end: () => {
      live = false;
    },
  };
}

/** Plain storage; float64 inside, so that tests can reach beyond float32. */
interface ReferenceTable extends Table {
  readonly data: () => Float64Array;
}

function createTable(engine: Life, rows: number, cols: number, values?: Float32Array): ReferenceTable {
  engine.check();
  checkTable(rows, cols, values, EITHER);
  const life = createLife("this table", engine);
  const numbers = new Float64Array(rows * cols);
  const data = (): Float64Array => {
    life.check();
    return numbers;
  };
  if (values) numbers.set(values);
  const table: ReferenceTable = {
    rows,
    cols,
    data,
    write: (v, firstRow = 0) => {
      checkKind(v, EITHER, "table");
      checkRows(table, firstRow, v.length / cols);
      data().set(v, firstRow * cols);
    },
    read: (firstRow = 0, count = rows - firstRow) => {
      checkRows(table, firstRow, count);
      return Float32Array.from(data().subarray(firstRow * cols, (firstRow + count) * cols));
    },
    dispose: life.end,
  };
  return table;
}

/** The numbers of a source; `foreign` when another engine made it. */
function numbersOf(program: Program, name: string, source: Table | Parameters): Float64Array {
  const { data } = source as Partial<ReferenceTable>;
  if (typeof data !== "function") throw foreign(program, name);
  return data();
}

interface ReferenceParameters extends Parameters {
  readonly data: () => Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
  updates: number;
}

function createParameters(engine: Life, values: Float32Array): ReferenceParameters {
  engine.check();
  checkKind(values, EITHER, "parameters");
  const life = createLife("this parameter block", engine);
  const numbers = Float64Array.from(values);
  const first = new Float64Array(numbers.length);
  const second = new Float64Array(numbers.length);
  const data = (): Float64Array => {
    life.check();
    return numbers;
  };
  const self: ReferenceParameters = {
    size: numbers.length,
    data,
    first,
    second,
    updates: 0,
    read: () => Float32Array.from(data()),
    write: (v) => {
      checkFlat(v, numbers.length, EITHER);
      data().set(v);
    },
    state: () => ({
      values: Float32Array.from(data()),
      firstMoment: Float32Array.from(first),
      secondMoment: Float32Array.from(second),
      updates: self.updates,
    }),
    restore: (state) => {
      checkState(state, numbers.length);
      data().set(state.values);
      first.set(state.firstMoment);
      second.set(state.secondMoment);
      self.updates = state.updates;
    },
    resetMoments: () => {
      life.check();
      first.fill(0);
      second.fill(0);
      self.updates = 0;
    },
    dispose: life.end,
  };
  return self;
}

function loadReference(engine: Life, program: Program): Executable {
  engine.check();
  const life = createLife("this program", engine);
  const evaluateBatch = (given: Batch): Map<Node, Matrix> => {
    life.check();
    const batch = checkBatch(program, given);
    const rows = batchRows(program, batch);
    const parameters = batch.parameters === undefined ? undefined : numbersOf(program, "parameters", batch.parameters);
    let offset = 0;
    const offsets = new Map(
      program.parameters.map((p) => {
        const start = offset;
        offset += (p.rows as number) * p.cols;
        return [p, start];
      }),
    );
    return interpret(program, rows, (node) => {
      const name = node.at.name!;
      if (node.op === "scalar") return { rows: 1, cols: 1, data: Float64Array.of(batch.scalars![name]) };
      if (node.op === "parameter") {
        const start = offsets.get(node)!;
        const size = (node.rows as number) * node.cols;
        return { rows: node.rows as number, cols: node.cols, data: parameters!.slice(start, start + size) };
      }
      const { table, indices, from } = sourceOf(batch.inputs![name], batch.indices);
      const from64 = numbersOf(program, name, table);
      const data = new Float64Array(rows * node.cols);
      for (let i = 0; i < rows; i++) {
        const row = indices ? indices[i] : from + i;
        data.set(from64.subarray(row * node.cols, (row + 1) * node.cols), i * node.cols);
      }
      return { rows, cols: node.cols, data };
    });
  };
  const finish = (values: Map<Node, Matrix>, batch: Batch): Values => {
    for (const { name, node } of program.outputs) {
      const target = batch.outputs?.[name];
      if (target === undefined) continue;
      const { table, from } = sourceOf(target, undefined);
      numbersOf(program, name, table).set(values.get(node)!.data, from * node.cols);
    }
    return Object.fromEntries(
      program.values.map(({ name, node }) => [name, Float32Array.from(values.get(node)!.data)]),
    );
  };
  const flat = (values: Map<Node, Matrix>): Float64Array =>
    Float64Array.from(program.gradients.flatMap((node) => [...values.get(node)!.data]));
  return {
    program,
    run: (batch) => finish(evaluateBatch(batch), batch),
    gradient: (batch) => {
      checkLoss(program);
      const values = evaluateBatch(batch);
      return { values: finish(values, batch), gradient: Float32Array.from(flat(values)) };
    },
    step: (batch, optimiser) => {
      checkLoss(program);
      checkOptimiser(program, optimiser);
      const values = evaluateBatch(batch);
      const result = finish(values, batch);
      const g = flat(values);
      const gradientNorm = Math.sqrt(g.reduce((s, x) => s + x * x, 0));
      if (!Number.isFinite(gradientNorm) || !Number.isFinite(result.loss?.[0] ?? 0)) {
        const bad = program.nodes.find((node) => values.get(node)!.data.some((x) => !Number.isFinite(x)));
        throw notFinite(program, bad);
      }
      update(batch.parameters as ReferenceParameters, g, gradientNorm, optimiser);
      return { values: result, gradientNorm };
    },
    dispose: life.end,
  };
}

function update(p: ReferenceParameters, g: Float64Array, norm: number, o: OptimiserStep): void {
  const { learningRate, weightDecay = 0, clip = 0, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = o;
  const factor = clip > 0 && norm > clip ? clip / norm : 1;
  p.updates++;
  const fix1 = 1 - beta1 ** p.updates;
  const fix2 = 1 - beta2 ** p.updates;
  const data = p.data();
  for (let i = 0; i < g.length; i++) {
    const gi = factor * g[i];
    p.first[i] = beta1 * p.first[i] + (1 - beta1) * gi;
    p.second[i] = beta2 * p.second[i] + (1 - beta2) * gi * gi;
    data[i] -= learningRate * (p.first[i] / fix1 / (Math.sqrt(p.second[i] / fix2) + epsilon) + weightDecay * data[i]);
  }
}

/** An engine that computes in float64 on one thread: slow, and the truth in tests. */
export function createReferenceEngine(): Engine {
  const life = createLife("this engine");
  return {
    kind: "reference",
    kernelId: "reference-f64",
    threads: 1,
    shards: 1,
    load: (program) => loadReference(life, program),
    table: (rows, cols, values) => createTable(life, rows, cols, values),
    parameters: (values) => createParameters(life, values),
    dispose: life.end,
  };
}
