/**
 * The meaning of every operation in float64: with the kernel, the only place where it is written, and the oracle of every
 * test.
 */
import type { Node, Program } from "../graph/index.ts";

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
  sin: Math.sin,
  cos: Math.cos,
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
    case "groupDot":
      return fill((i, j) =>
        sum(a.cols / cols, (k) => a.data[i * a.cols + k * cols + j] * b.data[i * a.cols + k * cols + j]),
      );
    case "groupScale":
      return fill((i, j) => a.data[i * a.cols + (j % a.cols)] * b.data[i * cols + j]);
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
