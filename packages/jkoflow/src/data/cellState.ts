/** A distribution of cells from a file, checked: whatever is in it, scores and draws are numbers, never faults. */
import { InputError } from "../errors/errors.ts";
import type { CellColumn } from "./cells.ts";
import { type CellDistribution, type CellVariable, variableStates } from "./cellVariables.ts";

type Check = (ok: boolean, place: string, expected: string) => void;

const isRecord = (x: unknown): x is Record<string, unknown> => typeof x === "object" && x !== null && !Array.isArray(x);
const isList = (x: unknown, holds: (item: unknown) => boolean): x is unknown[] => Array.isArray(x) && x.every(holds);
const isCount = (x: unknown): boolean => typeof x === "number" && Number.isFinite(x) && x >= 0;
const isBelow = (x: unknown, size: number): boolean =>
  Number.isInteger(x) && (x as number) >= 0 && (x as number) < size;
const isShare = (x: unknown): boolean => typeof x === "number" && x > 0 && x < 1;

/** @throws InputError when it is no distribution of these cells. */
export function parseCells(value: unknown, columns: readonly CellColumn[], where: string): CellDistribution {
  const check: Check = (ok, place, expected) => {
    if (!ok) throw new InputError({ where, place, came: "another value", expected });
  };
  check(isRecord(value), "cells", "an object");
  const { variables, tree, table, weight } = value as Record<string, unknown>;
  check(isList(variables, isRecord) && variables.length > 0, "variables", "a list");
  const known = (variables as Record<string, unknown>[]).map((variable) => parseVariable(variable, check));
  const names = known.flatMap((variable) =>
    variable.of === "patterns" ? variable.columns : variable.of === "level" ? [variable.name] : [],
  );
  const wanted = columns.map(({ name }) => name);
  const same = names.length === wanted.length && [...names].sort().join("\n") === [...wanted].sort().join("\n");
  check(same, "variables", "the cells of the schema");
  for (const variable of known) {
    const sizes = variable.of === "patterns" ? variable.patterns.sizes : [variableStates(variable)];
    const own = variable.of === "patterns" ? variable.columns : [variable.name];
    const fit = own.every((name, k) => {
      const column = columns.find((one) => one.name === name);
      return (
        variable.of === "given" ||
        (column?.levels === sizes[k] && (column.of === "state") === (variable.of === "patterns"))
      );
    });
    check(fit, "variables", "the levels of the schema");
  }
  const sizes = known.map(variableStates);
  check(isList(tree, isRecord) && tree.length === known.length, "tree", "a node for each variable");
  (tree as Record<string, unknown>[]).forEach((node, k) => {
    checkNode(node, k, sizes, check);
  });
  const count = sizes.length;
  check(isRecord(table), "table", "an object");
  const { states, rows } = table as Record<string, unknown>;
  const isRows = isList(rows, (n) => Number.isInteger(n) && (n as number) > 0);
  check(isRows && isList(states, () => true), "table", "combinations and their rows");
  const whole = (states as unknown[]).length === count * (rows as unknown[]).length;
  check(whole && (states as unknown[]).every((s, at) => isBelow(s, sizes[at % count])), "table", "whole combinations");
  check(weight === 0 || (isShare(weight) && (rows as unknown[]).length > 0), "weight", "a share below 1");
  return value as unknown as CellDistribution;
}

function parseVariable(variable: Record<string, unknown>, check: Check): CellVariable {
  const { of, name, levels, categories, columns, patterns } = variable;
  if (of === "patterns") {
    check(isList(columns, (x) => typeof x === "string") && columns.length > 0, "columns", "names");
    check(isRecord(patterns), "patterns", "an object");
    const { sizes, seen, shares } = patterns as Record<string, unknown>;
    const width = (columns as string[]).length;
    const isSizes = isList(sizes, (size) => Number.isInteger(size) && (size as number) > 1) && sizes.length === width;
    check(isSizes, "patterns.sizes", "the states of each column");
    const size = sizes as number[];
    const isSeen = isList(seen, () => true) && seen.length > 0 && seen.length % width === 0;
    check(isSeen && (seen as unknown[]).every((s, at) => isBelow(s, size[at % width])), "patterns.seen", "patterns");
    const rows = new Set(
      Array.from({ length: (seen as unknown[]).length / width }, (_, k) =>
        (seen as unknown[]).slice(k * width, (k + 1) * width).join(),
      ),
    );
    check(rows.size * width === (seen as unknown[]).length, "patterns.seen", "each pattern once");
    const isShares = isList(shares, (q) => isList(q, isShare)) && shares.length === width;
    check(
      isShares && (shares as unknown[][]).every((q, j) => q.length === size[j]),
      "patterns.shares",
      "shares of states",
    );
    const sums = (shares as number[][]).map((q) => q.reduce((sum, x) => sum + x, 0));
    check(
      sums.every((sum) => Math.abs(sum - 1) < 1e-9),
      "patterns.shares",
      "shares that sum to one",
    );
    return variable as unknown as CellVariable;
  }
  check(typeof name === "string", "variables", "a name");
  if (of === "level") check(Number.isInteger(levels) && (levels as number) > 0, "variables", "a number of levels");
  else {
    check(of === "given", "variables", "patterns, level or given");
    check(isList(categories, (x) => typeof x === "string") && categories.length > 1, "variables", "categories");
  }
  return variable as unknown as CellVariable;
}

function checkNode(node: Record<string, unknown>, k: number, sizes: readonly number[], check: Check): void {
  const { counts, parent, strength, pairs } = node;
  check(isList(counts, isCount) && counts.length === sizes[k], "tree", `${sizes[k]} counts at node ${k + 1}`);
  check(
    (counts as number[]).some((n) => n > 0),
    "tree",
    "some rows",
  );
  check(parent === -1 || isBelow(parent, k), "tree", "a parent before its children, or -1");
  check(isCount(strength) && (parent === -1 || (strength as number) > 0), "tree", "a strength above 0");
  check(isList(pairs, isCount) && pairs.length % 3 === 0, "tree", "pairs");
  if (parent === -1) return;
  const [above, own] = [sizes[parent as number], sizes[k]];
  const found = new Set<number>();
  const list = pairs as number[];
  for (let at = 0; at < list.length; at += 3) {
    check(isBelow(list[at], above) && isBelow(list[at + 1], own), "tree", "pairs of states");
    found.add(list[at] * own + list[at + 1]);
  }
  check(3 * found.size === list.length, "tree", "each pair once");
}
