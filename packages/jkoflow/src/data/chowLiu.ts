/**
 * A tree of discrete variables, fitted to rows: the tree whose pairs share the most information.
 *
 *   P(x) = P(x_root) prod_i P(x_i | x_parent(i))
 *   P(x_i = b) = (n_b + 1 / L) / (n + 1),     L the states of x_i
 *   P(x_i = b | x_parent = a) = (n_ab + s P(x_i = b)) / (n_a + s)
 *
 * Source: C. Chow, C. Liu, "Approximating discrete probability distributions with dependence trees", IEEE Trans. Inf. Theory
 * 14 (1968), 462-467: the maximum spanning tree of the mutual information. That of a sample is too large by about
 * (K_i - 1)(K_j - 1) / 2n, K the states that occur (G. Miller, 1955), which is taken off; a pair with nothing left is not
 * joined, so the tree may be a forest. The strength s of each pair, in rows, is the best of some for leave-one-out likelihood.
 */
import { log } from "../random/index.ts";

/** A variable with its parent, as counts of the training rows. Plain data that survives JSON. */
export interface TreeNode {
  /** How often each state occurs. [states] */
  readonly counts: readonly number[];
  /** Index of the parent; -1 for a root. A parent stands before its children. */
  readonly parent: number;
  /** Rows that the marginal counts for in P(x_i | x_parent). */
  readonly strength: number;
  /** Parent's state, own state, rows; the pairs that occur. [3 pairs] */
  readonly pairs: readonly number[];
}

/** A tree with the order of its variables: node k is variable order[k]. */
export interface Tree {
  readonly order: readonly number[];
  readonly nodes: readonly TreeNode[];
}

const STRENGTHS = [0.25, 1, 4, 16, 64, 256, 1024];
/** Steps for all pairs of variables; rows are left out, evenly, where there would be more. */
const MOST_STEPS = 1e8;
const LEAST_ROWS = 500;

/** Rows of states `[n, V]`, each below that variable's size. The first variable is the root of its tree. */
export function fitTree(states: Int32Array, sizes: readonly number[]): Tree {
  const count = sizes.length;
  const rows = states.length / count;
  const totals = sizes.map((size, v) => {
    const counts = new Array<number>(size).fill(0);
    for (let at = v; at < states.length; at += count) counts[states[at]]++;
    return counts;
  });
  const { order, parents } = spanningTree(states, sizes);
  const place = new Map(order.map((v, k) => [v, k]));
  const nodes = order.map((v): TreeNode => {
    const u = parents[v];
    if (u < 0) return { counts: totals[v], parent: -1, strength: 0, pairs: [] };
    const pairs = pairCounts(states, count, u, v, sizes[v], 1);
    const strength = bestStrength(pairs, totals[u], totals[v], rows);
    return { counts: totals[v], parent: place.get(u)!, strength, pairs };
  });
  return { order, nodes };
}

/** Prim's algorithm: from the first variable the pair that shares most is joined, again and again. */
function spanningTree(states: Int32Array, sizes: readonly number[]): { order: number[]; parents: number[] } {
  const count = sizes.length;
  const rows = states.length / count;
  const most = Math.max(LEAST_ROWS, Math.floor(MOST_STEPS / Math.max(1, count * count)));
  const step = Math.max(1, Math.ceil(rows / most));
  const parents = sizes.map(() => -1);
  const best = sizes.map(() => 0); // nats that a variable shares with the tree
  const left = new Set(sizes.keys());
  const order: number[] = [];
  let next = 0;
  for (;;) {
    left.delete(next);
    order.push(next);
    if (left.size === 0) return { order, parents };
    for (const v of left) {
      const shared = information(states, sizes, next, v, step);
      if (shared > best[v]) [best[v], parents[v]] = [shared, next];
    }
    next = [...left].reduce((a, b) => (best[b] > best[a] ? b : a));
  }
}

/** Mutual information of two variables, nats, less what a sample of independent ones has. */
function information(states: Int32Array, sizes: readonly number[], u: number, v: number, step: number): number {
  const pairs = pairCounts(states, sizes.length, u, v, sizes[v], step);
  const [a, b] = [new Map<number, number>(), new Map<number, number>()];
  let n = 0;
  for (let k = 0; k < pairs.length; k += 3) {
    a.set(pairs[k], (a.get(pairs[k]) ?? 0) + pairs[k + 2]);
    b.set(pairs[k + 1], (b.get(pairs[k + 1]) ?? 0) + pairs[k + 2]);
    n += pairs[k + 2];
  }
  let sum = 0;
  for (let k = 0; k < pairs.length; k += 3) {
    const [i, j, m] = [pairs[k], pairs[k + 1], pairs[k + 2]];
    sum += (m / n) * log((m * n) / (a.get(i)! * b.get(j)!));
  }
  return sum - ((a.size - 1) * (b.size - 1)) / (2 * n);
}

/** (state of u, state of v, rows) of every pair that occurs in every `step`-th row, in the order of the states. */
function pairCounts(states: Int32Array, count: number, u: number, v: number, size: number, step: number): number[] {
  const found = new Map<number, number>();
  for (let at = 0; at < states.length; at += count * step) {
    const code = states[at + u] * size + states[at + v];
    found.set(code, (found.get(code) ?? 0) + 1);
  }
  const sorted = [...found].sort(([x], [y]) => x - y);
  return sorted.flatMap(([code, rows]) => [Math.floor(code / size), code % size, rows]);
}

/** By leave-one-out likelihood: each row is scored by the counts without it. */
function bestStrength(
  pairs: readonly number[],
  parents: readonly number[],
  own: readonly number[],
  rows: number,
): number {
  const score = (s: number): number => {
    let sum = 0;
    for (let k = 0; k < pairs.length; k += 3) {
      const [a, b, m] = [pairs[k], pairs[k + 1], pairs[k + 2]];
      const marginal = (own[b] - 1 + 1 / own.length) / rows;
      sum += m * log((m - 1 + s * marginal) / (parents[a] - 1 + s));
    }
    return sum;
  };
  const scores = STRENGTHS.map(score);
  return STRENGTHS[scores.indexOf(Math.max(...scores))];
}

/** P(x = b) of a root, P(x = b | parent = a) of another; `less` 1 leaves a row of these states out. */
export type Conditionals = (state: number, parent: number, less?: 0 | 1) => number;

/** The conditionals of a node, with its pairs looked up. */
export function conditionals({ counts, parent, strength, pairs }: TreeNode): Conditionals {
  const size = counts.length;
  const rows = counts.reduce((sum, n) => sum + n, 0);
  const together = new Map<number, number>();
  const of = new Map<number, number>();
  for (let k = 0; k < pairs.length; k += 3) {
    together.set(pairs[k] * size + pairs[k + 1], pairs[k + 2]);
    of.set(pairs[k], (of.get(pairs[k]) ?? 0) + pairs[k + 2]);
  }
  return (b, a, less = 0) => {
    const marginal = (counts[b] - less + 1 / size) / (rows - less + 1);
    if (parent < 0) return marginal;
    return ((together.get(a * size + b) ?? 0) - less + strength * marginal) / ((of.get(a) ?? 0) - less + strength);
  };
}
