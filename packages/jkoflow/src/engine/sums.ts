/**
 * Sums over rows: which reductions of the row phase share one accumulator.
 *
 * The gradient of a weight that is used at every stage of a solver is a long sum of outer products. Adding them all into
 * one area, as they are computed, needs the memory of one; so the largest trees of +, - and constant factors whose leaves
 * are reductions become one sum.
 */
import { isRow, type Node, type Program } from "../graph/index.ts";
import { roundUp } from "./arena.ts";

export interface Sum {
  /** The node whose value the finished sum is (or, with other terms, contributes to). */
  readonly node: Node;
  readonly rows: number;
  readonly cols: number;
  /** The accumulator holds the transposed value, because that is narrower in memory. */
  readonly transposed: boolean;
  readonly parts: readonly { readonly reduction: Node; readonly factor: number }[];
}

export interface PlannedSum {
  readonly sum: Sum;
  /** Terms of the tree that are not reductions. */
  readonly others: readonly { readonly node: Node; readonly factor: number }[];
}

const isReduction = (node: Node): boolean => !isRow(node) && node.inputs.some(isRow);

/** The terms of a tree of +, - and factors, as long as its inner nodes have this one user. */
function terms(root: Node, once: (node: Node) => boolean): { node: Node; factor: number }[] {
  const found: { node: Node; factor: number }[] = [];
  const visit = (node: Node, factor: number): void => {
    const sameShape = node.inputs.every((x) => x.rows === node.rows && x.cols === node.cols);
    const open = (node === root || once(node)) && sameShape && !isRow(node);
    if (open && (node.op === "add" || node.op === "sub")) {
      visit(node.inputs[0], factor);
      visit(node.inputs[1], node.op === "add" ? factor : -factor);
    } else if (open && node.op === "affine" && node.at.shift === 0) {
      visit(node.inputs[0], factor * node.at.scale!);
    } else {
      found.push({ node, factor });
    }
  };
  visit(root, 1);
  return found;
}

export function planSums(
  program: Program,
  once: (node: Node) => boolean,
): { sums: Sum[]; sumOf: ReadonlyMap<Node, PlannedSum> } {
  const sums: Sum[] = [];
  const sumOf = new Map<Node, PlannedSum>();
  const absorbed = new Set<Node>();
  const plan = (node: Node, parts: Sum["parts"], others: PlannedSum["others"]): void => {
    const [rows, cols] = [node.rows as number, node.cols];
    const allOuter = parts.every(({ reduction }) => reduction.op === "outer");
    const transposed = allOuter && others.length === 0 && roundUp(rows) * cols < rows * roundUp(cols);
    const sum: Sum = { node: others.length === 0 ? node : parts[0].reduction, rows, cols, transposed, parts };
    sums.push(sum);
    sumOf.set(node, { sum, others });
  };

  for (let i = program.nodes.length - 1; i >= 0; i--) {
    const node = program.nodes[i];
    if (isRow(node) || absorbed.has(node)) continue;
    if (isReduction(node)) {
      plan(node, [{ reduction: node, factor: 1 }], []);
      continue;
    }
    if (program.phases.get(node) !== "epilogue" || !["add", "sub", "affine"].includes(node.op)) continue;
    const all = terms(node, once);
    const parts = all.filter((t) => isReduction(t.node) && once(t.node));
    if (parts.length === 0 || (parts.length === 1 && all.length > 1)) continue;
    const absorb = (n: Node): void => {
      if (n !== node) absorbed.add(n);
      if (!all.some((t) => t.node === n)) n.inputs.forEach(absorb);
    };
    absorb(node);
    for (const t of all) if (!parts.includes(t)) absorbed.delete(t.node);
    plan(
      node,
      parts.map((t) => ({ reduction: t.node, factor: t.factor })),
      all.filter((t) => !parts.includes(t)),
    );
  }
  return { sums, sumOf };
}
