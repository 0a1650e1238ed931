/**
 * Operations on nodes, their derivatives, and programs of them.
 *
 * @example
 * ```ts
 * import { createGraph, groupDot, groupScale } from "jkoflow/graph";
 *
 * const g = createGraph();
 * const [a, b, x] = [g.rows("a", 6), g.rows("b", 6), g.rows("x", 2)];
 * console.log(groupDot(a, b, 2).cols, groupScale(x, a).cols); // 2 6
 * ```
 */

export {
  abs,
  add,
  affine,
  broadcast,
  cos,
  detach,
  div,
  exp,
  log,
  mul,
  negate,
  type Operand,
  reciprocal,
  relu,
  scale,
  sigmoid,
  sign,
  sin,
  softplus,
  sqrt,
  square,
  step,
  sub,
  tanh,
} from "./elementwise.ts";
export {
  columnSum,
  concat,
  groupDot,
  groupScale,
  matmul,
  mean,
  type Orientation,
  outer,
  pad,
  rowDot,
  rowSum,
  slice,
  squaredNorm,
  transpose,
} from "./linear.ts";
export { createGraph, type Graph, isRow, type Node, type Operation, type Rows, topological } from "./node.ts";
export { pow } from "./power.ts";
export { nameOf, print } from "./print.ts";
export { createProgram, type Named, type Phase, type Program, type ProgramSpec } from "./program.ts";
export { factorRows, LARGEST_ROW_MATRIX, logDetRows, type RowFactor, type RowMatrix, solveRows } from "./rowMatrix.ts";
export { type Rule, rules } from "./rules.ts";
export { gradient, type Seed, vjp } from "./vjp.ts";
