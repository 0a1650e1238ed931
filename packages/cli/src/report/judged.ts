/** The rows that a model is judged by. */
import { data } from "jkoflow";
import type { RunProblem } from "../run/problem.ts";

/** Rows that a model is judged by, with what is given of them. */
export interface Judged {
  readonly table: data.Table;
  readonly given?: data.ConditionRows;
  /** What is to be added to log-densities. */
  readonly weight?: Float64Array;
}

/** The test rows, or where there are none those of validation. */
export function judgedRows({ test, validation, conditions, weights }: RunProblem): Judged {
  const given = test ? conditions?.test : conditions?.validation;
  const weight = test ? weights.test : weights.validation;
  return { table: test ?? validation, ...(given ? { given } : {}), ...(weight ? { weight } : {}) };
}

const firstRows = (table: data.Table, rows: number): data.Table =>
  table.rows <= rows ? table : { ...table, rows, values: table.values.subarray(0, rows * table.columns.length) };

export const firstJudged = ({ table, given }: Judged, rows: number): Judged => {
  if (given === undefined || table.rows <= rows) return { table: firstRows(table, rows), ...(given ? { given } : {}) };
  return {
    table: firstRows(table, rows),
    given: data.takeConditions(
      given,
      Array.from({ length: rows }, (_, i) => i),
    ),
  };
};
