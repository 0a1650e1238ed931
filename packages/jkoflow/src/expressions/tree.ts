/**
 * A formula as a tree, and the one walk over it: numbers, nodes of a graph and numbers with slopes are three algebras for
 * the same walk, so that what trains and what checks it cannot differ in what a formula means.
 *
 *     a ^ n with a whole number n     products by repeated squaring, for every a
 *     a ^ (n / 2)                     the same of sqrt(a)
 *     a ^ b otherwise                 exp(b log a), for a > 0
 *     sqrt(a) ^ (2 n), log(sqrt(a))   a ^ n, log(a) / 2: a norm r has no kink in r^2
 */
import type { FunctionName } from "./functions.ts";

export type Tree =
  | { readonly kind: "number"; readonly value: number }
  /** The k-th column. */
  | { readonly kind: "variable"; readonly column: number }
  /** The sum of squares of all columns: r = sqrt(of it). */
  | { readonly kind: "squared norm" }
  | { readonly kind: "+" | "-" | "*" | "/" | "^"; readonly left: Tree; readonly right: Tree }
  | { readonly kind: "call"; readonly name: FunctionName; readonly of: Tree };

/** What a tree is computed in. */
export interface Algebra<T> {
  readonly number: (value: number) => T;
  readonly column: (k: number) => T;
  readonly squaredNorm: () => T;
  readonly add: (a: T, b: T) => T;
  readonly sub: (a: T, b: T) => T;
  readonly mul: (a: T, b: T) => T;
  readonly div: (a: T, b: T) => T;
  readonly call: (name: FunctionName, x: T) => T;
}

/** Largest exponent that is written out in products. */
const MOST_SQUARED = 1024;

export function walk<T>(tree: Tree, algebra: Algebra<T>): T {
  const at = (branch: Tree): T => walk(branch, algebra);
  switch (tree.kind) {
    case "number":
      return algebra.number(tree.value);
    case "variable":
      return algebra.column(tree.column);
    case "squared norm":
      return algebra.squaredNorm();
    case "+":
      return algebra.add(at(tree.left), at(tree.right));
    case "-":
      return algebra.sub(at(tree.left), at(tree.right));
    case "*":
      return algebra.mul(at(tree.left), at(tree.right));
    case "/":
      return algebra.div(at(tree.left), at(tree.right));
    case "^":
      return power(tree.left, tree.right, algebra);
    case "call":
      if (tree.name === "log" && isRoot(tree.of))
        return algebra.mul(algebra.number(0.5), algebra.call("log", at(tree.of.of)));
      return algebra.call(tree.name, at(tree.of));
  }
}

const isRoot = (tree: Tree): tree is Extract<Tree, { kind: "call" }> => tree.kind === "call" && tree.name === "sqrt";

function power<T>(base: Tree, exponent: Tree, algebra: Algebra<T>): T {
  const n = constantOf(exponent);
  const isWritten = (k: number | undefined): k is number =>
    Number.isInteger(k) && Math.abs(k as number) <= MOST_SQUARED;
  if (n !== undefined && isRoot(base) && isWritten(n / 2)) return wholePower(walk(base.of, algebra), n / 2, algebra);
  if (isWritten(n)) return wholePower(walk(base, algebra), n, algebra);
  if (n !== undefined && isWritten(2 * n)) return wholePower(algebra.call("sqrt", walk(base, algebra)), 2 * n, algebra);
  const log = walk<T>({ kind: "call", name: "log", of: base }, algebra);
  return algebra.call("exp", algebra.mul(walk(exponent, algebra), log));
}

function wholePower<T>(base: T, n: number, algebra: Algebra<T>): T {
  let result: T | undefined;
  let square = base;
  for (let k = Math.abs(n); k > 0; k = Math.floor(k / 2)) {
    if (k % 2 === 1) result = result === undefined ? square : algebra.mul(result, square);
    if (k > 1) square = algebra.mul(square, square);
  }
  if (result === undefined) return algebra.number(1);
  return n < 0 ? algebra.div(algebra.number(1), result) : result;
}

/** The value of a tree without columns; undefined for any other. */
export function constantOf(tree: Tree): number | undefined {
  switch (tree.kind) {
    case "number":
      return tree.value;
    case "variable":
    case "squared norm":
      return undefined;
    case "call":
      return undefined;
    default: {
      const [a, b] = [constantOf(tree.left), constantOf(tree.right)];
      if (a === undefined || b === undefined) return undefined;
      if (tree.kind === "+") return a + b;
      if (tree.kind === "-") return a - b;
      if (tree.kind === "*") return a * b;
      return tree.kind === "/" ? a / b : undefined;
    }
  }
}
