/** The given columns of a conditional flow: read beside the table, in a pass of their own. */
import { data, InputError, type io, type Model } from "jkoflow";
import type { ReadOptions } from "../config/readOptions.ts";
import { counted } from "../progress/numbers.ts";
import { modelFixes } from "./cellFixes.ts";
import type { ModelRowOptions } from "./modelRows.ts";
import type { TableFile, Written } from "./tableFile.ts";
import type { UnfitRow } from "./unfitRows.ts";

interface Choice {
  readonly name: string;
  readonly kind?: "category" | "number";
}

/** NAME, NAME:category or NAME:number. */
function parseChoice(text: string): Choice {
  const match = /^(.+):(category|number)$/.exec(text);
  return match ? { name: match[1], kind: match[2] as "category" | "number" } : { name: text };
}

/** The given columns of a table, before it is known which of its rows stay. */
export interface GivenColumns {
  readonly columns: readonly io.WordColumn[];
  readonly choices: readonly Choice[];
}

/**
 * Reads the columns that are given.
 * @throws InputError for an unknown column.
 */
export async function readGiven(
  file: TableFile,
  written: Written,
  condition: readonly string[],
): Promise<GivenColumns> {
  const choices = condition.map(parseChoice);
  const names = choices.map(({ name }) => name);
  const columns = await file.words({ ...written, names, gapFix: undefined }).catch((error) => {
    if (!(error instanceof InputError)) throw error;
    const unknown = names.find((name) => error.problem.came === `no column ${JSON.stringify(name)}`);
    if (!unknown?.includes(":")) throw error;
    throw new InputError({ ...error.problem, fix: "the kind of a given column is :number or :category" });
  });
  return { columns, choices };
}

/**
 * The rows of a table that have all given values, and these. Their kinds are those of `like`, where it is there. `droppedAt`
 * are rows of the file that are not in the table.
 *
 * @throws InputError for a missing value, unless rows with one are left out.
 */
export function joinGiven(
  where: string,
  { columns, choices }: GivenColumns,
  whole: { readonly table: data.Table; readonly droppedAt: readonly number[] },
  missing: ReadOptions["missing"],
  like: data.ConditionRows | undefined,
): { readonly table: data.Table; readonly given: data.ConditionRows; readonly notes: readonly string[] } {
  const dropped = new Set(whole.droppedAt);
  const inFile = Array.from({ length: whole.table.rows + dropped.size }, (_, row) => row).filter(
    (row) => !dropped.has(row),
  );
  const complete = inFile.map((row) => columns.every(({ cells }) => cells[row] !== ""));
  const kept = Array.from(inFile.keys()).filter((i) => complete[i]);
  const lost = inFile.length - kept.length;
  if (lost > 0 && missing !== "drop-rows") {
    const row = inFile[complete.indexOf(false)];
    const { name } = columns.find(({ cells }) => cells[row] === "")!;
    throw missingValue(where, row, name, "leave such rows out with --missing drop");
  }
  const given = {
    rows: kept.length,
    columns: columns.map(({ name, cells }, k) => {
      const kind = like ? wordsOrNumbers(like.columns[k]) : choices[k].kind;
      return data.conditionValues(
        name,
        kept.map((i) => cells[inFile[i]]),
        kind,
      );
    }),
  };
  const names = columns.map(({ name }) => name).join(", ");
  const notes = lost > 0 ? [`${where}: left out ${counted(lost, "row")} without a value of ${names}`] : [];
  return { table: lost > 0 ? data.takeRows(whole.table, kept) : whole.table, given, notes };
}

export const givenNames = ({ condition }: Model): readonly string[] =>
  condition ? data.pooledColumns(condition.encoder).map(({ name }) => name) : [];

/** The kind of a column that a user gives. */
const wordsOrNumbers = ({ kind }: data.ConditionValues) => (kind === "cell" ? undefined : kind);

export interface GivenRows {
  readonly given: data.ConditionRows;
  /** Rows without a value: another value stands in for it. */
  readonly missing: ReadonlySet<number>;
  /** Rows with a category that no training row has, in order, where `options.unfit` is "pass": another one stands in. */
  readonly unfit: readonly UnfitRow[];
}

/**
 * The given columns that a model asks its user for, undefined where there are none; a value for each row of the file. They are held in memory, 8 bytes each.
 *
 * @throws InputError for an unknown column, for a missing value unless `options.missing` is "nan", and for a category that
 * no training row has unless `options.unfit` is "pass".
 */
export async function readConditionsOf(
  file: TableFile,
  condition: data.Condition | undefined,
  options: ModelRowOptions,
): Promise<GivenRows | undefined> {
  const columns = condition ? data.pooledColumns(condition) : [];
  if (columns.length === 0) return undefined;
  const names = columns.map(({ name }) => name);
  const gapFix = options.missing === "error" ? modelFixes(options.gaps ?? "are refused").missing("") : undefined;
  const cells = await file.words({ ...options, names, gapFix });
  const missing = new Set<number>();
  const unfit = new Map<number, UnfitRow>();
  const filled = columns.map((column, k): data.ConditionValues => {
    const { name, kind } = column;
    const instead = column.kind === "category" ? column.categories[0] : String(column.mean);
    const known = column.kind === "category" ? new Set(column.categories) : undefined;
    const whole = cells[k].cells.map((cell, row) => {
      if (cell !== "") {
        if (options.unfit !== "pass" || (known?.has(data.categoryWord(cell)) ?? true)) return cell;
        if (!unfit.has(row)) unfit.set(row, { row, column: name, reason: "an unseen category", value: quoted(cell) });
        return instead;
      }
      if (options.missing === "error")
        throw missingValue(
          file.where,
          row,
          name,
          options.gaps === "may score NaN" ? "fill it, or score such rows as NaN: --missing nan" : undefined,
        );
      missing.add(row);
      return instead;
    });
    return data.conditionValues(name, whole, kind);
  });
  const inOrder = [...unfit.values()].sort((a, b) => a.row - b.row);
  return { given: { rows: cells[0].cells.length, columns: filled }, missing, unfit: inOrder };
}

const quoted = (cell: string): string => JSON.stringify(cell);

const missingValue = (where: string, row: number, name: string, fix?: string): InputError =>
  new InputError({
    where,
    place: `row ${row + 1}`,
    came: `no value of ${name}`,
    expected: "one, as it is given",
    fix,
  });

const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;
/** Categories that are named before the rest is counted. */
const NAMED = 12;

/** A line on each given column. */
export function describeColumn(column: data.ConditionColumn): string {
  if (column.kind === "cell") return `${column.levels} levels, of the rows themselves`;
  if (column.kind === "number") {
    return `a number, mean ${Number(column.mean.toPrecision(4))}, sd ${Number(column.sd.toPrecision(4))}`;
  }
  const { categories, frequencies } = column;
  const known = categories.slice(0, NAMED).map((word, k) => `${word} (${percent(frequencies[k])})`);
  const more = categories.length > NAMED ? `, ... ${categories.length} in all` : "";
  return `categories ${known.join(", ")}${more}`;
}

export const describeCondition = (given: data.ConditionRows): string[] =>
  data.fitCondition(given).columns.map((column) => `given ${column.name}: ${describeColumn(column)}`);
