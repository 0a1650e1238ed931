/** Helpers of the graph's and the engine's tests: seeded numbers, values of nodes, differences. */
import { evaluate, type Matrix } from "../engine/interpret.ts";
import { add, columnSum, isRow, mul, type Node, rowSum, scale, square, topological } from "./index.ts";

/** Uniform numbers in [0, 1) from a 32-bit seed (mulberry32, public domain). */
export function createRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A standard normal number from two uniform ones. */
export const normalOf = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

export const isLeaf = (node: Node): boolean => node.op === "rows" || node.op === "parameter" || node.op === "scalar";

export type Leaves = ReadonlyMap<Node, Matrix>;

/** A matrix in the shape of `node`, its numbers from `next`. */
export function fill(node: Node, batch: number, next: () => number): Matrix {
  const rows = node.rows === "B" ? batch : node.rows;
  return { rows, cols: node.cols, data: Float64Array.from({ length: rows * node.cols }, next) };
}

/** Values of `roots` and of everything below, in float64. Rows may depend on sums over rows here. */
export function valuesOf(roots: readonly Node[], leaves: Leaves, batch: number): Map<Node, Matrix> {
  const values = new Map<Node, Matrix>();
  for (const node of topological(roots)) {
    values.set(
      node,
      leaves.get(node) ??
        evaluate(
          node,
          node.inputs.map((x) => values.get(x)!),
          batch,
        ),
    );
  }
  return values;
}

/** A function of the leaves that evaluates many times without sorting the graph again. */
export function evaluator(root: Node, batch: number): (leaves: Leaves) => Matrix {
  const order = topological([root]);
  return (leaves) => {
    const values = new Map<Node, Matrix>();
    for (const node of order) {
      values.set(
        node,
        leaves.get(node) ??
          evaluate(
            node,
            node.inputs.map((x) => values.get(x)!),
            batch,
          ),
      );
    }
    return values.get(root)!;
  };
}

/** Sum of all entries, `[1, 1]`. */
export const total = (x: Node): Node => columnSum(rowSum(x));

/** sum(q y + y^2 / 2): a scalar whose first and second derivatives see y. */
export const probe = (y: Node, q: Node): Node => add(total(mul(q, y)), scale(total(square(y)), 1 / 2));

/** A new leaf of the shape of `node`. */
export const leafLike = (node: Node, name: string): Node =>
  isRow(node) ? node.graph.rows(name, node.cols) : node.graph.parameter(name, node.rows as number, node.cols);

/**
 * Derivative of f at 0 by the central difference of order 4.
 *
 * Error: h^4 |f^(5)| / 30 by truncation, about 1.5 u |f| / h by rounding with u = 2^-53. h = 2.5e-4 makes the first
 * 1.3e-16 |f^(5)| and the second 7e-13 |f|, so 1e-6 of the slope leaves a wide margin for every function used here.
 */
export function slopeOf(f: (epsilon: number) => number): number {
  const h = 2.5e-4;
  return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
}

/** Relative distance, absolute (as 1e-8 for 1e-6) near zero: `reliability.md`, N1. */
export const distance = (value: number, expected: number): number =>
  Math.abs(value - expected) / Math.max(Math.abs(expected), Math.abs(value), 1e-2);

/** Leaves moved by epsilon along a direction. */
export function moved(leaves: Leaves, direction: Leaves, epsilon: number): Leaves {
  const result = new Map(leaves);
  for (const [node, v] of direction) {
    const x = leaves.get(node)!;
    result.set(node, { ...x, data: x.data.map((value, i) => value + epsilon * v.data[i]) });
  }
  return result;
}

export function inner(a: Matrix, b: Matrix): number {
  let s = 0;
  for (let i = 0; i < a.data.length; i++) s += a.data[i] * b.data[i];
  return s;
}

declare const process: { readonly env: Readonly<Record<string, string | undefined>> };

/** Measured figures, printed when the tests run with FIGURES=1. */
export function report(what: string, figure: number | readonly number[]): void {
  if (process.env.FIGURES === undefined) return;
  const list = typeof figure === "number" ? [figure] : figure;
  console.log(`${what}: ${list.map((x) => x.toExponential(2)).join(", ")}`);
}
