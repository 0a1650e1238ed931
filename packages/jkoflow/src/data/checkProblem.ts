/** The check of what a model is to be trained on: tables with rows of finite numbers, and given columns of the same rows. */
import { cameOf, isPromise } from "../errors/came.ts";
import { InputError } from "../errors/index.ts";
import { nearestName } from "../errors/nearestName.ts";
import type { ConditionRows } from "./condition.ts";
import type { RawProblem } from "./problem.ts";
import { parseSchema } from "./schemaState.ts";
import { checkTable, type Table } from "./table.ts";
import { isBounds } from "./transform.ts";

const known: readonly (keyof RawProblem)[] = ["train", "validation", "conditions", "bounds", "schema", "onMoved"];

/**
 * @throws InputError saying what is missing, or where a number is not finite.
 *
 * @example
 * ```ts
 * import { checkProblem, tableOf } from "jkoflow/data";
 *
 * try {
 *   checkProblem({ train: tableOf([[1], [2]]), validation: tableOf([[Number.NaN]]) });
 * } catch (error) {
 *   console.log(error instanceof Error && error.message.length > 0);
 * }
 * ```
 */
export function checkProblem(problem: RawProblem): void {
  const isObject = typeof problem === "object" && problem !== null && !Array.isArray(problem) && !isPromise(problem);
  if (!isObject || "values" in problem) {
    const expected = "a training and a validation table: { train, validation }";
    throw new InputError({ where: "problem", came: cameOf(problem), expected });
  }
  // A table more is no mistake; a name that is nearly a known one would be ignored in silence.
  for (const name of Object.keys(problem)) {
    const near = nearestName(name, known);
    if (near === undefined || near === name) continue;
    const expected = known.join(", ");
    throw new InputError({ where: "problem", came: name, expected, fix: `did you mean ${near}?` });
  }
  const { conditions, bounds, schema, onMoved } = problem;
  if (schema !== undefined) parseSchema(schema, "schema");
  for (const part of ["train", "validation"] as const) {
    const table = problem[part];
    if (table === undefined) {
      const expected = part === "train" ? "a table of rows to train on" : "a table of rows held out of training";
      const fix = part === "train" ? undefined : "split one off: data.splitTable";
      throw new InputError({ where: part, came: "nothing", expected, fix });
    }
    checkTable(table, part);
    if (problem.schema === undefined) checkFinite(table, part);
  }
  if (conditions !== undefined) {
    if (!(isRows(conditions?.train) && isRows(conditions.validation))) {
      const expected = "rows of given columns: { train, validation }, each { rows, columns: [{ name, kind, values }] }";
      throw new InputError({ where: "conditions", came: cameOf(conditions), expected });
    }
    for (const part of ["train", "validation"] as const) checkGiven(conditions[part], problem[part].rows, part);
  }
  if (bounds !== undefined && (typeof bounds !== "object" || bounds === null || Array.isArray(bounds))) {
    throw new InputError({ where: "bounds", came: cameOf(bounds), expected: "pairs by column: { name: [low, high] }" });
  }
  for (const [name, pair] of Object.entries(bounds ?? {})) {
    if (isBounds(pair)) continue;
    const place = `column ${JSON.stringify(name)}`;
    const came = Array.isArray(pair) ? JSON.stringify(pair) : cameOf(pair);
    throw new InputError({ where: "bounds", place, came, expected: "[low, high], one of them may be null" });
  }
  if (onMoved !== undefined && typeof onMoved !== "function") {
    throw new InputError({ where: "onMoved", came: cameOf(onMoved), expected: "a function" });
  }
}

function checkFinite({ values, rows, columns }: Table, where: string): void {
  if (rows === 0) throw new InputError({ where, came: "a table of 0 rows", expected: "at least one row" });
  for (let at = 0; at < values.length; at++) {
    if (Number.isFinite(values[at])) continue;
    const place = `row ${Math.floor(at / columns.length) + 1}, column ${JSON.stringify(columns[at % columns.length])}`;
    const fix = "leave such rows out; for missing cells: data.encodeTable";
    throw new InputError({ where, place, came: String(values[at]), expected: "a finite number", fix });
  }
}

const isRows = (given: ConditionRows | undefined): given is ConditionRows =>
  Array.isArray(given?.columns) && given.columns.every((column) => typeof column?.name === "string");

function checkGiven({ rows, columns }: ConditionRows, expected: number, where: string): void {
  const fail = (came: string): never => {
    throw new InputError({ where: "conditions", place: where, came, expected: `${expected} rows, as in the table` });
  };
  if (rows !== expected) fail(`${cameOf(rows)} rows`);
  for (const { name, values } of columns) {
    if (values?.length !== rows) fail(`${cameOf(values?.length)} values of ${JSON.stringify(name)}`);
  }
}
