/**
 * The table E of whole combinations of states, and its weight w beside a tree T of conditionals: P = w E + (1 - w) T, of best
 * leave-one-out likelihood, by EM (see cellDistribution.ts).
 */
import type { CellDistribution } from "./cellVariables.ts";
import { conditionals, type TreeNode } from "./chowLiu.ts";

/** Combinations that are kept. */
const MOST_COMBINATIONS = 20_000;
/** A table of less weight is not worth its place in the model. */
const LEAST_WEIGHT = 1e-3;
const EM_STEPS = 100;

/** E, and its weight by leave-one-out likelihood. */
export function combinationTable(
  tree: readonly TreeNode[],
  states: Int32Array,
  count: number,
): Pick<CellDistribution, "table" | "weight"> {
  const sorted = countCombinations(states, count);
  const total = sorted.reduce((sum, { rows }) => sum + rows, 0);
  const of = tree.map(conditionals);
  const scores = sorted.map(({ state, rows }) => {
    const inTree = of.reduce((p, probability, k) => p * probability(state[k], state[tree[k].parent] ?? 0, 1), 1);
    return { rows, inTree, inTable: (rows - 1) / (total - 1) };
  });
  // One variable: its own counts are the whole table.
  let weight = count === 1 || scores.every(({ inTable }) => inTable === 0) ? 0 : 0.5;
  for (let step = 0; step < EM_STEPS && weight > 0; step++) {
    let sum = 0;
    for (const { rows, inTree, inTable } of scores) {
      const ofTable = weight * inTable;
      sum += (rows * ofTable) / (ofTable + (1 - weight) * inTree);
    }
    weight = sum / total;
  }
  // Where no row is better off with the tree EM ends at 1; one row's share is left to combinations that none has shown.
  weight = Math.min(weight, total / (total + 1));
  if (weight < LEAST_WEIGHT) return { table: { states: [], rows: [] }, weight: 0 };
  return { table: { states: sorted.flatMap(({ state }) => state), rows: sorted.map(({ rows }) => rows) }, weight };
}

/** The combinations of all rows, or of evenly spaced ones where there are too many; the most frequent first. */
function countCombinations(states: Int32Array, count: number): { readonly state: number[]; readonly rows: number }[] {
  const counted = (step: number): Map<string, number> => {
    const counts = new Map<string, number>();
    for (let at = 0; at < states.length; at += count * step) {
      const name = states.subarray(at, at + count).join();
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return counts;
  };
  const all = counted(1);
  const counts = all.size <= MOST_COMBINATIONS ? all : counted(Math.ceil(states.length / count / MOST_COMBINATIONS));
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return sorted.map(([name, rows]) => ({ state: name.split(",").map(Number), rows }));
}
