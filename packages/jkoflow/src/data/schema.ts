/**
 * What the columns of a table mean: numbers, integers, categories; their bounds; what a missing cell is. A flow needs
 * numbers that have a density, so rows are encoded before (encode.ts) and decoded after it.
 *
 *   number     x itself (with `noise` w: x + U[0, w))
 *   integer    x + U[0, 1)
 *   category   the code of its level + U[0, 1), levels in order of their frequency; a missing cell is a level of its own
 *   missing    in a number or integer: a draw from a known density q in its place, and one more column, 0 or 1 + U[0, 1)
 *
 * What is discrete may stand apart from the flow instead (`apart`): the level of a category, and of a number or integer
 * whether its cell is missing or one of its atoms, are cells with a distribution of their own (cells.ts), and the flow is
 * that of the other columns given the cells.
 *
 * Bounds are a transform of the standardiser: nothing that is drawn from a flow lies outside of them.
 */
import type { CellDistribution } from "./cellVariables.ts";
import { matchColumns, type Table } from "./table.ts";
import type { Bounds } from "./transform.ts";

/** What a column holds. */
export interface SchemaColumn {
  readonly name: string;
  readonly kind: "number" | "integer" | "category";
  /** Of a category: code k is level k; null is the level of missing cells. */
  readonly levels?: readonly (string | null)[];
  /** Declared. An integer may be equal to its bounds, a number may not. */
  readonly bounds?: Bounds;
  /** Found: as declared bounds, where none are, for a column that is positive everywhere. */
  readonly support?: Bounds;
  /** What is drawn is brought into it, ends included; rows outside of it have a density all the same. */
  readonly range?: Bounds;
  /** What is drawn is rounded to so many decimals, as all values of the training rows are. */
  readonly decimals?: number;
  /** What is drawn is brought to the nearest of these rising values, which the training rows repeat (recurringValues.ts). */
  readonly values?: readonly number[];
  /** Width of the uniform noise of a number. */
  readonly noise?: number;
  /**
   * Subtracted from the user's numbers in float64, before they become float32: raw and encoded rows hold x - offset, and so
   * do bounds and q; words of categories are of x. A density is not changed by it.
   */
  readonly offset?: number;
  /** Cells may be missing: q is the normal of this mean and deviation, on the scale of the transform of the bounds. */
  readonly missing?: CellNormal;
  /** Values with a probability of their own; their cells are filled as missing ones are. Only of columns that stand apart. */
  readonly atoms?: CellNormal & { readonly values: readonly number[] };
  /** Whether what is discrete of the column is a cell, and not in the flow. */
  readonly apart?: true;
}

/** The normal from which the dimension of a cell without a number is filled. */
export interface CellNormal {
  readonly mean: number;
  readonly sd: number;
}

/** The columns of a table as its owner knows it, in their order. */
export interface Schema {
  readonly columns: readonly SchemaColumn[];
  /** Of the columns that stand apart, once it is fitted to training rows. */
  readonly cells?: CellDistribution;
}

/**
 * All columns are numbers: encoding changes nothing.
 *
 * @example
 * ```ts
 * import { boundText, cellText, encodedBounds, encodedColumns, parseSchema, plainSchema, schemaOffsets } from "jkoflow/data";
 * import { indicatorName } from "jkoflow/data";
 *
 * const schema = plainSchema(["a", "b"]); // numbers
 * console.log(encodedColumns(schema), encodedBounds(schema), schemaOffsets(schema), boundText(schema), cellText(schema));
 * console.log(parseSchema(JSON.parse(JSON.stringify(schema))).columns.length, indicatorName("a")); // 2 a is missing
 * ```
 */
export const plainSchema = (names: readonly string[]): Schema => ({
  columns: names.map((name) => ({ name, kind: "number" })),
});

/** Whether encoding and decoding change nothing: all columns are numbers, and nothing more is known of them. */
export const isPlain = ({ columns }: Schema): boolean =>
  columns.every((column) => column.kind === "number" && Object.keys(column).length === 2);

/** What was subtracted from columns, by name. */
export const schemaOffsets = ({ columns }: Schema): Record<string, number> =>
  Object.fromEntries(columns.flatMap(({ name, offset }) => (offset ? [[name, offset] as const] : [])));

/** The column that says of each row whether the cell is missing. */
export const indicatorName = (name: string): string => `${name} is missing`;

/** q of a column whose cells may hold no number. */
export const fillOf = ({ missing, atoms }: SchemaColumn): CellNormal | undefined => missing ?? atoms;

/** How many encoded columns it becomes. */
export function encodedWidth({ kind, missing, apart }: SchemaColumn): 0 | 1 | 2 {
  if (apart) return kind === "category" ? 0 : 1;
  return missing ? 2 : 1;
}

/** The names of the encoded columns. */
export function encodedColumns({ columns }: Schema): string[] {
  const names = columns.flatMap((column) => [column.name, indicatorName(column.name)].slice(0, encodedWidth(column)));
  return names.length > 0 ? names : [NOISE_COLUMN];
}

/** Of a table of cells alone: a flow needs a number, and gets one that is drawn from N(0, 1) and says nothing. */
export const NOISE_COLUMN = "(noise)";

export const isCellsAlone = ({ columns }: Schema): boolean => columns.every((column) => encodedWidth(column) === 0);

/** Bounds of the encoded columns, for the standardiser: the cells of whole numbers reach to the next one. */
export function encodedBounds({ columns }: Schema): Record<string, Bounds> {
  return Object.fromEntries(
    columns.flatMap((column) => {
      const bounds = boundsOf(column);
      const own: [string, Bounds][] = bounds ? [[column.name, bounds]] : [];
      const indicator: [string, Bounds] = [indicatorName(column.name), [0, 2]];
      const width = encodedWidth(column);
      return width === 0 ? [] : width === 1 ? own : [...own, indicator];
    }),
  );
}

/** Of one encoded column. */
export function boundsOf({ kind, levels, bounds, support }: SchemaColumn): Bounds | undefined {
  if (kind === "category") return [0, levels!.length];
  if (!bounds) return support;
  if (kind === "number" || bounds[1] === null) return bounds;
  return [bounds[0], bounds[1] + 1];
}

/** The lower bound that scores of such rows are, in words; undefined when the density is exact. */
export function boundText({ columns }: Schema): string | undefined {
  const names = (wanted: (column: SchemaColumn) => unknown): string =>
    columns
      .filter(wanted)
      .map(({ name }) => name)
      .join(", ");
  const tied = names(({ kind, noise, apart }) => (kind !== "number" || noise) && !(kind === "category" && apart));
  const missing = names((column) => column.missing);
  const atoms = names((column) => !column.missing && fillOf(column));
  const widths = names(({ noise }) => noise);
  const lack = widths && `, to which the ln of their widths is to be added for ${widths}`;
  const exact = names(({ apart }) => apart);
  const parts = [
    tied && `of the cells of ${tied}: ln P(x) >= E ln p(x + u)${lack}`,
    (missing || atoms) &&
      `with ${[missing && `what is missing in ${missing}`, atoms && `a number in the place of the atoms of ${atoms}`].filter(Boolean).join(" and ")} integrated out: ln p(rest) >= E[ln p(rest, draw) - ln q(draw)]`,
    isCellsAlone({ columns }) && "with the noise that stands for numbers integrated out",
  ].filter(Boolean);
  if (parts.length === 0) return undefined;
  const more = exact && `; the probability of what is discrete in ${exact} is exact`;
  return `log-densities are lower bounds, probabilities ${parts.join("; and ")}${more}`;
}

/** What a score is, where some columns stand apart; undefined where none does. */
export function cellText({ columns }: Schema): string | undefined {
  const names = columns.filter(({ apart }) => apart).map(({ name }) => name);
  if (names.length === 0) return undefined;
  return `scores are ln P(what is discrete in ${names.join(", ")}) + ln p(the rest, given that)`;
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
