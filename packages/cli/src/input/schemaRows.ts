/** The columns of a schema while a file is read: words to codes, and rows that do not fit refused. */
import { data, InputError, io, type Model } from "jkoflow";
import type { TableFile } from "./tableFile.ts";

/** Coders that find the categories of a table at its first reading, and what they found by column name. */
export function findingCoders(
  wishes: data.SchemaWishes,
  where: string,
): {
  readonly coders: io.Coders;
  readonly words: () => Record<string, readonly string[]>;
} {
  const { categorical = [], integer = [], numeric = [], noise = {}, columnsAs } = wishes;
  const numbers = new Set([...integer, ...numeric, ...Object.keys(noise)]);
  const finders = new Map<string, io.FindingCoder>();
  return {
    coders: (names, found) => {
      const unknown = [...categorical, ...numbers].find((name) => !names.includes(name));
      if (unknown !== undefined) {
        const near = io.nearestName(unknown, names);
        const expected = `one of ${names.slice(0, 8).join(", ")}${names.length > 8 ? ", ..." : ""}`;
        const came = `no column ${JSON.stringify(unknown)}`;
        throw new InputError({
          where,
          came,
          expected,
          ...(near ? { fix: `did you mean ${JSON.stringify(near)}?` } : {}),
        });
      }
      const chosen = new Map<number, io.FindingCoder>();
      names.forEach((name, k) => {
        const isWords = categorical.includes(name) || (columnsAs === "auto" && found.has(k) && !numbers.has(name));
        if (!isWords) return;
        const coder = io.findingCoder();
        chosen.set(k, coder);
        finders.set(name, coder);
      });
      return chosen;
    },
    words: () => Object.fromEntries([...finders].map(([name, coder]) => [name, coder.words()])),
  };
}

/** Coders by the categories of a schema; a whole number is known in any form of it, as 3.0 for 3. */
export const knownCoders =
  ({ columns }: data.Schema): io.Coders =>
  (names) =>
    new Map(
      columns.flatMap(({ name, levels }) => (levels ? [[names.indexOf(name), levelCoder(levels)] as const] : [])),
    );

function levelCoder(levels: readonly (string | null)[]) {
  const { code, expected } = io.knownCoder(levels);
  return { expected, code: (word: string) => code(word) ?? code(data.categoryWord(word)) };
}

/**
 * Rows as they were read, made rows of the schema: where the file holds numbers only, those of a categorical column become
 * codes (in place).
 * @throws InputError naming row and column of the first cell that does not fit.
 */
export function fitRows(
  schema: data.Schema,
  table: data.Table,
  source: TableFile["cells"],
  where: string,
  firstRow = 0,
  missing: "refuse" | "pass" = "refuse",
): data.Table {
  if (source === "numbers") codeNumbers(schema, table, where, firstRow);
  data.checkCells(schema, table, where, firstRow, missing);
  return table;
}

function codeNumbers({ columns }: data.Schema, table: data.Table, where: string, firstRow: number): void {
  const width = table.columns.length;
  columns.forEach(({ name, levels, offset = 0 }, k) => {
    if (!levels) return;
    const { code, expected } = io.knownCoder(levels);
    for (let i = 0; i < table.rows; i++) {
      const x = table.values[i * width + k];
      if (Number.isNaN(x)) continue;
      const word = io.shortestWithOffset(x, offset);
      const found = code(word);
      if (found === undefined) {
        const place = `row ${firstRow + i + 1}, column ${JSON.stringify(name)}`;
        throw new InputError({ where, place, came: word, expected });
      }
      table.values[i * width + k] = found;
    }
  });
}

/** The names of a model's columns in the files of its user. */
export const sourceColumns = (model: Model): readonly string[] =>
  model.schema?.columns.map(({ name }) => name) ?? model.standardizer.columns;

/** The cells of sampled rows as a file has them: words of categories, nothing where a cell is missing. */
export const cellTexts = ({ columns }: data.Schema): (((value: number) => string) | undefined)[] =>
  columns.map(({ levels, missing, offset = 0 }) => {
    if (levels) return (code) => levels[code] ?? "";
    if (!missing && offset === 0) return undefined;
    return (value) => (Number.isNaN(value) ? "" : io.shortestWithOffset(value, offset));
  });

/**
 * Sampled rows for a file that holds numbers only: categories as the numbers that they are.
 * @throws InputError for a category of words.
 */
export function numbersOf(
  { columns }: data.Schema,
  table: data.Table,
  where: string,
): Omit<data.Table, "values"> & { readonly values: Float32Array | Float64Array } {
  const width = table.columns.length;
  columns.forEach(({ name, levels }, k) => {
    if (!levels) return;
    const numbers = levels.map((level) => (level === null ? Number.NaN : Number(level)));
    if (numbers.some((value, code) => Number.isNaN(value) && levels[code] !== null)) {
      const fix = "choose a .csv or .tsv file";
      throw new InputError({ where, came: `words in column ${JSON.stringify(name)}`, expected: "numbers", fix });
    }
    for (let at = k; at < table.values.length; at += width) table.values[at] = numbers[table.values[at]];
  });
  const shifts = columns.map(({ levels, offset = 0 }) => (levels ? 0 : offset));
  if (!shifts.some(Boolean)) return table;
  return { ...table, values: Float64Array.from(table.values, (x, at) => x + shifts[at % width]) };
}

/** The type of numbers that holds rows of a schema: float64 where float32 would lose what an offset keeps. */
export const kindOf = (schema: data.Schema | undefined): "f4" | "f8" =>
  schema?.columns.some(({ levels, offset }) => !levels && offset) ? "f8" : "f4";
