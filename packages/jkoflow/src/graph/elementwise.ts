/**
 * Operations on values element by element, and the broadcast they do by themselves: shape checks, constant folding and the
 * rewrites that keep programs small.
 *
 * Rewrites done while building (each keeps the value, up to rounding): constants fold; affine of affine is one affine;
 * factors move outwards; a broadcast disappears into an operation that broadcasts by itself.
 */
import { type Attributes, isConstant, isScaled, type Node, type Operation, type Rows } from "./node.ts";
import { reject, show, sorted } from "./operands.ts";

/** A node, or a plain number that becomes a constant. */
export type Operand = Node | number;

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

const same = (x: Node, op: Operation, at: Attributes = {}): Node => x.graph.make(op, [x], x.rows, x.cols, at);

/**
 * a + b, repeating rows or columns of 1. @throws InputError where the shapes do not fit.
 *
 * @example
 * ```ts
 * import { createReferenceEngine } from "jkoflow/engine";
 * import { add, affine, createGraph, createProgram, div, mul, negate, reciprocal, scale, square, sub } from "jkoflow/graph";
 *
 * const x = createGraph().rows("x", 1); // [B, 1]
 * const outputs = {
 *   sum: add(x, 1),
 *   difference: sub(square(x), scale(x, 2)),
 *   quotient: div(mul(x, x), affine(x, 2, 1)), // x^2 / (2 x + 1)
 *   negative: negate(reciprocal(x)),
 * };
 * const engine = createReferenceEngine();
 * const out = engine.table(2, 1);
 * for (const [name, node] of Object.entries(outputs)) {
 *   const program = createProgram({ name, outputs: { y: node } });
 *   engine.load(program).run({ inputs: { x: engine.table(2, 1, Float32Array.of(1, 2)) }, outputs: { y: out } });
 *   console.log(name, [...out.read()].map((y) => y.toFixed(2)).join(" "));
 * }
 * ```
 */
export function add(left: Operand, right: Operand): Node {
  let [a, b] = lift(left, right);
  const [rows, cols] = common("add", a, b);
  if (repeats(a, b)) return broadcast(add(small(a), small(b)), rows, cols);
  if (isConstant(a)) [a, b] = [b, a];
  if (isConstant(b)) return isConstant(a) ? a.graph.constant(a.at.value! + b.at.value!) : affine(a, 1, b.at.value!);
  if (a === b) return scale(a, 2);
  return a.graph.make("add", sorted(a, b), rows, cols);
}

/** a - b, repeating rows or columns of 1. @throws InputError where the shapes do not fit. */
export function sub(left: Operand, right: Operand): Node {
  const [a, b] = lift(left, right);
  const [rows, cols] = common("sub", a, b);
  if (repeats(a, b)) return broadcast(sub(small(a), small(b)), rows, cols);
  if (isConstant(b)) return add(a, a.graph.constant(-b.at.value!));
  if (isConstant(a)) return affine(b, -1, a.at.value!);
  return a.graph.make("sub", [a, b], rows, cols);
}

/** a * b element by element, repeating rows or columns of 1. @throws InputError where the shapes do not fit. */
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

/** a / b element by element, repeating as `mul` does. @throws InputError where the shapes do not fit. */
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
/** -x. */
export const negate = (x: Node): Node => scale(x, -1);
/** x^2. */
export const square = (x: Node): Node => mul(x, x);

/**
 * log(1 + e^(beta x)) / beta.
 *
 * @example
 * ```ts
 * import { createReferenceEngine } from "jkoflow/engine";
 * import * as graph from "jkoflow/graph";
 *
 * const { abs, cos, createGraph, exp, log, pow, relu, sigmoid, sign, sin, softplus, sqrt, step, tanh } = graph;
 * const x = createGraph().rows("x", 1);
 * const smooth = [exp(x), log(x), sqrt(x), sin(x), cos(x), tanh(x), sigmoid(x), softplus(x, 20), pow(x, 3)];
 * const engine = createReferenceEngine();
 * const out = engine.table(1, 1);
 * const at = (node: graph.Node, value: number): string => {
 *   const program = graph.createProgram({ name: "f", outputs: { y: node } });
 *   engine.load(program).run({ inputs: { x: engine.table(1, 1, Float32Array.of(value)) }, outputs: { y: out } });
 *   return out.read()[0].toFixed(3);
 * };
 * console.log(smooth.map((node) => at(node, 4)).join(" ")); // 54.598 1.386 2.000 -0.757 -0.654 0.999 0.982 4.000 64.000
 * console.log([abs(x), relu(x), step(x), sign(x)].map((node) => at(node, -4)).join(" ")); // 4.000 0.000 0.000 -1.000
 * ```
 */
export const softplus = (x: Node, beta = 1): Node => same(x, "softplus", { beta });
/** 1 / (1 + e^(-beta x)). */
export const sigmoid = (x: Node, beta = 1): Node => same(x, "sigmoid", { beta });
/** The hyperbolic tangent. */
export const tanh = (x: Node): Node => same(x, "tanh");
/** e^x. */
export const exp = (x: Node): Node => same(x, "exp");
/** Natural logarithm. */
export const log = (x: Node): Node => same(x, "log");
/** x^(1/2). */
export const sqrt = (x: Node): Node => same(x, "sqrt");
/** sin x; kernels give NaN beyond 2^28, where neighbouring float32 numbers are turns apart. */
export const sin = (x: Node): Node => same(x, "sin");
/** cos x; beyond 2^28 as `sin`. */
export const cos = (x: Node): Node => same(x, "cos");
/** 1 / x. */
export const reciprocal = (x: Node): Node =>
  isConstant(x) ? x.graph.constant(1 / x.at.value!) : same(x, "reciprocal");
/** max(x, 0). */
export const relu = (x: Node): Node => same(x, "relu");
/** 1 where x > 0, else 0. */
export const step = (x: Node): Node => same(x, "step");
/** |x|; its derivative is `sign`. */
export const abs = (x: Node): Node => same(x, "abs");
/** -1, 0 or 1. */
export const sign = (x: Node): Node => same(x, "sign");
/** x as a value without a derivative, by intent. */
export const detach = (x: Node): Node => same(x, "detach");

/** x repeated over rows or columns of 1 to `[rows, cols]`. @throws InputError where the shapes do not fit. */
export function broadcast(x: Node, rows: Rows, cols: number): Node {
  if (x.rows === rows && x.cols === cols) return x;
  if ((x.rows !== rows && x.rows !== 1) || (x.cols !== cols && x.cols !== 1)) {
    reject("broadcast", show(x), `rows and columns of 1 or of [${rows}, ${cols}]`);
  }
  if (isScaled(x)) return scale(broadcast(x.inputs[0], rows, cols), x.at.scale!);
  if (x.op === "broadcast") return broadcast(x.inputs[0], rows, cols);
  return x.graph.make("broadcast", [x], rows, cols);
}
