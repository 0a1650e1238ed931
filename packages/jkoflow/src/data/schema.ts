/**
 * What the columns of a table mean: numbers, integers, categories; their bounds; what a missing cell is. A flow needs
 * numbers that have a density, so rows are encoded before (encode.ts) and decoded after it.
 *
 *   number     x itself (with `noise` w: x + U[0, w))
 *   integer    x + U[0, 1)
 *   category   the code of its level + U[0, 1), levels in order of their frequency; a missing cell is a level of its own
 *   missing    in a number or integer: a draw from a known density q in its place, and one more column, 0 or 1 + U[0, 1)
 *
 * Bounds are a transform of the standardiser: nothing that is drawn from a flow lies outside of them.
 */
import { InputError } from "../errors/errors.ts";
import { matchColumns, type Table } from "./table.ts";
import { type Bounds, isBounds } from "./transform.ts";

/** What a column holds. */
export interface SchemaColumn {
  readonly name: string;
  readonly kind: "number" | "integer" | "category";
  /** Of a category: code k is level k; null is the level of missing cells. */
  readonly levels?: readonly (string | null)[];
  /** Declared. An integer may be equal to its bounds, a number may not. */
  readonly bounds?: Bounds;
  /** Width of the uniform noise of a number. */
  readonly noise?: number;
  /**
   * Subtracted from the user's numbers in float64, before they become float32: raw and encoded rows hold x - offset, and so
   * do bounds and q; words of categories are of x. A density is not changed by it.
   */
  readonly offset?: number;
  /** Cells may be missing: q is the normal of this mean and deviation, on the scale of the transform of the bounds. */
  readonly missing?: { readonly mean: number; readonly sd: number };
}

/** The columns of a table as its owner knows it, in their order. */
export interface Schema {
  readonly columns: readonly SchemaColumn[];
}

/** All columns are numbers: encoding changes nothing. */
export const plainSchema = (names: readonly string[]): Schema => ({
  columns: names.map((name) => ({ name, kind: "number" })),
});

/** Whether rows of the user are rows of a flow: all columns are numbers, without bounds, noise, missing cells or offset. */
export const isPlain = ({ columns }: Schema): boolean =>
  columns.every(
    ({ kind, bounds, noise, missing, offset }) => kind === "number" && !bounds && !noise && !missing && !offset,
  );

/** What was subtracted from columns, by name. */
export const schemaOffsets = ({ columns }: Schema): Record<string, number> =>
  Object.fromEntries(columns.flatMap(({ name, offset }) => (offset ? [[name, offset] as const] : [])));

/** The column that says of each row whether the cell is missing. */
export const indicatorName = (name: string): string => `${name} is missing`;

/** The names of the encoded columns. */
export const encodedColumns = ({ columns }: Schema): string[] =>
  columns.flatMap(({ name, missing }) => (missing ? [name, indicatorName(name)] : [name]));

/** Bounds of the encoded columns, for the standardiser: the cells of whole numbers reach to the next one. */
export function encodedBounds({ columns }: Schema): Record<string, Bounds> {
  const all: [name: string, bounds: Bounds][] = [];
  for (const column of columns) {
    const bounds = boundsOf(column);
    if (bounds) all.push([column.name, bounds]);
    if (column.missing) all.push([indicatorName(column.name), [0, 2]]);
  }
  return Object.fromEntries(all); // an assignment to all["__proto__"] would be none
}

/** Of one encoded column. */
export function boundsOf({ kind, levels, bounds }: SchemaColumn): Bounds | undefined {
  if (kind === "category") return [0, levels!.length];
  if (kind === "number" || !bounds || bounds[1] === null) return bounds;
  return [bounds[0], bounds[1] + 1];
}

/** The lower bound that scores of such rows are, in words; undefined when the density is exact. */
export function boundText({ columns }: Schema): string | undefined {
  const names = (wanted: (column: SchemaColumn) => unknown): string =>
    columns
      .filter(wanted)
      .map(({ name }) => name)
      .join(", ");
  const tied = names(({ kind, noise }) => kind !== "number" || noise);
  const missing = names((column) => column.missing);
  const widths = names(({ noise }) => noise);
  const lack = widths && `, to which the ln of their widths is to be added for ${widths}`;
  const parts = [
    tied && `of the cells of ${tied}: ln P(x) >= E ln p(x + u)${lack}`,
    missing && `with what is missing in ${missing} integrated out: ln p(rest) >= E[ln p(rest, draw) - ln q(draw)]`,
  ].filter(Boolean);
  return parts.length === 0 ? undefined : `log-densities are lower bounds, probabilities ${parts.join("; and ")}`;
}

/**
 * The raw table with exactly the columns of a schema, in its order.
 * @throws InputError when a column is missing or there are others.
 */
export const matchSchema = (schema: Schema, table: Table): Table =>
  matchColumns(
    table,
    schema.columns.map(({ name }) => name),
  );

/**
 * A schema from parsed JSON of anywhere.
 * @throws InputError when it is none.
 */
export function parseSchema(value: unknown, where = "schema"): Schema {
  const check = (ok: boolean, place: string, expected: string): void => {
    if (!ok) throw new InputError({ where, place, came: "another value", expected });
  };
  const isRecord = (x: unknown): x is Record<string, unknown> => typeof x === "object" && x !== null;
  check(isRecord(value) && Array.isArray(value.columns) && value.columns.length > 0, "columns", "a list of columns");
  const columns = (value as { columns: unknown[] }).columns.map((column, k): SchemaColumn => {
    const place = `column ${k + 1}`;
    check(isRecord(column), place, "an object");
    const { name, kind, levels, bounds, noise, missing, offset } = column as Record<string, unknown>;
    check(typeof name === "string", place, "a name");
    check(kind === "number" || kind === "integer" || kind === "category", place, "number, integer or category");
    const isLevel = (level: unknown): boolean => level === null || typeof level === "string";
    const isLevels = Array.isArray(levels) && levels.length > 0 && levels.every(isLevel);
    check(kind === "category" ? isLevels : levels === undefined, place, "levels of a category, each once");
    if (isLevels) check(new Set(levels).size === levels.length, place, "each level once");
    check(bounds === undefined || (kind !== "category" && isBounds(bounds)), place, "bounds such as [0, null]");
    check(noise === undefined || (kind === "number" && (noise as number) > 0), place, "a width above 0");
    check(offset === undefined || Number.isFinite(offset), place, "a finite offset");
    const q = missing as { mean: number; sd: number } | undefined;
    const isNormal = isRecord(missing) && Number.isFinite(q!.mean) && Number.isFinite(q!.sd) && q!.sd > 0;
    check(missing === undefined || (kind !== "category" && isNormal), place, "a mean and a deviation above 0");
    return column as unknown as SchemaColumn;
  });
  const names = encodedColumns({ columns });
  check(new Set(names).size === names.length, "columns", "each name once");
  return { columns };
}
