/**
 * The operations: shape checks, constant folding and the rewrites that keep programs small.
 *
 * Rewrites done while building (each keeps the value, up to rounding):
 *   constants fold; affine of affine is one affine; factors move outwards through every linear operation;
 *   a broadcast disappears into an operation that broadcasts by itself;
 *   <e, g W^T> = <g, e W> for a row input e: hoists the products of a Hutchinson divergence out of the solver loop.
 */
import { InputError } from "../errors/index.ts";
import {
  type Attributes,
  isConstant,
  isRow,
  isScalar,
  isScaled,
  type Node,
  type Operation,
  type Rows,
} from "./node.ts";

export type Operand = Node | number;

const show = (node: Node): string => `[${node.rows}, ${node.cols}]`;

function reject(op: string, came: string, expected: string): never {
  throw new InputError({ where: op, came, expected });
}

function lift(a: Operand, b: Operand): [Node, Node] {
  if (typeof a === "number") {
    if (typeof b === "number") return reject("operation", "two plain numbers", "at least one node");
    return [b.graph.constant(a), b];
  }
  return [a, typeof b === "number" ? a.graph.constant(b) : b];
}

function common(op: string, a: Node, b: Node): [Rows, number] {
  const rows = a.rows === "B" || b.rows === "B" ? "B" : Math.max(a.rows, b.rows);
  const cols = Math.max(a.cols, b.cols);
  for (const n of [a, b]) {
    if ((n.rows !== rows && n.rows !== 1) || (n.cols !== cols && n.cols !== 1)) {
      reject(op, `${show(a)} and ${show(b)}`, "equal shapes, or rows or columns of 1 to repeat");
    }
  }
  return [rows, cols];
}

/** An operand that repeats rows or columns, before it does: operations repeat by themselves. */
const small = (x: Node): Node => (x.op === "broadcast" ? x.inputs[0] : x);
const repeats = (a: Node, b: Node): boolean => a.op === "broadcast" || b.op === "broadcast";

/** Sorted operands of a commutative operation, so that a + b and b + a are one node. */
const sorted = (a: Node, b: Node): [Node, Node] => (a.id <= b.id ? [a, b] : [b, a]);
const same = (x: Node, op: Operation, at: Attributes = {}): Node => x.graph.make(op, [x], x.rows, x.cols, at);

/** a + b, repeating rows or columns of 1. */
export function add(left: Operand, right: Operand): Node {
  let [a, b] = lift(left, right);
  const [rows, cols] = common("add", a, b);
  if (repeats(a, b)) return broadcast(add(small(a), small(b)), rows, cols);
  if (isConstant(a)) [a, b] = [b, a];
  if (isConstant(b)) return isConstant(a) ? a.graph.constant(a.at.value! + b.at.value!) : affine(a, 1, b.at.value!);
  if (a === b) return scale(a, 2);
  return a.graph.make("add", sorted(a, b), rows, cols);
}

/** a - b, repeating rows or columns of 1. */
export function sub(left: Operand, right: Operand): Node {
  const [a, b] = lift(left, right);
  const [rows, cols] = common("sub", a, b);
  if (repeats(a, b)) return broadcast(sub(small(a), small(b)), rows, cols);
  if (isConstant(b)) return add(a, a.graph.constant(-b.at.value!));
  if (isConstant(a)) return affine(b, -1, a.at.value!);
  return a.graph.make("sub", [a, b], rows, cols);
}

/** a * b element by element, repeating rows or columns of 1. */
export function mul(left: Operand, right: Operand): Node {
  let [a, b] = lift(left, right);
  const [rows, cols] = common("mul", a, b);
  if (repeats(a, b)) return broadcast(mul(small(a), small(b)), rows, cols);
  if (isConstant(a)) [a, b] = [b, a];
  if (isConstant(b)) return scale(a, b.at.value!);
  if (isScaled(a)) return scale(mul(a.inputs[0], b), a.at.scale!);
  if (isScaled(b)) return scale(mul(a, b.inputs[0]), b.at.scale!);
  return a.graph.make("mul", sorted(a, b), rows, cols);
}

/** a / b element by element. */
export const div = (a: Operand, b: Operand): Node =>
  typeof b === "number" ? scale(a as Node, 1 / b) : mul(a, reciprocal(b));

/** factor * x + shift, with plain numbers. */
export function affine(x: Node, factor: number, shift: number): Node {
  if (isConstant(x)) return x.graph.constant(factor * x.at.value! + shift);
  if (factor === 1 && shift === 0) return x;
  if (factor === 0) return broadcast(x.graph.constant(shift), x.rows, x.cols);
  if (x.op === "affine") return affine(x.inputs[0], x.at.scale! * factor, x.at.shift! * factor + shift);
  return same(x, "affine", { scale: factor, shift });
}

/** factor * x. */
export const scale = (x: Node, factor: number): Node => affine(x, factor, 0);
export const negate = (x: Node): Node => scale(x, -1);
export const square = (x: Node): Node => mul(x, x);

/** log(1 + e^(beta x)) / beta. */
export const softplus = (x: Node, beta = 1): Node => same(x, "softplus", { beta });
/** 1 / (1 + e^(-beta x)). */
export const sigmoid = (x: Node, beta = 1): Node => same(x, "sigmoid", { beta });
export const tanh = (x: Node): Node => same(x, "tanh");
export const exp = (x: Node): Node => same(x, "exp");
/** Natural logarithm. */
export const log = (x: Node): Node => same(x, "log");
export const sqrt = (x: Node): Node => same(x, "sqrt");
export const reciprocal = (x: Node): Node =>
  isConstant(x) ? x.graph.constant(1 / x.at.value!) : same(x, "reciprocal");
/** max(x, 0). */
export const relu = (x: Node): Node => same(x, "relu");
/** 1 where x > 0, else 0. */
export const step = (x: Node): Node => same(x, "step");
export const abs = (x: Node): Node => same(x, "abs");
/** -1, 0 or 1. */
export const sign = (x: Node): Node => same(x, "sign");
/** x as a value without a derivative, by intent. */
export const detach = (x: Node): Node => same(x, "detach");

/** A product's second operand may be used transposed. */
export type Orientation = "plain" | "transposed";

/** a W or a W^T. a: `[B, k]` or `[r, k]`; W: a parameter-space value. */
export function matmul(a: Node, w: Node, orientation: Orientation = "plain"): Node {
  const transposed = orientation === "transposed";
  const inner = transposed ? w.cols : w.rows;
  const cols = transposed ? (w.rows as number) : w.cols;
  if (isRow(w) || a.cols !== inner) {
    reject("matmul", `${show(a)} times ${show(w)}${transposed ? " transposed" : ""}`, "[B or r, k] times [k, n]");
  }
  if (isScalar(w)) return mul(a, w);
  if (isScaled(a)) return scale(matmul(a.inputs[0], w, orientation), a.at.scale!);
  if (isScaled(w)) return scale(matmul(a, w.inputs[0], orientation), w.at.scale!);
  if (w.op === "transpose") return matmul(a, w.inputs[0], transposed ? "plain" : "transposed");
  if (a.op === "broadcast" && isRow(a) && a.inputs[0].rows === 1 && a.inputs[0].cols === a.cols) {
    return broadcast(matmul(a.inputs[0], w, orientation), "B", cols);
  }
  return a.graph.make("matmul", [a, w], a.rows, cols, { transposed });
}

/** a^T g summed over the rows of the batch: `[B, m]`, `[B, n]` -> `[m, n]`. */
export function outer(a: Node, g: Node): Node {
  if (!isRow(a) || !isRow(g)) reject("outer", `${show(a)} and ${show(g)}`, "two row values [B, m], [B, n]");
  if (isScaled(a)) return scale(outer(a.inputs[0], g), a.at.scale!);
  if (isScaled(g)) return scale(outer(a, g.inputs[0]), g.at.scale!);
  const repeated = (n: Node) => n.op === "broadcast" && n.inputs[0].rows === 1 && n.inputs[0].cols === n.cols;
  if (repeated(g)) return matmul(transpose(columnSum(a)), g.inputs[0]);
  if (repeated(a)) return matmul(transpose(a.inputs[0]), columnSum(g));
  return a.graph.make("outer", [a, g], a.cols, g.cols);
}

/** Rows and columns exchanged; parameter space only. */
export function transpose(x: Node): Node {
  if (isRow(x)) reject("transpose", show(x), "a parameter-space value");
  if (isScalar(x)) return x;
  if (x.op === "transpose") return x.inputs[0];
  if (isScaled(x)) return scale(transpose(x.inputs[0]), x.at.scale!);
  return x.graph.make("transpose", [x], x.cols, x.rows as number);
}

const isRowInput = (n: Node): boolean => n.op === "rows";

/** sum_j a_j b_j in each row -> `[B, 1]`. */
export function rowDot(a: Node, b: Node): Node {
  if (a.rows !== b.rows || a.cols !== b.cols) reject("rowDot", `${show(a)} and ${show(b)}`, "equal shapes");
  if (isScaled(a)) return scale(rowDot(a.inputs[0], b), a.at.scale!);
  if (isScaled(b)) return scale(rowDot(a, b.inputs[0]), b.at.scale!);
  if (a.cols === 1) return mul(a, b);
  // <e, g W> = <e W^T, g>: the product with a row input e does not change from stage to stage.
  if (isRowInput(b) && !isRowInput(a)) return rowDot(b, a);
  // Not when g is a row input as well: nothing is gained, and the rewrite would apply to its own result.
  if (isRowInput(a) && b.op === "matmul" && isRow(b) && !isRowInput(b.inputs[0])) {
    return rowDot(b.inputs[0], matmul(a, b.inputs[1], b.at.transposed ? "plain" : "transposed"));
  }
  for (const [x, y] of [
    [a, b],
    [b, a],
  ]) {
    if (x.op === "broadcast" && x.inputs[0].cols === 1) return mul(x.inputs[0], rowSum(y));
    if (x.op === "broadcast" && isRow(y)) return matmul(y, x.inputs[0], "transposed");
  }
  return a.graph.make("rowDot", sorted(a, b), a.rows, 1);
}

/** Sum over the columns of each row. */
export function rowSum(x: Node): Node {
  if (x.cols === 1) return x;
  if (isScaled(x)) return scale(rowSum(x.inputs[0]), x.at.scale!);
  if (x.op === "broadcast" && x.inputs[0].cols === 1) return broadcast(scale(x.inputs[0], x.cols), x.rows, 1);
  if (x.op === "mul" && x.inputs.every((n) => n.cols === x.cols && n.rows === x.rows)) {
    return rowDot(x.inputs[0], x.inputs[1]);
  }
  return x.graph.make("rowSum", [x], x.rows, 1);
}

/** Sum over all rows -> `[1, c]`; of the batch when x is a row value. */
export function columnSum(x: Node): Node {
  if (x.rows === 1) return x;
  if (isScaled(x)) return scale(columnSum(x.inputs[0]), x.at.scale!);
  if (x.op === "broadcast" && x.inputs[0].rows === 1) {
    const times = x.rows === "B" ? x.graph.rowCount() : x.graph.constant(x.rows);
    return broadcast(mul(x.inputs[0], times), 1, x.cols);
  }
  return x.graph.make("columnSum", [x], 1, x.cols);
}

/** Mean over the rows of the batch: `[B, c]` -> `[1, c]`. */
export const mean = (x: Node): Node => (isRow(x) ? mul(columnSum(x), reciprocal(x.graph.rowCount())) : x);

/**
 * Columns in groups: y_j = sum_k a_kj b_kj for operands of g groups of `cols` columns, (k, j) in the order of the columns ->
 * `[B, cols]`.
 */
export function groupDot(a: Node, b: Node, cols: number): Node {
  if (a.rows !== b.rows || a.cols !== b.cols || a.cols % cols !== 0) {
    reject("groupDot", `${show(a)} and ${show(b)}`, `equal shapes, in groups of ${cols} columns`);
  }
  if (a.cols === cols) return mul(a, b);
  if (cols === 1) return rowDot(a, b);
  if (isScaled(a)) return scale(groupDot(a.inputs[0], b, cols), a.at.scale!);
  if (isScaled(b)) return scale(groupDot(a, b.inputs[0], cols), b.at.scale!);
  return a.graph.make("groupDot", sorted(a, b), a.rows, cols);
}

/** Columns in groups: y_kj = x_j a_kj, every group of a times x. */
export function groupScale(x: Node, a: Node): Node {
  if (a.rows !== x.rows || a.cols % x.cols !== 0) {
    reject("groupScale", `${show(x)} and ${show(a)}`, "equal rows, and whole groups of columns");
  }
  if (a.cols === x.cols || x.cols === 1) return mul(x, a);
  if (isScaled(x)) return scale(groupScale(x.inputs[0], a), x.at.scale!);
  if (isScaled(a)) return scale(groupScale(x, a.inputs[0]), a.at.scale!);
  return a.graph.make("groupScale", [x, a], a.rows, a.cols);
}

/** Sum of squares of each row -> `[B, 1]`. */
export const squaredNorm = (x: Node): Node => rowDot(x, x);

/** x repeated over rows or columns of 1. */
export function broadcast(x: Node, rows: Rows, cols: number): Node {
  if (x.rows === rows && x.cols === cols) return x;
  if ((x.rows !== rows && x.rows !== 1) || (x.cols !== cols && x.cols !== 1)) {
    reject("broadcast", show(x), `rows and columns of 1 or of [${rows}, ${cols}]`);
  }
  if (isScaled(x)) return scale(broadcast(x.inputs[0], rows, cols), x.at.scale!);
  if (x.op === "broadcast") return broadcast(x.inputs[0], rows, cols);
  return x.graph.make("broadcast", [x], rows, cols);
}

/** Columns from ... to - 1. */
export function slice(x: Node, from: number, to: number): Node {
  if (!(Number.isInteger(from) && Number.isInteger(to) && 0 <= from && from < to && to <= x.cols)) {
    reject("slice", `columns ${from} to ${to} of ${show(x)}`, `0 <= from < to <= ${x.cols}`);
  }
  if (from === 0 && to === x.cols) return x;
  if (isScaled(x)) return scale(slice(x.inputs[0], from, to), x.at.scale!);
  if (x.op === "slice") return slice(x.inputs[0], x.at.from! + from, x.at.from! + to);
  if (x.op === "broadcast" && x.inputs[0].cols === 1) return broadcast(x.inputs[0], x.rows, to - from);
  return x.graph.make("slice", [x], x.rows, to - from, { from });
}

/** x with `before` columns of zeros on its left, in a value of `cols` columns. */
export function pad(x: Node, before: number, cols: number): Node {
  if (!(before >= 0 && before + x.cols <= cols)) reject("pad", show(x), `room for it at column ${before} of ${cols}`);
  if (x.cols === cols) return x;
  if (isScaled(x)) return scale(pad(x.inputs[0], before, cols), x.at.scale!);
  return x.graph.make("pad", [x], x.rows, cols, { from: before });
}

/** Columns of a, then columns of b. */
export function concat(a: Node, b: Node): Node {
  if (a.rows !== b.rows) reject("concat", `${show(a)} and ${show(b)}`, "equal rows");
  return a.graph.make("concat", [a, b], a.rows, a.cols + b.cols);
}
