/** A schema from a file, checked. */
import { InputError } from "../errors/errors.ts";
import { parseCells } from "./cellState.ts";
import { cellColumns } from "./cells.ts";
import { encodedColumns, type Schema, type SchemaColumn } from "./schema.ts";
import { isBounds } from "./transform.ts";

const isRecord = (x: unknown): x is Record<string, unknown> => typeof x === "object" && x !== null && !Array.isArray(x);
const isNormal = (x: unknown): boolean =>
  isRecord(x) && Number.isFinite(x.mean) && Number.isFinite(x.sd) && (x.sd as number) > 0;

const areRising = (values: unknown): boolean =>
  Array.isArray(values) &&
  values.length > 1 &&
  values.every((x, k) => Number.isFinite(x) && (k === 0 || x > values[k - 1]));

/** Values of a column that are none of numbers, each once. */
function isAtoms(value: unknown): boolean {
  if (!isRecord(value) || !isNormal(value) || !Array.isArray(value.values)) return false;
  const { values } = value;
  return values.length > 0 && values.every(Number.isFinite) && new Set(values).size === values.length;
}

/**
 * A schema from parsed JSON of anywhere.
 * @throws InputError when it is none.
 */
export function parseSchema(value: unknown, where = "schema"): Schema {
  const check = (ok: boolean, place: string, expected: string): void => {
    if (!ok) throw new InputError({ where, place, came: "another value", expected });
  };
  check(isRecord(value) && Array.isArray(value.columns) && value.columns.length > 0, "columns", "a list of columns");
  const { columns: listed, cells } = value as { columns: unknown[]; cells?: unknown };
  const columns = listed.map((column, k): SchemaColumn => {
    const place = `column ${k + 1}`;
    check(isRecord(column), place, "an object");
    const { name, kind, levels, bounds, support, range, decimals, values, noise, offset, missing, atoms, apart } =
      column as Record<string, unknown>;
    check(typeof name === "string", place, "a name");
    check(kind === "number" || kind === "integer" || kind === "category", place, "number, integer or category");
    const isLevel = (level: unknown): boolean => level === null || typeof level === "string";
    const isLevels = Array.isArray(levels) && levels.length > 0 && levels.every(isLevel);
    check(kind === "category" ? isLevels : levels === undefined, place, "levels of a category, each once");
    if (isLevels) check(new Set(levels).size === levels.length, place, "each level once");
    for (const pair of [bounds, support, range])
      check(pair === undefined || (kind !== "category" && isBounds(pair)), place, "bounds such as [0, null]");
    const whole = decimals === undefined || (Number.isInteger(decimals) && (decimals as number) >= 0);
    check(whole && (decimals === undefined || kind === "number"), place, "a number of decimals, of a number");
    check(noise === undefined || (kind === "number" && (noise as number) > 0), place, "a width above 0");
    check(values === undefined || (kind !== "category" && areRising(values)), place, "rising values of a number");
    check(offset === undefined || Number.isFinite(offset), place, "a finite offset");
    const fills = [missing, atoms].filter((fill) => fill !== undefined);
    check(
      fills.every((fill) => kind !== "category" && isNormal(fill)),
      place,
      "a mean and a deviation above 0",
    );
    check(atoms === undefined || (isAtoms(atoms) && apart === true), place, "atoms of a column that stands apart");
    check(apart === undefined || apart === true, place, "apart: true, or nothing");
    check(apart === undefined || kind === "category" || fills.length > 0, place, "something discrete to stand apart");
    return column as unknown as SchemaColumn;
  });
  const names = encodedColumns({ columns });
  const all = [...names, ...cellColumns({ columns }).map(({ name }) => name)];
  check(new Set(all).size === all.length, "columns", "each name once");
  check(names.length > 0, "columns", "a column for the flow");
  if (cells === undefined) return { columns };
  return { columns, cells: parseCells(cells, cellColumns({ columns }), `${where}:cells`) };
}
