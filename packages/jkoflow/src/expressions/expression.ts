/**
 * A formula of columns that a user writes, such as "x^2/2 + 2*y^2": as a node of a graph, which differentiates it, and as
 * a function of numbers in float64 with its gradient (forward mode: numbers that carry their slopes).
 */
import { InputError } from "../errors/index.ts";
import { add, broadcast, div, mul, type Node, type Operand, slice, squaredNorm, sub } from "../graph/index.ts";
import { functions } from "./functions.ts";
import { parse } from "./parse.ts";
import { type Algebra, type Tree, walk } from "./tree.ts";

export interface Expression {
  readonly text: string;
  /** Columns d. */
  readonly dimension: number;
  /** Rows [B, d] -> [B, 1]. */
  node(x: Node): Node;
  /** At one row of d numbers. */
  value(x: ArrayLike<number>): number;
  /** The value at one row of d numbers; its d slopes go to `slopes`. */
  gradient(x: ArrayLike<number>, slopes: Float64Array): number;
}

/**
 * The formula `text` of `columns`: numbers, + - * / ^, parentheses, exp, log, sqrt, sin, cos, pow, abs, tanh, sigmoid, softplus, relu, pi,
 * e; a column by its name, by x, y, z (up to three columns) or by x1, x2, ...; r is the norm of the row. `where` names the
 * formula in messages.
 *
 * @throws InputError that says at which character something else was expected.
 *
 * @example
 * ```ts
 * import { parseExpression } from "jkoflow/expressions";
 *
 * const formula = parseExpression("x^2/2 + exp(-y)", ["x", "y"]);
 * const slopes = new Float64Array(2);
 * console.log(formula.value([2, 0]), formula.gradient([2, 0], slopes), slopes); // 3 3 Float64Array(2) [ 2, -1 ]
 * ```
 */
export function parseExpression(text: string, columns: readonly string[], where = "expression"): Expression {
  const tree = parse(text, columns, where);
  const dimension = columns.length;
  return {
    text,
    dimension,
    node: (x) => nodeOf(tree, x, dimension, where),
    value: (x) => walk(tree, numbers(x, dimension)),
    gradient: (x, slopes) => {
      const { value, slope } = walk(tree, numbersWithSlopes(x, dimension));
      if (slope === undefined) slopes.fill(0);
      else slopes.set(slope);
      return value;
    },
  };
}

function nodeOf(tree: Tree, x: Node, dimension: number, where: string): Node {
  if (x.cols !== dimension) {
    throw new InputError({ where, came: `rows of ${x.cols} columns`, expected: `${dimension} as in the formula` });
  }
  const lifted = (value: Operand): Node => (typeof value === "number" ? x.graph.constant(value) : value);
  const algebra: Algebra<Operand> = {
    number: (value) => value,
    column: (k) => slice(x, k, k + 1),
    squaredNorm: () => squaredNorm(x),
    add: (a, b) => (typeof a === "number" && typeof b === "number" ? a + b : add(a, b)),
    sub: (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : sub(a, b)),
    mul: (a, b) => (typeof a === "number" && typeof b === "number" ? a * b : mul(a, b)),
    div: (a, b) => (typeof a === "number" && typeof b === "number" ? a / b : div(lifted(a), b)),
    call: (name, of) => (typeof of === "number" ? functions[name].value(of) : functions[name].node(of)),
  };
  return broadcast(lifted(walk(tree, algebra)), x.rows, 1); // [B, 1], also where it is a constant
}

const numbers = (x: ArrayLike<number>, dimension: number): Algebra<number> => ({
  number: (value) => value,
  column: (k) => x[k],
  squaredNorm: () => {
    let sum = 0;
    for (let k = 0; k < dimension; k++) sum += x[k] * x[k];
    return sum;
  },
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  call: (name, of) => functions[name].value(of),
});

/** A number and its d slopes; without them it is a constant. */
interface WithSlope {
  readonly value: number;
  readonly slope?: Float64Array;
}

function numbersWithSlopes(x: ArrayLike<number>, dimension: number): Algebra<WithSlope> {
  /** p times the slope of a plus q times that of b; a slope of 0 stays 0 whatever its factor. */
  const combine = (value: number, a: WithSlope, p: number, b?: WithSlope, q = 0): WithSlope => {
    const [s, t] = [a.slope, b?.slope];
    if (s === undefined && t === undefined) return { value };
    const term = (factor: number, slope: Float64Array | undefined, k: number): number =>
      slope === undefined || slope[k] === 0 ? 0 : factor * slope[k];
    return { value, slope: Float64Array.from({ length: dimension }, (_, k) => term(p, s, k) + term(q, t, k)) };
  };
  const plain = numbers(x, dimension);
  return {
    number: (value) => ({ value }),
    column: (k) => ({ value: x[k], slope: Float64Array.from({ length: dimension }, (_, j) => (j === k ? 1 : 0)) }),
    squaredNorm: () => ({
      value: plain.squaredNorm(),
      slope: Float64Array.from({ length: dimension }, (_, k) => 2 * x[k]),
    }),
    add: (a, b) => combine(a.value + b.value, a, 1, b, 1),
    sub: (a, b) => combine(a.value - b.value, a, 1, b, -1),
    mul: (a, b) => combine(a.value * b.value, a, b.value, b, a.value),
    div: (a, b) => combine(a.value / b.value, a, 1 / b.value, b, -a.value / (b.value * b.value)),
    call: (name, of) => combine(functions[name].value(of.value), of, functions[name].slope(of.value)),
  };
}
