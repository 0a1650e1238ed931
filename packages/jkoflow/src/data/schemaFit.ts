/** The schema of a table, from what its user declares and, where asked for, from what its columns hold. */
import { InputError } from "../errors/errors.ts";
import { shortestWithOffset } from "../numbers/text.ts";
import { scaleOf } from "./encode.ts";
import { encodedColumns, indicatorName, type Schema, type SchemaColumn } from "./schema.ts";
import { columnIndex, type Table } from "./table.ts";
import { applyTransform, type Bounds } from "./transform.ts";

export interface SchemaWishes {
  /** "numbers": all that is not declared is a number. "auto": words are categories, small whole numbers integers. */
  readonly columnsAs?: "numbers" | "auto";
  readonly categorical?: readonly string[];
  readonly integer?: readonly string[];
  /** Numbers in spite of "auto". */
  readonly numeric?: readonly string[];
  readonly bounds?: Readonly<Record<string, Bounds>>;
  /** Widths of uniform noise on columns of numbers. */
  readonly noise?: Readonly<Record<string, number>>;
  /** What was subtracted from the columns of the table when it was read, by name; bounds are of x itself. */
  readonly offsets?: Readonly<Record<string, number>>;
}

export interface FittedSchema {
  readonly schema: Schema;
  /** What was found by "auto", and what a missing cell became. */
  readonly notes: readonly string[];
}

/** float32 has 24 bits; with less than 8 of them for the noise of a whole number it would be ties again. */
const LARGEST_INTEGER = 2 ** 16;
/** More words are names or identifiers. */
const MOST_LEVELS = 1000;

/**
 * Finds the schema of a raw table; NaN is a missing cell. `words` are the levels of columns of words by the codes they came
 * with; these codes, and the values of other categorical columns, are replaced in the table by those of the schema: levels
 * in order of their frequency, the commonest is 0.
 *
 * @throws InputError for a declaration that does not fit: an unknown column, one declared twice, a fraction in an integer
 * column, a value outside of its bounds, a bound of a category.
 */
export function fitSchema(
  table: Table,
  words: Readonly<Record<string, readonly string[]>>,
  wishes: SchemaWishes,
  where: string,
): FittedSchema {
  const { categorical = [], integer = [], numeric = [], noise = {}, offsets = {}, columnsAs = "numbers" } = wishes;
  const bounds = shiftedBounds(wishes.bounds, offsets);
  const declared = [...categorical, ...integer, ...numeric, ...Object.keys(noise)];
  for (const name of [...declared, ...Object.keys(bounds)]) columnIndex(table, name, where);
  for (const name of [...numeric, ...integer, ...Object.keys(noise)]) {
    if (name in words) throw problem(where, name, "words", "numbers, as it is declared to hold");
  }
  const twice = declared.find((name, k) => declared.indexOf(name) !== k);
  if (twice !== undefined) throw problem(where, twice, "declared twice", "one kind");
  const notes: string[] = [];
  const columns = table.columns.map((name, k): SchemaColumn => {
    const quoted = JSON.stringify(name);
    const offset = Object.hasOwn(offsets, name) ? { offset: offsets[name] } : {};
    const own = { name, ...offset, ...(bounds[name] ? { bounds: bounds[name] } : {}) };
    if (name in words || categorical.includes(name)) {
      if (bounds[name]) throw problem(where, name, "bounds of a category", "bounds of numbers");
      const levels = codeByFrequency(table, k, words[name], where, offset.offset);
      if (!categorical.includes(name)) {
        checkFound(words[name], table.rows, name, where);
        notes.push(`column ${quoted} is categorical: ${listed(levels)}`);
      }
      if (levels.includes(null)) notes.push(`column ${quoted}: a missing cell is a category of its own`);
      return { name, ...offset, kind: "category", levels };
    }
    const found = columnsAs === "auto" && !declared.includes(name) && holdsIntegers(table, k);
    if (found) notes.push(`column ${quoted} holds whole numbers: taken as integers`);
    const kind = integer.includes(name) || found ? "integer" : "number";
    const column: SchemaColumn = { ...own, kind, ...(noise[name] ? { noise: noise[name] } : {}) };
    checkColumn(table, k, column, where);
    const missing = observedNormal(table, k, column, where);
    if (!missing) return column;
    const indicator = JSON.stringify(indicatorName(name));
    notes.push(
      `column ${quoted} has missing cells: filled by draws from a known density, with the column ${indicator}`,
    );
    return { ...column, missing };
  });
  const schema = { columns };
  const names = encodedColumns(schema);
  const clash = names.find((name, k) => names.indexOf(name) !== k);
  if (clash !== undefined) throw problem(where, clash, "a column of that name", "another name", "rename it");
  return { schema, notes };
}

/** So many numbers to a word: the word is a slip, or a mark of its own for missing cells. */
const NUMBERS_TO_A_WORD = 4;
/** Fewer rows may well have a category each. */
const FEW_ROWS = 20;

/** @throws InputError for a column that was found to hold words, and is none of categories. */
function checkFound(words: readonly string[] = [], rows: number, name: string, where: string): void {
  const other = words.filter((word) => !(word.trim() !== "" && Number.isFinite(Number(word))));
  const drop = `leave it out: --drop ${name}`;
  if (other.length > 0 && words.length - other.length >= NUMBERS_TO_A_WORD * other.length) {
    const came = `${listed(other)} among ${words.length - other.length} different numbers`;
    const fix = `mend the cell, or empty it if it is a gap; for categories in spite of this: --categorical ${name}`;
    throw problem(where, name, came, "numbers or words", fix);
  }
  if (rows >= FEW_ROWS && words.length > rows / 2) {
    const came = `${words.length} different words in ${rows} rows`;
    throw problem(where, name, came, "categories, which occur again", drop);
  }
}

/**
 * Whether the cells of raw rows are what the schema says. With `missing` "pass" a cell that is missing though the schema
 * knows of none is no fault.
 * @throws InputError naming row and column of the first that is not; `firstRow` is the number of rows before.
 */
export function checkCells(
  schema: Schema,
  table: Table,
  where: string,
  firstRow = 0,
  missing: "refuse" | "pass" = "refuse",
): void {
  schema.columns.forEach((column, k) => {
    checkColumn(table, k, column, where, firstRow);
    if (missing === "refuse" && !column.missing && !column.levels?.includes(null))
      refuseMissing(table, k, where, firstRow);
  });
}

function refuseMissing({ values, rows, columns }: Table, k: number, where: string, firstRow: number): void {
  for (let i = 0; i < rows; i++) {
    if (!Number.isNaN(values[i * columns.length + k])) continue;
    const place = `row ${firstRow + i + 1}, column ${JSON.stringify(columns[k])}`;
    const expected = "a value, as in the training data";
    throw new InputError({ where, place, came: "a missing value", expected, fix: "clean the file" });
  }
}

function checkColumn(table: Table, k: number, column: SchemaColumn, where: string, firstRow = 0): void {
  const { kind, bounds, name, offset = 0 } = column;
  if (kind === "category" || (kind === "number" && !bounds)) return;
  const width = table.columns.length;
  const [low, high] = bounds ?? [null, null];
  const ends = kind === "integer" ? 0 : 1;
  for (let i = 0; i < table.rows; i++) {
    const x = table.values[i * width + k];
    if (Number.isNaN(x)) continue;
    const place = `row ${firstRow + i + 1}, column ${JSON.stringify(name)}`;
    if (kind === "integer" && !Number.isInteger(x)) {
      const expected = "a whole number: the column is one of integers";
      throw new InputError({ where, place, came: shortestWithOffset(x, offset), expected });
    }
    if (kind === "integer" && Math.abs(x) > LARGEST_INTEGER) {
      const fix = "take it as a number, with --dequantize NAME=WIDTH where its values are multiples of a width";
      const expected = `integers of at most ${LARGEST_INTEGER}${offset === 0 ? "" : ` from ${offset}`}`;
      throw new InputError({ where, place, came: shortestWithOffset(x, offset), expected, fix });
    }
    const below = low !== null && (x < low || (ends === 1 && x === low));
    const above = high !== null && (x > high || (ends === 1 && x === high));
    if (!below && !above) continue;
    const [least, most] = [low, high].map((end) => (end === null ? null : end + offset));
    const expected = `${declaredText(least, most, kind)}, as declared by its bounds`;
    const onBound = x === low || x === high;
    const fix = onBound ? "a value on a bound has no density there: declare wider bounds" : undefined;
    throw new InputError({ where, place, came: shortestWithOffset(x, offset), expected, fix });
  }
}

/** Bounds of x as bounds of x - offset. */
function shiftedBounds(bounds: SchemaWishes["bounds"] = {}, offsets: Readonly<Record<string, number>>) {
  const shifted = ([low, high]: Bounds, by: number): Bounds => [low && low - by, high && high - by];
  return Object.fromEntries(
    Object.entries(bounds).map(([name, pair]) => [
      name,
      Object.hasOwn(offsets, name) ? shifted(pair, offsets[name]) : pair,
    ]),
  );
}

function declaredText(low: number | null, high: number | null, kind: SchemaColumn["kind"]): string {
  const whole = kind === "integer";
  const least = low === null ? "" : ` ${whole ? "at least" : "above"} ${low}`;
  const most = high === null ? "" : ` ${whole ? "at most" : "below"} ${high}`;
  return `a value${least}${least && most && " and"}${most}`;
}

/** Mean and deviation of the cells that are there, on the scale of the column's bounds; undefined where none is missing. */
function observedNormal(table: Table, k: number, column: SchemaColumn, where: string): SchemaColumn["missing"] {
  const width = table.columns.length;
  const scale = scaleOf(column);
  const shift = column.kind === "integer" ? 0.5 : 0; // the middle of the cell
  const values: number[] = [];
  for (let i = 0; i < table.rows; i++) {
    const x = table.values[i * width + k];
    if (!Number.isNaN(x)) values.push(applyTransform(scale, x + shift));
  }
  const count = values.length;
  if (count === table.rows) return undefined;
  if (count === 0) throw problem(where, column.name, "no value at all", "some", `leave it out: --drop ${column.name}`);
  const mean = values.reduce((sum, u) => sum + u, 0) / count;
  if (values.some((u) => u !== values[0])) {
    return { mean, sd: Math.sqrt(values.reduce((sum, u) => sum + (u - mean) ** 2, 0) / count) };
  }
  if (column.kind === "integer" || column.noise) return { mean, sd: 1 };
  const fix = `take it as categories: --categorical ${column.name}`;
  throw problem(where, column.name, "one value beside missing cells", "values that vary", fix);
}

function holdsIntegers(table: Table, k: number): boolean {
  const width = table.columns.length;
  let some = false;
  for (let i = 0; i < table.rows; i++) {
    const x = table.values[i * width + k];
    if (Number.isNaN(x)) continue;
    if (!Number.isInteger(x) || Math.abs(x) > LARGEST_INTEGER) return false;
    some = true;
  }
  return some;
}

/** Replaces codes (or whole numbers) by the rank of their frequency; equal ones by the order of their words. */
function codeByFrequency(
  table: Table,
  k: number,
  words: readonly string[] | undefined,
  where: string,
  offset: number = 0,
) {
  const width = table.columns.length;
  const name = table.columns[k];
  const counts = new Map<number, number>(); // by code or value; NaN is a key like others
  for (let i = 0; i < table.rows; i++) {
    const x = table.values[i * width + k];
    counts.set(x, (counts.get(x) ?? 0) + 1);
  }
  if (counts.size > MOST_LEVELS) {
    const fix = `is it a name or an identifier? leave it out: --drop ${name}`;
    throw problem(where, name, `${counts.size} different values`, `at most ${MOST_LEVELS} categories`, fix);
  }
  const wordOf = (x: number): string | null => {
    if (Number.isNaN(x)) return null;
    if (words) return words[x];
    if (Number.isInteger(x)) return String(x + offset);
    throw problem(where, name, `the category ${shortestWithOffset(x, offset)}`, "words or whole numbers");
  };
  const levels = [...counts].map(([x, count]) => ({ x, count, word: wordOf(x) }));
  levels.sort((a, b) => b.count - a.count || ((a.word ?? "") < (b.word ?? "") ? -1 : 1));
  const ranks = new Map(levels.map(({ x }, rank) => [x, rank]));
  for (let at = k; at < table.values.length; at += width) table.values[at] = ranks.get(table.values[at])!;
  return levels.map(({ word }) => word);
}

function listed(levels: readonly (string | null)[]): string {
  const shown = levels.slice(0, 6).map((level) => (level === null ? "(missing)" : level));
  return `${shown.join(", ")}${levels.length > 6 ? `, ... (${levels.length} in all)` : ""}`;
}

function problem(where: string, name: string, came: string, expected: string, fix?: string): InputError {
  return new InputError({ where, place: `column ${JSON.stringify(name)}`, came, expected, ...(fix ? { fix } : {}) });
}
