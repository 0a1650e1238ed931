/**
 * The reference executor: a float64 interpreter of the graph. It is the oracle of every test and, with the kernel, the only
 * place where the meaning of an operation is written.
 */
import { NumericError } from "../errors/index.ts";
import { isRow, type Node, nameOf, type Program } from "../graph/index.ts";
import {
  batchRows,
  checkBatch,
  checkLoss,
  checkOptimiser,
  checkRows,
  checkSize,
  checkTable,
  foreign,
  sourceOf,
} from "./batch.ts";
import type { Batch, Engine, Executable, OptimiserStep, Parameters, Table, Values } from "./engine.ts";

/** A float64 matrix, row-major. */
export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float64Array;
}

const unary: Partial<Record<Node["op"], (x: number, node: Node) => number>> = {
  affine: (x, { at }) => at.scale! * x + at.shift!,
  softplus: (x, { at }) => (Math.max(at.beta! * x, 0) + Math.log1p(Math.exp(-Math.abs(at.beta! * x)))) / at.beta!,
  sigmoid: (x, { at }) => 1 / (1 + Math.exp(-at.beta! * x)),
  tanh: Math.tanh,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  reciprocal: (x) => 1 / x,
  relu: (x) => (x > 0 ? x : x - x),
  step: (x) => (x > 0 ? 1 : 0),
  abs: Math.abs,
  sign: (x) => (x > 0 ? 1 : x < 0 ? -1 : 0),
  detach: (x) => x,
  broadcast: (x) => x,
  slice: (x) => x,
};
const binary: Partial<Record<Node["op"], (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
};

/** The value of one node from the values of its inputs. */
export function evaluate(node: Node, inputs: readonly Matrix[], batch: number): Matrix {
  const rows = node.rows === "B" ? batch : node.rows;
  const { cols } = node;
  const data = new Float64Array(rows * cols);
  const [a, b] = inputs;
  /** Element of a value whose rows or columns of 1 are repeated. */
  const at = (m: Matrix, i: number, j: number): number =>
    m.data[(m.rows === 1 ? 0 : i) * m.cols + (m.cols === 1 ? 0 : j)];
  const fill = (value: (i: number, j: number) => number): Matrix => {
    for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) data[i * cols + j] = value(i, j);
    return { rows, cols, data };
  };
  const sum = (n: number, term: (k: number) => number): number => {
    let s = 0;
    for (let k = 0; k < n; k++) s += term(k);
    return s;
  };
  /** sum_k left(i, k) b_kj, row by row of b, which is how it lies in memory. */
  const products = (m: number, n: number, left: (i: number, k: number) => number): Matrix => {
    for (let i = 0; i < m; i++) {
      for (let k = 0; k < n; k++) {
        const x = left(i, k);
        for (let j = 0; j < cols; j++) data[i * cols + j] += x * b.data[k * cols + j];
      }
    }
    return { rows, cols, data };
  };
  const from = node.at.from ?? 0;
  const f = unary[node.op];
  if (node.op === "slice") return fill((i, j) => a.data[i * a.cols + from + j]);
  if (f) return fill((i, j) => f(at(a, i, j), node));
  const g = binary[node.op];
  if (g) return fill((i, j) => g(at(a, i, j), at(b, i, j)));
  switch (node.op) {
    case "constant":
      return fill(() => node.at.value!);
    case "rowCount":
      return fill(() => batch);
    case "matmul":
      if (node.at.transposed)
        return fill((i, j) => sum(a.cols, (k) => a.data[i * a.cols + k] * b.data[j * b.cols + k]));
      return products(rows, a.cols, (i, k) => a.data[i * a.cols + k]);
    case "outer":
      return products(rows, batch, (i, k) => a.data[k * a.cols + i]);
    case "transpose":
      return fill((i, j) => a.data[j * a.cols + i]);
    case "rowDot":
      return fill((i) => sum(a.cols, (k) => a.data[i * a.cols + k] * b.data[i * b.cols + k]));
    case "rowSum":
      return fill((i) => sum(a.cols, (k) => a.data[i * a.cols + k]));
    case "columnSum":
      return fill((_, j) => sum(a.rows, (k) => a.data[k * a.cols + j]));
    case "pad":
      return fill((i, j) => (j >= from && j < from + a.cols ? a.data[i * a.cols + j - from] : 0));
    case "concat":
      return fill((i, j) => (j < a.cols ? a.data[i * a.cols + j] : b.data[i * b.cols + j - a.cols]));
    default:
      throw new Error(`operation "${node.op}" has no value in the reference executor`);
  }
}

/** Values of all nodes of a program. Leaves come from `leaf`. */
export function interpret(program: Program, batch: number, leaf: (node: Node) => Matrix): Map<Node, Matrix> {
  const values = new Map<Node, Matrix>();
  for (const node of program.nodes) {
    const isLeaf = node.op === "rows" || node.op === "parameter" || node.op === "scalar";
    values.set(
      node,
      isLeaf
        ? leaf(node)
        : evaluate(
            node,
            node.inputs.map((x) => values.get(x)!),
            batch,
          ),
    );
  }
  return values;
}

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

function createTable(engine: Life, rows: number, cols: number, values?: ArrayLike<number>): ReferenceTable {
  engine.check();
  checkTable(rows, cols, values);
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

function createParameters(engine: Life, values: ArrayLike<number>): ReferenceParameters {
  engine.check();
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
      checkSize(v.length, numbers.length);
      data().set(v);
    },
    state: () => ({
      values: Float32Array.from(data()),
      firstMoment: Float32Array.from(first),
      secondMoment: Float32Array.from(second),
      updates: self.updates,
    }),
    restore: (state) => {
      for (const part of [state.values, state.firstMoment, state.secondMoment]) checkSize(part.length, numbers.length);
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
  const evaluateBatch = (batch: Batch): Map<Node, Matrix> => {
    life.check();
    checkBatch(program, batch);
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

/** The error for a loss or gradient that is not finite. `bad` is the first such value. */
export function notFinite(program: Program, bad: Node | undefined): NumericError {
  const what = bad === undefined ? "the gradient" : `${nameOf(bad)} (${bad.op}${isRow(bad) ? " on rows" : ""})`;
  return new NumericError(
    `${program.name}: not finite, first bad value in ${what}; nothing was updated; lower the learning rate or check the data`,
  );
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
