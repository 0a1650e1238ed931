/** What a model is trained on: tables, and what is known of their columns. */
import type { ConditionRows } from "./condition.ts";
import type { Schema } from "./schema.ts";
import type { Table } from "./table.ts";
import type { Bounds } from "./transform.ts";

/**
 * Tables with the same columns, in the user's units.
 *
 * @example
 * ```ts
 * import { createKey, data, jkoIflow, type Problem } from "jkoflow";
 *
 * const all = data.createTable(data.toys.moons.sample(createKey("rows"), 600), ["x", "y"]);
 * const problem: Problem = {
 *   train: data.takeRows(all, Array.from({ length: 500 }, (_, i) => i)),
 *   validation: data.takeRows(all, Array.from({ length: 100 }, (_, i) => 500 + i)),
 * };
 * console.log(jkoIflow.defaults(problem, createKey(0)).hidden);
 * ```
 */
export interface Problem {
  readonly train: Table;
  readonly validation: Table;
  /** Given columns of the same rows, for p(x | y). */
  readonly conditions?: { readonly train: ConditionRows; readonly validation: ConditionRows };
  /** Declared bounds of columns, by name. */
  readonly bounds?: Readonly<Record<string, Bounds>>;
  /**
   * Called when a system has moved the training rows, standardised, into the engine and will not look at `train` again: a
   * caller with a large table can let it go then.
   */
  readonly onMoved?: () => void;
}

/** With a schema the tables hold raw rows: codes of categories, NaN where a cell is missing. */
export interface RawProblem extends Problem {
  /** Of `data.fitSchema`; its declared bounds are in it. */
  readonly schema?: Schema;
}
