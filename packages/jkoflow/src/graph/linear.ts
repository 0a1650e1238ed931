/**
 * Operations that are linear in each operand: products, sums, groups and columns.
 *
 * Rewrites done while building (each keeps the value, up to rounding): factors move outwards; a broadcast disappears where
 * the product of what it repeats does; <e, g W^T> = <g, e W> for a row input e, which hoists the products of a Hutchinson
 * divergence out of the solver loop.
 */
import { broadcast, mul, reciprocal, scale } from "./elementwise.ts";
import { isRow, isScalar, isScaled, type Node } from "./node.ts";
import { reject, show, sorted } from "./operands.ts";

/** A product's second operand may be used transposed. */
export type Orientation = "plain" | "transposed";

/**
 * a W or a W^T. a: `[B, k]` or `[r, k]`; W: a parameter-space value. @throws InputError where the shapes do not fit.
 *
 * @example
 * ```ts
 * import { createReferenceEngine } from "jkoflow/engine";
 * import { concat, createGraph, createProgram, matmul, outer, pad, rowDot, rowSum, slice, transpose } from "jkoflow/graph";
 *
 * const g = createGraph();
 * const x = g.rows("x", 2); // [B, 2]
 * const w = g.parameter("w", 2, 3); // [2, 3]
 * const y = matmul(x, w); // [B, 3]
 * const back = matmul(y, transpose(w)); // [B, 2], as matmul(y, w, "transposed")
 * const outputs = { y, dot: rowDot(x, back), some: concat(slice(y, 0, 1), rowSum(y)), wide: pad(x, 1, 4) };
 * const program = createProgram({ name: "products", parameters: [w], outputs, values: { gram: outer(x, y) } });
 * const engine = createReferenceEngine();
 * const values = engine.load(program).run({
 *   parameters: engine.parameters(Float32Array.of(1, 0, 2, 0, 1, 1)),
 *   inputs: { x: engine.table(1, 2, Float32Array.of(1, 2)) },
 *   outputs: Object.fromEntries(program.outputs.map(({ name, node }) => [name, engine.table(1, node.cols)])),
 * });
 * console.log(values.gram); // Float32Array(6) [ 1, 2, 4, 2, 4, 8 ]
 * ```
 */
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

/** a^T g summed over the rows of the batch: `[B, m]`, `[B, n]` -> `[m, n]`. @throws InputError for other shapes. */
export function outer(a: Node, g: Node): Node {
  if (!isRow(a) || !isRow(g)) reject("outer", `${show(a)} and ${show(g)}`, "two row values [B, m], [B, n]");
  if (isScaled(a)) return scale(outer(a.inputs[0], g), a.at.scale!);
  if (isScaled(g)) return scale(outer(a, g.inputs[0]), g.at.scale!);
  const repeated = (n: Node) => n.op === "broadcast" && n.inputs[0].rows === 1 && n.inputs[0].cols === n.cols;
  if (repeated(g)) return matmul(transpose(columnSum(a)), g.inputs[0]);
  if (repeated(a)) return matmul(transpose(a.inputs[0]), columnSum(g));
  return a.graph.make("outer", [a, g], a.cols, g.cols);
}

/** Rows and columns exchanged. @throws InputError for a row value: parameter space only. */
export function transpose(x: Node): Node {
  if (isRow(x)) reject("transpose", show(x), "a parameter-space value");
  if (isScalar(x)) return x;
  if (x.op === "transpose") return x.inputs[0];
  if (isScaled(x)) return scale(transpose(x.inputs[0]), x.at.scale!);
  return x.graph.make("transpose", [x], x.cols, x.rows as number);
}

const isRowInput = (n: Node): boolean => n.op === "rows";

/** sum_j a_j b_j in each row -> `[B, 1]`. @throws InputError where the shapes do not fit. */
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

/**
 * Mean over the rows of the batch: `[B, c]` -> `[1, c]`.
 *
 * @example
 * ```ts
 * import { broadcast, columnSum, createGraph, createProgram, detach, isRow, mean, mul, nameOf } from "jkoflow/graph";
 *
 * const g = createGraph();
 * const x = g.rows("x", 3); // [B, 3]
 * const centre = mean(x); // [1, 3]: the columns' means over the batch
 * console.log(isRow(x), isRow(centre), isRow(broadcast(columnSum(x), "B", 3)), nameOf(x)); // true false true x
 * const still = mul(detach(x), x); // its gradient by x is that of the right factor alone
 * console.log(createProgram({ name: "means", means: { x: still } }).values.map(({ name }) => name)); // [ 'x' ]
 * ```
 */
export const mean = (x: Node): Node => (isRow(x) ? mul(columnSum(x), reciprocal(x.graph.rowCount())) : x);

/**
 * Columns in groups: y_j = sum_k a_kj b_kj for operands of g groups of `cols` columns, (k, j) in the order of the columns ->
 * `[B, cols]`.
 * @throws InputError where the shapes do not fit.
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

/** Columns in groups: y_kj = x_j a_kj, every group of a times x. @throws InputError where the shapes do not fit. */
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

/** Columns from ... to - 1. @throws InputError for columns that x does not have. */
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

/** x with `before` columns of zeros on its left, in a value of `cols` columns. @throws InputError where x has no room. */
export function pad(x: Node, before: number, cols: number): Node {
  if (!(before >= 0 && before + x.cols <= cols)) reject("pad", show(x), `room for it at column ${before} of ${cols}`);
  if (x.cols === cols) return x;
  if (isScaled(x)) return scale(pad(x.inputs[0], before, cols), x.at.scale!);
  return x.graph.make("pad", [x], x.rows, cols, { from: before });
}

/** Columns of a, then columns of b. @throws InputError unless both have the same rows. */
export function concat(a: Node, b: Node): Node {
  if (a.rows !== b.rows) reject("concat", `${show(a)} and ${show(b)}`, "equal rows");
  return a.graph.make("concat", [a, b], a.rows, a.cols + b.cols);
}
