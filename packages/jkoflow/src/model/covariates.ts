/** Given columns on their way to the flow: what is said beside rows, checked and encoded. */
import { type Beside, type Conditions, checkBeside } from "../chain/index.ts";
import { cameOf } from "../errors/came.ts";
import { InputError } from "../errors/index.ts";
import type { ModelCondition } from "./modelCondition.ts";

/** @throws InputError for a time: a model of a table has none. */
export function givenBeside(beside: Beside | undefined): Conditions | undefined {
  const { at, given } = checkBeside(beside);
  if (at === undefined) return given;
  const expected = "none: a model of a table has no times";
  throw new InputError({ where: "model", place: "at", came: cameOf(at), expected });
}

const isConditionRows = (y: Exclude<Conditions, Float32Array>): boolean =>
  typeof y === "object" &&
  Number.isInteger(y?.rows) &&
  Array.isArray(y.columns) &&
  y.columns.every((column) => typeof column?.name === "string" && column.values?.length === y.rows);

/**
 * The covariates `[n, c]` of given columns; what is encoded already is taken as it is. Undefined without condition.
 * @throws InputError for columns that are missing or not wanted, and for what is none.
 */
export function covariatesOf(
  condition: ModelCondition | undefined,
  y: Conditions | undefined,
): Float32Array | undefined {
  if (y instanceof Float32Array) return y;
  if (y !== undefined && !isConditionRows(y)) {
    const expected = "rows of given columns: { rows, columns: [{ name, kind, values }] }";
    throw new InputError({ where: "condition", came: cameOf(y), expected });
  }
  if (condition === undefined) {
    if (y === undefined || y.columns.length === 0) return undefined;
    const came = `a column ${JSON.stringify(y.columns[0].name)}`;
    throw new InputError({ where: "condition", came, expected: "none: the model is not conditional" });
  }
  if (y !== undefined) return condition.encoder.encode(y);
  const names = condition.encoder.columns.map(({ name }) => name).join(", ");
  throw new InputError({ where: "condition", came: "none", expected: `values of ${names} for each row` });
}
