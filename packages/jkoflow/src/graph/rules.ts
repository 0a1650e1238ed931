/**
 * What each operation means and how it is differentiated: one entry per operation, the derivative beside its formula.
 *
 * `vjp(y, g)` gives the cotangents of the inputs of `y` for the cotangent `g` of `y`, as nodes. Because nodes come back,
 * the table is closed: a gradient is an ordinary expression and can be differentiated again, to any order.
 */

import {
  add,
  affine,
  broadcast,
  cos,
  mul,
  negate,
  reciprocal,
  scale,
  sigmoid,
  sign,
  sin,
  square,
  step,
} from "./elementwise.ts";
import { columnSum, groupDot, groupScale, matmul, outer, pad, rowSum, slice, transpose } from "./linear.ts";
import { isRow, type Node, type Operation } from "./node.ts";

/** An operation in one line, and its derivative as nodes. */
export interface Rule {
  /** One line: the value of the operation. */
  readonly formula: string;
  /** Cotangents of the inputs; `undefined` where the derivative is zero by definition. */
  readonly vjp?: (y: Node, g: Node) => readonly (Node | undefined)[];
}

/** g has the shape of y; bring it to the shape of an input that was repeated. */
function collect(g: Node, input: Node): Node {
  if (!isRow(input) && isRow(g)) g = columnSum(g);
  if (input.rows === 1 && g.rows !== 1) g = columnSum(g);
  return input.cols === 1 && g.cols !== 1 ? rowSum(g) : g;
}

/** matmul of parameters: d/dW of a W and of a W^T; of rows: sums over the batch. */
function weightCotangent(a: Node, g: Node, transposed: boolean): Node {
  const [left, right] = transposed ? [g, a] : [a, g];
  return isRow(left) ? outer(left, right) : matmul(transpose(left), right);
}

/**
 * The table of all operations. Only those that are leaves have no derivative; at an operation without one `vjp` throws
 * Error.
 *
 * @example
 * ```ts
 * import { rules } from "jkoflow/graph";
 *
 * console.log(Object.keys(rules).includes("matmul"), typeof rules.tanh); // true object
 * ```
 */
export const rules: Readonly<Record<Operation, Rule>> = {
  rows: { formula: "a row input" },
  parameter: { formula: "a parameter" },
  scalar: { formula: "a number given at every run" },
  rowCount: { formula: "the number of rows B" },
  constant: { formula: "a number" },

  add: { formula: "a + b", vjp: (y, g) => y.inputs.map((x) => collect(g, x)) },
  sub: { formula: "a - b", vjp: ({ inputs: [a, b] }, g) => [collect(g, a), collect(negate(g), b)] },
  mul: { formula: "a b", vjp: ({ inputs: [a, b] }, g) => [collect(mul(g, b), a), collect(mul(g, a), b)] },
  affine: { formula: "scale x + shift", vjp: (y, g) => [scale(g, y.at.scale!)] },
  softplus: {
    formula: "log(1 + e^(beta x)) / beta",
    vjp: (y, g) => [mul(g, sigmoid(y.inputs[0], y.at.beta!))],
  },
  sigmoid: {
    formula: "1 / (1 + e^(-beta x))",
    vjp: (y, g) => [scale(mul(g, mul(y, affine(y, -1, 1))), y.at.beta!)],
  },
  tanh: { formula: "tanh x", vjp: (y, g) => [mul(g, affine(square(y), -1, 1))] },
  exp: { formula: "e^x", vjp: (y, g) => [mul(g, y)] },
  log: { formula: "log x", vjp: (y, g) => [mul(g, reciprocal(y.inputs[0]))] },
  sqrt: { formula: "x^(1/2)", vjp: (y, g) => [scale(mul(g, reciprocal(y)), 1 / 2)] },
  sin: { formula: "sin x", vjp: (y, g) => [mul(g, cos(y.inputs[0]))] },
  cos: { formula: "cos x", vjp: (y, g) => [negate(mul(g, sin(y.inputs[0])))] },
  reciprocal: { formula: "1 / x", vjp: (y, g) => [negate(mul(g, square(y)))] },
  relu: { formula: "max(x, 0)", vjp: (y, g) => [mul(g, step(y.inputs[0]))] },
  step: { formula: "1 if x > 0, else 0; its derivative is 0", vjp: () => [undefined] },
  abs: { formula: "|x|", vjp: (y, g) => [mul(g, sign(y.inputs[0]))] },
  sign: { formula: "-1, 0 or 1; its derivative is 0", vjp: () => [undefined] },

  matmul: {
    formula: "a W, or a W^T",
    vjp: ({ inputs: [a, w], at }, g) => [
      matmul(g, w, at.transposed ? "plain" : "transposed"),
      weightCotangent(a, g, at.transposed!),
    ],
  },
  outer: {
    formula: "a^T b, summed over the rows of the batch",
    vjp: ({ inputs: [a, b] }, g) => [matmul(b, g, "transposed"), matmul(a, g)],
  },
  transpose: { formula: "x^T", vjp: (_, g) => [transpose(g)] },
  rowDot: { formula: "sum_j a_j b_j in each row", vjp: ({ inputs: [a, b] }, g) => [mul(g, b), mul(g, a)] },
  rowSum: {
    formula: "sum_j x_j in each row",
    vjp: ({ inputs: [x] }, g) => [broadcast(g, x.rows, x.cols)],
  },
  groupDot: {
    formula: "sum_k a_kj b_kj over groups k of columns",
    vjp: ({ inputs: [a, b] }, g) => [groupScale(g, b), groupScale(g, a)],
  },
  groupScale: {
    formula: "x_j a_kj for every group k of columns",
    vjp: ({ inputs: [x, a] }, g) => [groupDot(g, a, x.cols), groupScale(x, g)],
  },
  columnSum: {
    formula: "sum of x over all rows",
    vjp: ({ inputs: [x] }, g) => [broadcast(g, x.rows, x.cols)],
  },
  broadcast: { formula: "x repeated over rows or columns", vjp: ({ inputs: [x] }, g) => [collect(g, x)] },
  slice: {
    formula: "columns from, ..., from + c - 1 of x",
    vjp: ({ inputs: [x], at }, g) => [pad(g, at.from!, x.cols)],
  },
  pad: {
    formula: "x between columns of zeros",
    vjp: ({ inputs: [x], at }, g) => [slice(g, at.from!, at.from! + x.cols)],
  },
  concat: {
    formula: "columns of a, then of b",
    vjp: ({ inputs: [a, b] }, g) => [slice(g, 0, a.cols), slice(g, a.cols, a.cols + b.cols)],
  },
  detach: { formula: "x, held fixed: its derivative is 0 by intent", vjp: () => [undefined] },
};

/** Sum of two cotangents of one node. */
export const accumulate = (a: Node | undefined, b: Node): Node => (a === undefined ? b : add(a, b));
