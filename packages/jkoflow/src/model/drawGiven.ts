/** What a model is given, drawn: a user's columns as they occur in training rows, cells from their distribution. */
import {
  type ConditionRows,
  cellColumns,
  drawCells,
  drawConditions,
  type Given,
  joinConditions,
  pooledColumns,
  type Schema,
} from "../data/index.ts";
import { InputError } from "../errors/index.ts";
import { fold, type Key } from "../random/index.ts";
import type { ModelCondition } from "./modelCondition.ts";

/** What of a model says what it is given. */
interface GivenBy {
  readonly condition?: ModelCondition;
  readonly schema?: Schema;
}

/**
 * n rows of all that the flow is given; `given` values by column, what is not given is drawn.
 * @throws InputError for an unknown column, level or category.
 */
export function drawGiven({ condition, schema }: GivenBy, key: Key, n: number, given: Given): ConditionRows {
  const cells = schema?.cells ? cellColumns(schema) : [];
  const levels = cells.filter(({ of }) => of === "level").map(({ name }) => name);
  const users = condition ? pooledColumns(condition.encoder) : [];
  const isCell = (name: string): boolean => levels.includes(name) && !users.some((column) => column.name === name);
  const own = Object.fromEntries(Object.entries(given).filter(([name]) => !isCell(name)));
  const unknown = Object.keys(own).find((name) => !users.some((column) => column.name === name));
  if (unknown !== undefined) {
    const known = [...users.map(({ name }) => name), ...levels];
    const came = known.length === 0 ? unknown : `no column ${JSON.stringify(unknown)}`;
    const expected = known.length === 0 ? "nothing: the model has no condition" : `one of ${known.join(", ")}`;
    throw new InputError({ where: "given", came, expected });
  }
  const drawn = users.length > 0 ? drawConditions(condition!.encoder, condition!.pool, own, key, n) : undefined;
  if (cells.length === 0) return drawn ?? { rows: n, columns: [] };
  const codes = Object.fromEntries(
    Object.entries(given)
      .filter(([name]) => isCell(name))
      .map(([name, value]) => [name, levelCode(schema!, name, String(value))]),
  );
  return joinConditions(drawn, drawCells(schema!.cells!, cells, fold(key, "cells"), n, codes, drawn))!;
}

/**
 * What a user gives of n rows together with cells drawn for each of them, where the model has some.
 * @throws InputError where the cells need given columns that are not there.
 */
export function besideCells(
  { schema }: GivenBy,
  key: Key,
  n: number,
  given: ConditionRows | undefined,
): ConditionRows | undefined {
  if (schema?.cells === undefined) return given;
  return joinConditions(given, drawCells(schema.cells, cellColumns(schema), fold(key, "cells"), n, {}, given));
}

/** The code of a level by its word, "" for a missing one. */
function levelCode({ columns }: Schema, name: string, word: string): number {
  const levels = columns.find((column) => column.name === name)!.levels!;
  const code = levels.indexOf(word === "" ? null : word);
  if (code >= 0) return code;
  const known = levels.slice(0, 12).map((level) => level ?? "(missing)");
  const more = levels.length > 12 ? `, ... (${levels.length})` : "";
  const expected = `one of ${known.join(", ")}${more}`;
  throw new InputError({
    where: "given",
    place: `column ${JSON.stringify(name)}`,
    came: JSON.stringify(word),
    expected,
  });
}
