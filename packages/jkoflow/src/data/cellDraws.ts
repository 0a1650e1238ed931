/**
 * Cells drawn from their distribution, what is known of them given: the part of the distribution (table or tree) by its share of what is
 * known, then a combination of the table, or the tree's states from the roots down. A draw depends on the key, its row and
 * what is known of it alone.
 *
 * Samples keep to what the data show: a pattern of gaps that no training row has is never drawn, though it has a density.
 */
import { InputError } from "../errors/errors.ts";
import { fold, type Key, uniform } from "../random/index.ts";
import { fits, treeMessages } from "./cellDistribution.ts";
import type { CellColumn } from "./cells.ts";
import { type CellDistribution, type CellVariable, variableStates } from "./cellVariables.ts";
import { conditionals } from "./chowLiu.ts";
import { type ConditionRows, categoryIndex } from "./condition.ts";
import { otherPattern } from "./gapPatterns.ts";

/** Levels of categories by column name, which cells shall have. */
export type KnownLevels = Readonly<Record<string, number>>;

/**
 * n rows of cells, columns as in `columns`; `given` is what a user gives of the same rows.
 * @throws InputError for given columns that the distribution needs and that are not there.
 */
export function drawCells(
  distribution: CellDistribution,
  columns: readonly CellColumn[],
  key: Key,
  n: number,
  known: KnownLevels = {},
  given?: ConditionRows,
): ConditionRows {
  const { variables } = distribution;
  const count = variables.length;
  const fixed = fixedStates(variables, known, given, n); // [n, count]
  const groups = new Map<string, number[]>();
  for (let i = 0; i < n; i++) {
    const name = fixed.subarray(i * count, (i + 1) * count).join();
    const rows = groups.get(name);
    if (rows) rows.push(i);
    else groups.set(name, [i]);
  }
  const draws = [uniform(fold(key, "part"), n), ...variables.map((_, k) => uniform(fold(key, "variable", k), n))];
  const states = new Int32Array(n * count);
  for (const rows of groups.values()) {
    const draw = drawerOf(distribution, fixed.subarray(rows[0] * count, (rows[0] + 1) * count));
    for (const i of rows) {
      draw((k) => draws[k][i], states.subarray(i * count, (i + 1) * count));
    }
  }
  return { rows: n, columns: columns.map((column) => ({ ...codesOf(column, variables, states, n), kind: "cell" })) };
}

function fixedStates(
  variables: readonly CellVariable[],
  known: KnownLevels,
  given: ConditionRows | undefined,
  n: number,
): Int32Array {
  const fixed = new Int32Array(n * variables.length).fill(-1);
  variables.forEach((variable, k) => {
    if (variable.of === "level" && Object.hasOwn(known, variable.name)) {
      for (let i = 0; i < n; i++) fixed[i * variables.length + k] = known[variable.name];
    }
    if (variable.of !== "given") return;
    const column = given?.columns.find(({ name }) => name === variable.name);
    if (column === undefined) {
      throw new InputError({ where: "cells", came: "nothing", expected: `values of ${variable.name} for each row` });
    }
    const category = { ...variable, kind: "category" as const, frequencies: [] };
    for (let i = 0; i < n; i++) fixed[i * variables.length + k] = categoryIndex(category, String(column.values[i]), i);
  });
  return fixed;
}

/** Draws into a row's states by uniform numbers: number 0 chooses the part, 1 + k the state of node k. */
function drawerOf(
  { tree, variables, table, weight }: CellDistribution,
  known: Int32Array,
): (u: (k: number) => number, states: Int32Array) => void {
  const count = tree.length;
  const others = variables.map((variable) =>
    variable.of === "patterns" ? otherPattern(variable.patterns) : undefined,
  );
  const allowed = (k: number, state: number): boolean => (known[k] < 0 ? state !== others[k] : state === known[k]);
  const { messages, total } = treeMessages(tree, allowed);
  const combinations = Array.from(table.rows.keys()).filter((k) => fits(table.states, k * count, known));
  const all = table.rows.reduce((sum, rows) => sum + rows, 0);
  const ofTable = cumulative(combinations.map((k) => table.rows[k] / all));
  const inTable = weight * (ofTable.at(-1) ?? 0);
  const share = inTable / (inTable + (1 - weight) * total);
  const of = tree.map(conditionals);
  const sums = new Map<number, Float64Array>(); // by node and parent's state
  const largest = Math.max(...variables.map(variableStates));
  const sumsOf = (k: number, a: number): Float64Array => {
    const place = k * largest + a;
    const before = sums.get(place);
    if (before) return before;
    const made = cumulative(Array.from(messages[k], (m, b) => (m === 0 ? 0 : m * of[k](b, a))));
    sums.set(place, made);
    return made;
  };
  return (u, states) => {
    if (u(0) < share) {
      const at = combinations[choose(ofTable, u(1))] * count;
      for (let k = 0; k < count; k++) states[k] = table.states[at + k];
      return;
    }
    for (let k = 0; k < count; k++) states[k] = choose(sumsOf(k, states[tree[k].parent] ?? 0), u(1 + k));
  };
}

function cumulative(weights: readonly number[]): Float64Array {
  let sum = 0;
  return Float64Array.from(weights, (weight) => (sum += weight));
}

/** The first index whose sum is above a share of the whole; one of weight 0 never is. */
function choose(sums: Float64Array, share: number): number {
  const value = share * sums[sums.length - 1];
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sums[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The codes of one column. */
function codesOf({ name, levels, of }: CellColumn, variables: readonly CellVariable[], states: Int32Array, n: number) {
  const k = variables.findIndex((variable) =>
    variable.of === "patterns" ? of === "state" : variable.of === of && variable.name === name,
  );
  const variable = variables[k];
  const count = variables.length;
  if (variable.of !== "patterns")
    return { name, levels, values: Int32Array.from({ length: n }, (_, i) => states[i * count + k]) };
  const { seen } = variable.patterns;
  const width = variable.columns.length;
  const at = variable.columns.indexOf(name);
  return { name, levels, values: Int32Array.from({ length: n }, (_, i) => seen[states[i * count + k] * width + at]) };
}
