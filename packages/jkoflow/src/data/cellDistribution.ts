/**
 * The distribution of cells (cells.ts), exact and normalised over all their states:
 *
 *   P(c) = w E(c) + (1 - w) T(c),    ln P(row's cells) = ln P(c) + ln P(codes | pattern)
 *
 * The variables of c are the pattern of gaps and atoms (gapPatterns.ts), the categories, and what a user gives of
 * categories (P(cells | given) = P(cells, given) / P(given) then). T is a tree of conditionals (chowLiu.ts), positive
 * everywhere. E is the table of whole combinations of the training rows in their shares, which keeps what more than two
 * variables have in common; those that occur once are in it too, as without them rare levels would lose some of their rate.
 * The weight w is that of best leave-one-out likelihood, by EM (A. Dempster,
 * N. Laird, D. Rubin, J. R. Statist. Soc. B 39 (1977), 1-38). Patterns that do not occur have the share of those that occur
 * once (I. Good, Biometrika 40 (1953), 237-264, attributed to Turing).
 */
import { InputError } from "../errors/errors.ts";
import { log } from "../random/index.ts";
import type { CellColumn } from "./cells.ts";
import { type CellDistribution, type CellVariable, variableStates } from "./cellVariables.ts";
import { conditionals, fitTree, type TreeNode } from "./chowLiu.ts";
import { combinationTable } from "./combinations.ts";
import { type ConditionRows, categoryIndex, fitCondition } from "./condition.ts";
import { fitPatterns, otherPattern, patternCoder } from "./gapPatterns.ts";

/**
 * Fits the distribution to the cells of training rows and what a user gives of them; both of the same rows.
 * @throws InputError for a given column of numbers.
 */
export function fitCells(
  columns: readonly CellColumn[],
  cells: ConditionRows,
  given: ConditionRows | undefined,
): CellDistribution {
  const codesOf = (name: string): Int32Array => cellCodes(cells, name);
  const gaps = columns.filter(({ of }) => of === "state");
  const variables: CellVariable[] = [];
  if (gaps.length > 0) {
    const codes = interleave(
      gaps.map(({ name }) => codesOf(name)),
      cells.rows,
    );
    const patterns = fitPatterns(
      codes,
      gaps.map(({ levels }) => levels),
    );
    variables.push({ of: "patterns", columns: gaps.map(({ name }) => name), patterns });
  }
  for (const { name, levels, of } of columns) if (of === "level") variables.push({ of, name, levels });
  for (const column of given ? fitCondition(given).columns : []) {
    if (column.kind !== "category") {
      const came = `the numbers of ${JSON.stringify(column.name)} as what cells are given`;
      throw new InputError({ where: "cells", came, expected: "categories" });
    }
    variables.push({ of: "given", name: column.name, categories: column.categories });
  }
  const { states } = cellStates(variables, cells, given);
  const { order, nodes } = fitTree(states, variables.map(variableStates));
  const count = order.length;
  const ordered = Int32Array.from(states, (_, at) => states[at - (at % count) + order[at % count]]);
  const tree = withOthers(nodes, variables[0], ordered, count);
  return { variables: order.map((v) => variables[v]), tree, ...combinationTable(tree, ordered, count) };
}

/** Patterns that do not occur get as many rows more as there are patterns that occur once. */
function withOthers(nodes: readonly TreeNode[], first: CellVariable, states: Int32Array, count: number): TreeNode[] {
  const other = first.of === "patterns" ? otherPattern(first.patterns) : undefined;
  if (other === undefined) return [...nodes];
  const once = nodes[0].counts.filter((n) => n === 1).length;
  const rows = states.length / count;
  const counts = nodes[0].counts.map((n, state) => (state === other ? Math.min(once, rows / 2) : n));
  return [{ ...nodes[0], counts }, ...nodes.slice(1)];
}

const interleave = (columns: readonly ArrayLike<number>[], rows: number): Int32Array =>
  Int32Array.from(
    { length: rows * columns.length },
    (_, at) => columns[at % columns.length][Math.floor(at / columns.length)],
  );

function cellCodes({ columns }: ConditionRows, name: string): Int32Array {
  const column = columns.find((one) => one.name === name);
  if (column?.kind === "cell") return column.values;
  throw new InputError({
    where: "cells",
    came: `no cells of ${JSON.stringify(name)}`,
    expected: "those of the schema",
  });
}

/** States `[n, variables]`, -1 where a cell is not known, and ln P(codes | pattern) of each row. [n] */
function cellStates(
  variables: readonly CellVariable[],
  cells: ConditionRows,
  given: ConditionRows | undefined,
): { readonly states: Int32Array; readonly within: Float64Array } {
  const { rows } = cells;
  const within = new Float64Array(rows);
  const columns = variables.map((variable): Int32Array => {
    if (variable.of === "level") return cellCodes(cells, variable.name);
    if (variable.of === "given") {
      const values = given?.columns.find(({ name }) => name === variable.name)?.values ?? [];
      const column = { ...variable, kind: "category" as const, frequencies: [] };
      return Int32Array.from({ length: rows }, (_, i) => categoryIndex(column, String(values[i]), i));
    }
    const codes = interleave(
      variable.columns.map((name) => cellCodes(cells, name)),
      rows,
    );
    const width = variable.columns.length;
    const coder = patternCoder(variable.patterns);
    return Int32Array.from({ length: rows }, (_, i) => {
      const row = codes.subarray(i * width, (i + 1) * width);
      if (row.includes(-1)) return -1;
      const [state, more] = coder(row);
      within[i] = more;
      return state;
    });
  });
  return { states: interleave(columns, rows), within };
}

/** ln P(cells), or ln P(cells | given), of each row, nats; NaN where a cell is none that the schema knows. [n] */
export function cellLogProb(
  distribution: CellDistribution,
  cells: ConditionRows,
  given: ConditionRows | undefined,
): Float64Array {
  const { variables } = distribution;
  const { states, within } = cellStates(variables, cells, given);
  const count = variables.length;
  const probability = cellProbability(distribution);
  const known = new Map<string, number>();
  const lnOf = (state: Int32Array): number => {
    const name = state.join();
    const before = known.get(name);
    if (before !== undefined) return before;
    const value = log(probability(state));
    known.set(name, value);
    return value;
  };
  const isGiven = variables.map(({ of }) => of === "given");
  const some = isGiven.includes(true);
  return within.map((more, i) => {
    const state = states.subarray(i * count, (i + 1) * count);
    if (state.includes(-1)) return Number.NaN;
    return more + lnOf(state) - (some ? lnOf(state.map((value, k) => (isGiven[k] ? value : -1))) : 0);
  });
}

/** Of states of the variables, -1 for those summed over: its probability. */
export function cellProbability(distribution: CellDistribution): (states: ArrayLike<number>) => number {
  const { tree, table, weight } = distribution;
  const count = tree.length;
  const of = tree.map(conditionals);
  const total = table.rows.reduce((sum, n) => sum + n, 0);
  const whole = new Map(table.rows.map((n, k) => [table.states.slice(k * count, (k + 1) * count).join(), n]));
  return (states) => {
    const isWhole = Array.prototype.every.call(states, (state) => state >= 0);
    const inTable = isWhole
      ? (whole.get(Array.prototype.join.call(states)) ?? 0)
      : table.rows.reduce((sum, n, k) => sum + (fits(table.states, k * count, states) ? n : 0), 0);
    const ofTable = weight === 0 ? 0 : (weight * inTable) / total;
    const inTree = isWhole
      ? of.reduce((p, probability, k) => p * probability(states[k], states[tree[k].parent] ?? 0), 1)
      : treeMessages(tree, (k, state) => states[k] < 0 || states[k] === state).total;
    return ofTable + (1 - weight) * inTree;
  };
}

/** Whether a combination, of those that begin at `at`, is what is known. */
export const fits = (combinations: ArrayLike<number>, at: number, known: ArrayLike<number>): boolean =>
  Array.prototype.every.call(known, (state, k) => state < 0 || combinations[at + k] === state);

/**
 * Sums over the states that are allowed, from the leaves to the roots: `messages[k][b]` is the probability of what is allowed
 * below node k given its state b, 0 where b is not allowed; `total` that of all.
 */
export function treeMessages(
  tree: readonly TreeNode[],
  allowed: (node: number, state: number) => boolean,
): { readonly messages: readonly Float64Array[]; readonly total: number } {
  const of = tree.map(conditionals);
  const messages = tree.map(({ counts }, k) => Float64Array.from(counts, (_, b) => (allowed(k, b) ? 1 : 0)));
  let total = 1;
  for (let k = tree.length - 1; k >= 0; k--) {
    const { parent } = tree[k];
    const sum = (a: number): number => messages[k].reduce((s, m, b) => (m === 0 ? s : s + m * of[k](b, a)), 0);
    if (parent < 0) total *= sum(0);
    // Where nothing below is restricted the sum is one.
    else if (messages[k].some((m) => m !== 1)) {
      const above = messages[parent];
      for (let a = 0; a < above.length; a++) if (above[a] > 0) above[a] *= sum(a);
    }
  }
  return { messages, total };
}
