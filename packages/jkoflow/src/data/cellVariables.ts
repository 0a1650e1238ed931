/** The distribution of cells as plain data: its variables, the tree and the table of combinations (cellDistribution.ts). */
import type { TreeNode } from "./chowLiu.ts";
import { type GapPatterns, patternStates } from "./gapPatterns.ts";

/** A variable of the distribution. */
export type CellVariable =
  | { readonly of: "patterns"; readonly columns: readonly string[]; readonly patterns: GapPatterns }
  | { readonly of: "level"; readonly name: string; readonly levels: number }
  | { readonly of: "given"; readonly name: string; readonly categories: readonly string[] };

/** Plain data that survives JSON. */
export interface CellDistribution {
  /** In the order of the tree's nodes. */
  readonly variables: readonly CellVariable[];
  readonly tree: readonly TreeNode[];
  /** E: combinations, one after the other, and the rows of each. */
  readonly table: { readonly states: readonly number[]; readonly rows: readonly number[] };
  /** w */
  readonly weight: number;
}

/** States of a variable. */
export function variableStates(variable: CellVariable): number {
  if (variable.of === "patterns") return patternStates(variable.patterns);
  return variable.of === "level" ? variable.levels : variable.categories.length;
}
