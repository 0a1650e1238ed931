/**
 * Does a tableau have the order it claims? A wrong digit in a coefficient leaves a method that runs, converges, and is of
 * order 1; nothing but this check would say so.
 *
 *   for every rooted tree tau with at most p nodes:   sum_i b_i Phi_i(tau) = 1 / gamma(tau)
 *   Phi_i([tau_1 ... tau_m]) = prod_k sum_j a_ij Phi_j(tau_k),   gamma(tau) = |tau| prod_k gamma(tau_k)
 *
 * Source: J. C. Butcher, J. Austral. Math. Soc. 3 (1963), 185-201; Hairer, Norsett, Wanner, "Solving Ordinary Differential
 * Equations I", theorem II.2.13.
 */
import { InputError } from "../errors/index.ts";
import { type Tableau, tableaus } from "./tableaus.ts";

/** A rooted tree by its branches. */
export interface Tree {
  readonly nodes: number;
  readonly branches: readonly Tree[];
}

/** Conditions are checked up to this order (200 trees); explicit methods beyond it are not in use. */
const LARGEST_ORDER = 8;

/** All rooted trees with 1 ... `largest` nodes, small ones first: 1, 1, 2, 4, 9, 20, ... of them. */
export function rootedTrees(largest: number): Tree[] {
  const trees: Tree[] = [];
  for (let nodes = 1; nodes <= largest; nodes++) {
    const smaller = trees.length;
    /** Multisets of smaller trees with `left` nodes in all, in falling order of their place in the list. */
    const grow = (left: number, last: number, branches: readonly Tree[]): void => {
      if (left === 0) {
        trees.push({ nodes, branches });
        return;
      }
      for (let i = Math.min(last, smaller - 1); i >= 0; i--) {
        if (trees[i].nodes <= left) grow(left - trees[i].nodes, i, [...branches, trees[i]]);
      }
    };
    grow(nodes - 1, smaller, []);
  }
  return trees;
}

export const density = (tree: Tree): number => tree.branches.reduce((g, branch) => g * density(branch), tree.nodes);

/** Phi_i of each stage, and the same with absolute values: the size of what rounding acts on. */
function elementaryWeights({ stages }: Tableau, tree: Tree): { phi: number[]; size: number[] } {
  const phi = stages.map(() => 1);
  const size = stages.map(() => 1);
  for (const branch of tree.branches) {
    const inner = elementaryWeights({ stages } as Tableau, branch);
    stages.forEach((row, i) => {
      phi[i] *= row.reduce((s, a, j) => s + a * inner.phi[j], 0);
      size[i] *= row.reduce((s, a, j) => s + Math.abs(a) * inner.size[j], 0);
    });
  }
  return { phi, size };
}

/** Roundings of at most 8 stages in at most 8 nested sums, each 2^-53 of what is summed. */
const ROUNDING = 64 * 2 ** -53;

/** The first tree at which `weights` miss an order condition up to `order`. */
function failedCondition(tableau: Tableau, weights: readonly number[], order: number): Tree | undefined {
  return rootedTrees(order).find((tree) => {
    const { phi, size } = elementaryWeights(tableau, tree);
    const miss = weights.reduce((s, b, i) => s + b * phi[i], -1 / density(tree));
    return !(Math.abs(miss) <= ROUNDING * weights.reduce((s, b, i) => s + Math.abs(b) * size[i], 1));
  });
}

/** A tree in brackets: `[]` is one node, `[[][]]` a node with two leaves. */
const show = (tree: Tree): string => `[${tree.branches.map(show).join("")}]`;

const near = (a: number, b: number): boolean => Math.abs(a - b) <= ROUNDING * (1 + Math.abs(a) + Math.abs(b));

/**
 * Check shape, row sums, order conditions, the embedded error and `fsal`.
 *
 * @throws InputError that names the row or the condition.
 *
 * @example
 * ```ts
 * import { checkTableau, dopri5, euler, methodOf, midpoint, rk4, rk4_38, solve, tableaus, type Vector } from "jkoflow/ode";
 *
 * const decay = (_: number, y: Vector): Vector => y.map((value) => -value);
 * for (const method of [euler, midpoint, rk4, rk4_38, dopri5]) {
 *   checkTableau(method); // throws where its order conditions do not hold
 *   const { y } = solve(decay, Float64Array.of(1), { from: 0, to: 1, steps: { count: 10 }, method });
 *   console.log(method.order, Math.abs(y[0] - Math.exp(-1)) < 0.1 ** method.order);
 * }
 * console.log(methodOf("rk4") === rk4, Object.keys(tableaus).length);
 * ```
 */
export function checkTableau(tableau: Tableau): void {
  const { name, order, nodes, stages, weights, error, embeddedOrder, middle, fsal } = tableau;
  const where = `method "${name}"`;
  const demand = (holds: boolean, place: string, came: string, expected: string): void => {
    if (!holds) throw new InputError({ where, place, came, expected });
  };
  const s = stages.length;
  const isOrder = (p: number | undefined): p is number => Number.isInteger(p) && p! >= 1 && p! <= LARGEST_ORDER;
  demand(s > 0, "stages", "none", "at least one stage");
  demand(isOrder(order), "order", String(order), `a whole number from 1 to ${LARGEST_ORDER}`);
  for (const [what, row] of Object.entries({ nodes, weights, error, middle })) {
    if (row === undefined) continue;
    demand(
      row.length === s && row.every(Number.isFinite),
      what,
      `${row.length} numbers`,
      `${s} finite numbers, one per stage`,
    );
  }
  stages.forEach((row, i) => {
    const place = `stage ${i + 1}`;
    demand(
      row.length === i && row.every(Number.isFinite),
      place,
      `${row.length} coefficients`,
      `${i}, as the method is explicit`,
    );
    const sum = row.reduce((total, a) => total + a, 0);
    demand(near(sum, nodes[i]), place, `a row sum of ${sum}`, `its node ${nodes[i]}`);
    demand(
      nodes[i] >= 0 && nodes[i] <= 1,
      place,
      `node ${nodes[i]}`,
      "0 to 1: the field is not asked outside of a step",
    );
  });
  const failed = failedCondition(tableau, weights, order);
  demand(failed === undefined, "weights", `the condition of tree ${failed && show(failed)} fails`, `order ${order}`);
  if (error !== undefined) {
    demand(isOrder(embeddedOrder), "embeddedOrder", String(embeddedOrder), "the order of the embedded solution");
    const embedded = weights.map((b, i) => b - error[i]);
    const missed = failedCondition(tableau, embedded, embeddedOrder!);
    demand(missed === undefined, "error", `tree ${missed && show(missed)} fails`, `embedded order ${embeddedOrder}`);
    demand(
      error.some((e) => e !== 0),
      "error",
      "zeros only",
      "an estimate",
    );
  }
  if (fsal) {
    const last = stages[s - 1];
    demand(
      s > 1 && nodes[s - 1] === 1 && weights[s - 1] === 0 && last.every((a, j) => a === weights[j]),
      "fsal",
      "a last stage that differs from the weights",
      "first same as last",
    );
  }
  if (middle !== undefined) {
    demand(
      fsal === true,
      "middle",
      "a method without fsal",
      "first same as last: dense output needs the slope at the end",
    );
    const sum = middle.reduce((total, m) => total + m, 0);
    demand(near(sum, 1 / 2), "middle", `weights that sum to ${sum}`, "1/2");
  }
}

/**
 * A method by name, or a tableau of your own, which is checked; those of this library are checked by their tests.
 * @throws InputError for an unknown name, and as `checkTableau`.
 */
export function methodOf(method: string | Tableau): Tableau {
  const tableau =
    typeof method === "string" ? (Object.hasOwn(tableaus, method) ? tableaus[method] : undefined) : method;
  if (tableau === undefined) {
    const names = Object.keys(tableaus).join(", ");
    throw new InputError({ where: "method", came: `"${method}"`, expected: `one of ${names}, or a tableau` });
  }
  if (!Object.values(tableaus).includes(tableau)) checkTableau(tableau);
  return tableau;
}
