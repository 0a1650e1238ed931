/** A distribution of cells from a file, checked: whatever is in it, scores and draws are numbers, never faults. */
import { InputError } from "../errors/errors.ts";
import type { CellColumn } from "./cells.ts";
import { type CellDistribution, type CellVariable, variableStates } from "./cellVariables.ts";
import type { TreeNode } from "./chowLiu.ts";
import type { GapPatterns } from "./gapPatterns.ts";

type Check = (ok: boolean, place: string, expected: string) => void;
/** A value that is found to be of a type, or the end of it. */
type Take = <T>(value: unknown, is: (x: unknown) => x is T, place: string, expected: string) => T;
type Fields = Readonly<Record<string, unknown>>;

const isFields = (x: unknown): x is Fields => typeof x === "object" && x !== null && !Array.isArray(x);
const listOf =
  <T>(holds: (item: unknown) => item is T) =>
  (x: unknown): x is readonly T[] =>
    Array.isArray(x) && x.every(holds);
const isGiven = (x: unknown): x is "given" => x === "given";
const isText = (x: unknown): x is string => typeof x === "string";
const isCount = (x: unknown): x is number => typeof x === "number" && Number.isFinite(x) && x >= 0;
const isState = (x: unknown): x is number => isCount(x) && Number.isInteger(x);
const isPositive = (x: unknown): x is number => isState(x) && x > 0;
const isParent = (x: unknown): x is number => x === -1 || isState(x);
const isShare = (x: unknown): x is number => typeof x === "number" && x > 0 && x < 1;
const isWeight = (x: unknown): x is number => x === 0 || isShare(x);

/** @throws InputError when it is no distribution of these cells. */
export function parseCells(value: unknown, columns: readonly CellColumn[], where: string): CellDistribution {
  const check: Check = (ok, place, expected) => {
    if (!ok) throw new InputError({ where, place, came: "another value", expected });
  };
  const take: Take = (value, is, place, expected) => {
    if (is(value)) return value;
    throw new InputError({ where, place, came: "another value", expected });
  };
  const { variables, tree, table, weight } = take(value, isFields, "cells", "an object");
  const known = take(variables, listOf(isFields), "variables", "a list").map((one) => parseVariable(one, take, check));
  check(known.length > 0, "variables", "a list");
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
  const nodes = take(tree, listOf(isFields), "tree", "a node for each variable");
  check(nodes.length === known.length, "tree", "a node for each variable");
  const { states, rows } = take(table, isFields, "table", "an object");
  const combinations = "combinations and their rows";
  const seen = {
    states: take(states, listOf(isState), "table", combinations),
    rows: take(rows, listOf(isPositive), "table", combinations),
  };
  const count = sizes.length;
  const whole = seen.states.length === count * seen.rows.length;
  check(whole && seen.states.every((s, at) => s < sizes[at % count]), "table", "whole combinations");
  const share = take(weight, isWeight, "weight", "a share below 1");
  check(share === 0 || seen.rows.length > 0, "weight", "a share below 1");
  return {
    variables: known,
    tree: nodes.map((node, k) => parseNode(node, k, sizes, take, check)),
    table: seen,
    weight: share,
  };
}

function parseVariable(variable: Fields, take: Take, check: Check): CellVariable {
  const { of, name, levels, categories, columns, patterns } = variable;
  if (of === "patterns") {
    const names = take(columns, listOf(isText), "columns", "names");
    check(names.length > 0, "columns", "names");
    return { of, columns: names, patterns: parsePatterns(patterns, names.length, take, check) };
  }
  const text = take(name, isText, "variables", "a name");
  if (of === "level") return { of, name: text, levels: take(levels, isPositive, "variables", "a number of levels") };
  const kind = take(of, isGiven, "variables", "patterns, level or given");
  const known = take(categories, listOf(isText), "variables", "categories");
  check(known.length > 1, "variables", "categories");
  return { of: kind, name: text, categories: known };
}

function parsePatterns(patterns: unknown, width: number, take: Take, check: Check): GapPatterns {
  const { sizes, seen, shares } = take(patterns, isFields, "patterns", "an object");
  const size = take(sizes, listOf(isPositive), "patterns.sizes", "the states of each column");
  check(size.length === width && size.every((n) => n > 1), "patterns.sizes", "the states of each column");
  const found = take(seen, listOf(isState), "patterns.seen", "patterns");
  check(found.length > 0 && found.length % width === 0, "patterns.seen", "patterns");
  check(
    found.every((s, at) => s < size[at % width]),
    "patterns.seen",
    "patterns",
  );
  const rows = new Set(
    Array.from({ length: found.length / width }, (_, k) => found.slice(k * width, (k + 1) * width).join()),
  );
  check(rows.size * width === found.length, "patterns.seen", "each pattern once");
  const q = take(shares, listOf(listOf(isShare)), "patterns.shares", "shares of states");
  check(q.length === width && q.every((of, j) => of.length === size[j]), "patterns.shares", "shares of states");
  const sums = q.map((of) => of.reduce((sum, x) => sum + x, 0));
  check(
    sums.every((sum) => Math.abs(sum - 1) < 1e-9),
    "patterns.shares",
    "shares that sum to one",
  );
  return { sizes: size, seen: found, shares: q };
}

function parseNode(node: Fields, k: number, sizes: readonly number[], take: Take, check: Check): TreeNode {
  const wanted = `${sizes[k]} counts at node ${k + 1}`;
  const counts = take(node.counts, listOf(isCount), "tree", wanted);
  check(counts.length === sizes[k], "tree", wanted);
  check(
    counts.some((n) => n > 0),
    "tree",
    "some rows",
  );
  const parent = take(node.parent, isParent, "tree", "a parent before its children, or -1");
  check(parent < k, "tree", "a parent before its children, or -1");
  const strength = take(node.strength, isCount, "tree", "a strength above 0");
  check(parent === -1 || strength > 0, "tree", "a strength above 0");
  const pairs = take(node.pairs, listOf(isCount), "tree", "pairs");
  check(pairs.length % 3 === 0, "tree", "pairs");
  if (parent === -1) return { counts, parent, strength, pairs };
  const [above, own] = [sizes[parent], sizes[k]];
  const isBelow = (x: number, size: number): boolean => isState(x) && x < size;
  const found = new Set<number>();
  for (let at = 0; at < pairs.length; at += 3) {
    check(isBelow(pairs[at], above) && isBelow(pairs[at + 1], own), "tree", "pairs of states");
    found.add(pairs[at] * own + pairs[at + 1]);
  }
  check(3 * found.size === pairs.length, "tree", "each pair once");
  return { counts, parent, strength, pairs };
}
