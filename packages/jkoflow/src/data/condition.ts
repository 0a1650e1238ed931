/**
 * What a conditional model p(x | y) is given: columns y of categories or numbers, and how they become covariates.
 *
 *   category   one column of 0 and 1 for each category, in the order of the words
 *   number     (y - mean) / sd, mean and standard deviation (population) of the training rows
 *   cell       the code of something discrete of the row itself (cells.ts): one column of 0 and 1 where there are two levels,
 *              else one for each level, the rare ones beyond the first 64 together; code -1, not known, is zeros
 */

import { InputError } from "../errors/errors.ts";
import { checkIndices } from "../errors/kinds.ts";
import { meanAndSd } from "./summary.ts";

/** Values of one given column, one for each row. */
export type ConditionValues =
  | { readonly name: string; readonly kind: "category"; readonly values: readonly string[] }
  | { readonly name: string; readonly kind: "number"; readonly values: Float64Array }
  | { readonly name: string; readonly kind: "cell"; readonly values: Int32Array; readonly levels: number };

/** Given columns of the same rows. */
export interface ConditionRows {
  readonly rows: number;
  readonly columns: readonly ConditionValues[];
}

/** What is known of a given column after training. Plain data that survives JSON. */
export type ConditionColumn =
  | {
      readonly name: string;
      readonly kind: "category";
      readonly categories: readonly string[];
      /** Share of the training rows, by category. */
      readonly frequencies: readonly number[];
    }
  | { readonly name: string; readonly kind: "number"; readonly mean: number; readonly sd: number }
  | { readonly name: string; readonly kind: "cell"; readonly levels: number };

/** Given columns as training found them, and the way to their covariates. */
export interface Condition {
  readonly columns: readonly ConditionColumn[];
  /** Columns of the covariates. */
  readonly width: number;
  /**
   * Covariates `[n, width]`. Columns are matched by name; numbers of a column of categories are read as words.
   * @throws InputError for a missing column, an unknown category (naming the known ones), or a number that is not finite.
   */
  encode(rows: ConditionRows): Float32Array;
}

/** Whole numbers with at most so many distinct values are taken for categories. */
const MOST_NUMBERED_CATEGORIES = 20;
/** More words than this are names of rows, not categories. */
const MOST_CATEGORIES = 200;
/** Levels of a cell with a covariate of their own. */
const MOST_SHOWN = 64;

/** Numbers before words, numbers by size. */
function compareWords(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)];
  const [first, second] = [Number.isNaN(x), Number.isNaN(y)];
  if (first !== second) return first ? 1 : -1;
  return !first && x !== y ? x - y : a < b ? -1 : a > b ? 1 : 0;
}

/**
 * A column of cells as read: categories where a cell is no number, or where all are whole numbers of at most 20 distinct
 * values; else numbers. `kind` decides otherwise.
 * @throws InputError for a word in a column that was said to be of numbers.
 */
export function conditionValues(name: string, cells: readonly string[], kind?: "category" | "number"): ConditionValues {
  const numbers = Float64Array.from(cells, (cell) => (cell.trim() === "" ? Number.NaN : Number(cell)));
  const word = numbers.findIndex((value) => !Number.isFinite(value));
  if (kind === "number" && word >= 0) {
    const came = `${JSON.stringify(cells[word])} in row ${word + 1}`;
    throw new InputError({ where: "condition", place: `column ${JSON.stringify(name)}`, came, expected: "numbers" });
  }
  const numbered = word < 0 && numbers.every(Number.isInteger) && new Set(numbers).size <= MOST_NUMBERED_CATEGORIES;
  const category = kind === undefined ? word >= 0 || numbered : kind === "category";
  if (!category) return { name, kind: "number", values: numbers };
  return { name, kind: "category", values: cells.map(categoryWord) };
}

/** A category as it is known by: whole numbers in one form ("3" for "3.0"), other words without blanks around them. */
export function categoryWord(cell: string): string {
  const word = cell.trim();
  const number = Number(word);
  return word !== "" && Number.isSafeInteger(number) ? String(number) : word;
}

/** The rows of the given indices, in this order. */
export function takeConditions({ columns, rows: all }: ConditionRows, indices: ArrayLike<number>): ConditionRows {
  checkIndices(indices, all, "takeConditions");
  const rows = indices.length;
  return {
    rows,
    columns: columns.map((column): ConditionValues => {
      if (column.kind === "number")
        return { ...column, values: Float64Array.from({ length: rows }, (_, i) => column.values[indices[i]]) };
      if (column.kind === "cell")
        return { ...column, values: Int32Array.from({ length: rows }, (_, i) => column.values[indices[i]]) };
      return { ...column, values: Array.from({ length: rows }, (_, i) => column.values[indices[i]]) };
    }),
  };
}

/**
 * Learn categories, frequencies and scales from training rows.
 * @throws InputError when there is no column, one has a single value, or one has more than 200 categories.
 */
export function fitCondition({ columns, rows }: ConditionRows): Condition {
  if (columns.length === 0) throw new InputError({ where: "condition", came: "no column", expected: "at least one" });
  return createCondition(
    columns.map((column): ConditionColumn => {
      const { name } = column;
      if (column.kind === "cell") return { name, kind: "cell", levels: column.levels };
      const fail = (came: string, expected: string, fix: string): never => {
        throw new InputError({ where: "condition", place: `column ${JSON.stringify(name)}`, came, expected, fix });
      };
      if (column.kind === "number") {
        const { mean, sd } = meanAndSd(column.values);
        if (!(sd > 0)) fail("one value in all training rows", "values that differ", "leave it out");
        return { name, kind: "number", mean, sd };
      }
      const counts = new Map<string, number>();
      for (const word of column.values) counts.set(word, (counts.get(word) ?? 0) + 1);
      const categories = [...counts.keys()].sort(compareWords);
      if (categories.length < 2) fail("one category in all training rows", "at least two", "leave it out");
      if (categories.length > MOST_CATEGORIES) {
        fail(`${categories.length} categories`, `at most ${MOST_CATEGORIES}`, "give it as numbers, or merge rare ones");
      }
      return { name, kind: "category", categories, frequencies: categories.map((word) => counts.get(word)! / rows) };
    }),
  );
}

/** The columns that a column of the table becomes. */
export function covariatesOf(column: ConditionColumn): number {
  if (column.kind === "number") return 1;
  if (column.kind === "category") return column.categories.length;
  return column.levels === 2 ? 1 : Math.min(column.levels, MOST_SHOWN);
}

/** Of the covariates of a cell, the one that is 1; -1 for none. */
function shownLevel(levels: number, code: number): number {
  return levels === 2 ? code - 1 : Math.min(code, MOST_SHOWN - 1);
}

/** From a description that `fitCondition` made; for one from a file use `parseCondition`. */
export function createCondition(columns: readonly ConditionColumn[]): Condition {
  const width = columns.reduce((n, column) => n + covariatesOf(column), 0);
  return {
    columns,
    width,
    encode: (given) => {
      const y = new Float32Array(given.rows * width);
      let at = 0;
      for (const column of columns) {
        const cells = findValues(given, column.name);
        for (let i = 0; i < given.rows; i++) {
          const place = i * width + at;
          if (column.kind === "cell") {
            const shown = shownLevel(column.levels, Number(cells[i]));
            if (shown >= 0) y[place + shown] = 1;
          } else if (column.kind === "category") y[place + categoryIndex(column, String(cells[i]), i)] = 1;
          else y[place] = (finite(column.name, cells[i], i) - column.mean) / column.sd;
        }
        at += covariatesOf(column);
      }
      return y;
    },
  };
}

/** The given columns of both, which are of the same rows. */
export function joinConditions(
  first: ConditionRows | undefined,
  second: ConditionRows | undefined,
): ConditionRows | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return { rows: first.rows, columns: [...first.columns, ...second.columns] };
}

/** What a user gave: the columns that are no cells of the rows themselves; undefined where there are none. */
export function userConditions(given: ConditionRows | undefined): ConditionRows | undefined {
  const columns = given?.columns.filter(({ kind }) => kind !== "cell") ?? [];
  return columns.length === 0 ? undefined : { rows: given!.rows, columns };
}

function findValues({ columns }: ConditionRows, name: string): readonly string[] | Float64Array | Int32Array {
  const found = columns.find((column) => column.name === name);
  if (found !== undefined) return found.values;
  const given = columns.map((column) => column.name).join(", ");
  throw new InputError({
    where: "condition",
    came: given === "" ? "no columns" : `columns ${given}`,
    expected: `a value of ${JSON.stringify(name)} for each row`,
  });
}

const placeOf = (name: string, row: number | undefined): string =>
  `${row === undefined ? "" : `row ${row + 1}, `}column ${JSON.stringify(name)}`;

/**
 * The place of a category; `row` is for the message.
 * @throws InputError naming the known ones.
 */
export function categoryIndex(
  { name, categories }: Extract<ConditionColumn, { kind: "category" }>,
  word: string,
  row?: number,
): number {
  const index = categories.indexOf(categoryWord(word));
  if (index >= 0) return index;
  const known = categories.slice(0, 12).join(", ") + (categories.length > 12 ? `, ... (${categories.length})` : "");
  const came = JSON.stringify(word);
  throw new InputError({ where: "condition", place: placeOf(name, row), came, expected: `one of ${known}` });
}

function finite(name: string, cell: string | number, row: number): number {
  const value = typeof cell === "number" ? cell : cell.trim() === "" ? Number.NaN : Number(cell);
  if (Number.isFinite(value)) return value;
  const came = JSON.stringify(cell) ?? "nothing";
  throw new InputError({ where: "condition", place: placeOf(name, row), came, expected: "a number" });
}
