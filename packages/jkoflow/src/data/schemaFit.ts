/** The schema of a table, from what its user declares and, where asked for, from what its columns hold. */
import { shortestWithOffset } from "../numbers/text.ts";
import { cellColumns } from "./cells.ts";
import { checkColumn } from "./checkCells.ts";
import { columnProblem } from "./columnProblem.ts";
import { codeByFrequency, levelsInWords } from "./levels.ts";
import { holdsIntegers, observedNormal } from "./observed.ts";
import { ownValue } from "./own.ts";
import { encodedColumns, fillOf, type Schema, type SchemaColumn } from "./schema.ts";
import { areCategories, areWhole, areWholeRows, findAtoms, findShape, frequentValues, thinned } from "./schemaAuto.ts";
import { columnIndex, columnValues, type Table } from "./table.ts";
import type { Bounds } from "./transform.ts";
import { countValues, type ValueCounts } from "./valueCounts.ts";

export interface SchemaWishes {
  /**
   * "numbers": all that is not declared is a number. "auto": words are categories, and so are whole numbers of few values;
   * other whole numbers are integers, and keep to their range; positive columns stay positive; decimals are kept.
   */
  readonly columnsAs?: "numbers" | "auto";
  /** "apart": categories, gaps and atoms have a distribution of their own, and are no columns of the flow. */
  readonly discrete?: "in the flow" | "apart";
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

/** Of a kind that are named in a note. */
const NAMED_COLUMNS = 8;

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
    if (Object.hasOwn(words, name)) throw columnProblem(where, name, "words", "numbers, as it is declared to hold");
  }
  const twice = declared.find((name, k) => declared.indexOf(name) !== k);
  if (twice !== undefined) throw columnProblem(where, twice, "declared twice", "one kind");
  const notes: string[] = [];
  const auto = columnsAs === "auto";
  const whole: string[] = [];
  const few: string[] = [];
  const columns = table.columns.map((name, k): SchemaColumn => {
    const quoted = JSON.stringify(name);
    const [ends, width, known] = [ownValue(bounds, name), ownValue(noise, name), ownValue(words, name)];
    const offset = Object.hasOwn(offsets, name) ? { offset: offsets[name] } : {};
    const own = { name, ...offset, ...(ends ? { bounds: ends } : {}) };
    const isFound = auto && !declared.includes(name) && !known;
    const column64 = isFound ? columnValues(table, k) : undefined;
    const hasGaps = column64?.some(Number.isNaN) ?? false;
    const values = column64 && countValues(areWholeRows(column64) ? column64 : thinned(column64));
    const isWhole = values !== undefined && areWhole(values);
    const isFew = isWhole && !ends && areCategories(values, hasGaps);
    if (known || categorical.includes(name) || isFew) {
      if (ends) throw columnProblem(where, name, "bounds of a category", "bounds of numbers");
      const levels = codeByFrequency(table, k, known, where, offset.offset);
      if (isFew) few.push(quoted);
      else if (!categorical.includes(name)) {
        checkFound(known, table.rows, name, where);
        notes.push(`column ${quoted} is categorical: ${levelsInWords(levels)}`);
      }
      if (levels.includes(null)) notes.push(`column ${quoted}: a missing cell is a category of its own`);
      return { name, ...offset, kind: "category", levels };
    }
    const found = isWhole && holdsIntegers(table, k);
    if (found) whole.push(quoted);
    const kind = integer.includes(name) || found ? "integer" : "number";
    const atoms = values && wishes.discrete === "apart" ? atomsOf(values, found) : [];
    const shape = values ? shapeOf(without(values, atoms), kind, ends, offset.offset) : {};
    const bare: SchemaColumn = { ...own, kind, ...shape, ...(width ? { noise: width } : {}) };
    const fill = observedNormal(table, k, bare, atoms, where);
    const gaps = values === undefined || hasGaps ? fill : undefined;
    const column: SchemaColumn = {
      ...bare,
      ...(gaps ? { missing: gaps } : {}),
      ...(atoms.length > 0 ? { atoms: { ...fill!, values: atoms } } : {}),
      ...(atoms.length > 0 ? { apart: true } : {}),
    };
    checkColumn(table, k, column, where);
    if (atoms.length > 0) {
      const own = atoms.length === 1 ? "has a probability of its own" : "have probabilities of their own";
      const named = atoms.map((x) => shortestWithOffset(x, offset.offset ?? 0));
      notes.push(`column ${quoted}: ${levelsInWords(named)} ${own}`);
    }
    if (column.values)
      notes.push(`column ${quoted} holds ${column.values.length} values again and again: samples take these`);
    if (gaps)
      notes.push(`column ${quoted} has missing cells: filled by draws from a known density; which they are is learnt`);
    return column;
  });
  if (few.length > 0) notes.push(`${theColumns(few)} few whole numbers: taken as categories`);
  if (whole.length > 0) notes.push(`${theColumns(whole)} whole numbers: taken as integers`);
  const schema = { columns: wishes.discrete === "apart" ? setApart(columns) : columns };
  const names = encodedColumns(schema);
  const all = [...names, ...cellColumns(schema).map(({ name }) => name)];
  const clash = all.find((name, k) => all.indexOf(name) !== k);
  if (clash !== undefined) throw columnProblem(where, clash, "a column of that name", "another name", "rename it");
  return { schema, notes };
}

const atomsOf = (values: ValueCounts, whole: boolean): number[] => {
  const frequent = whole ? frequentValues(values) : [];
  // A column that is all atoms, as a constant one, would have no number left: it stays what it was.
  if (frequent.length === values.values.length) return [];
  return frequent.length > 0 ? frequent : findAtoms(values);
};

/** Columns of a kind, the first few by name. */
function theColumns(quoted: readonly string[]): string {
  if (quoted.length === 1) return `column ${quoted[0]} holds`;
  const shown = quoted.slice(0, NAMED_COLUMNS);
  const more = quoted.length - shown.length;
  return `columns ${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""} hold`;
}

/** What is discrete, apart from the flow. */
const setApart = (columns: readonly SchemaColumn[]): SchemaColumn[] =>
  columns.map((column) =>
    column.kind === "category" || fillOf(column) !== undefined ? { ...column, apart: true } : column,
  );

/** The shape of a column; of one that was moved by an offset nothing is known of 0, nor of what lies on its one side. */
function shapeOf(found: ValueCounts, kind: "number" | "integer", declared: Bounds | undefined, offset = 0) {
  const { support, range, ...shape } = findShape(found, kind, declared, offset);
  if (offset === 0) return { ...shape, ...(range ? { range } : {}), ...(support ? { support } : {}) };
  return { ...shape, ...(range && range[1] !== null ? { range } : {}) };
}

const without = ({ values, counts }: ValueCounts, atoms: readonly number[]): ValueCounts => {
  const kept = values.map((_, k) => k).filter((k) => !atoms.includes(values[k]));
  const left = kept.map((k) => counts[k]);
  return { values: kept.map((k) => values[k]), counts: left, rows: left.reduce((sum, n) => sum + n, 0) };
};

/** So many numbers to a word: the word is a slip, or a mark of its own for missing cells. */
const NUMBERS_TO_A_WORD = 4;
/** Fewer rows may well have a category each. */
const FEW_ROWS = 20;

const GAPS = "if such words stand for gaps: --gap WORD";

/** @throws InputError for a column that was found to hold words, and is none of categories. */
function checkFound(words: readonly string[] = [], rows: number, name: string, where: string): void {
  const other = words.filter((word) => !(word.trim() !== "" && Number.isFinite(Number(word))));
  if (other.length > 0 && words.length - other.length >= NUMBERS_TO_A_WORD * other.length) {
    const came = `${levelsInWords(other)} among ${words.length - other.length} different numbers`;
    const fix = `mend the cell; ${GAPS}; for categories in spite of this: --categorical ${name}`;
    throw columnProblem(where, name, came, "numbers or words", fix);
  }
  if (rows >= FEW_ROWS && words.length > rows / 2) {
    const came = `${words.length} different words in ${rows} rows`;
    throw columnProblem(where, name, came, "categories, which occur again", `leave it out: --drop ${name}; ${GAPS}`);
  }
}

/** Bounds of x as bounds of x - offset. */
function shiftedBounds(bounds: SchemaWishes["bounds"] = {}, offsets: Readonly<Record<string, number>>) {
  const moved = (end: number | null, by: number): number | null => (end === null ? null : end - by);
  const shifted = ([low, high]: Bounds, by: number): Bounds => [moved(low, by), moved(high, by)];
  return Object.fromEntries(
    Object.entries(bounds).map(([name, pair]) => [
      name,
      Object.hasOwn(offsets, name) ? shifted(pair, offsets[name]) : pair,
    ]),
  );
}
