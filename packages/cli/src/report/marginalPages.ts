/**
 * Data against samples, all columns: pages of at most six, in the units of the user's table. Categories and whole numbers of
 * few values are drawn as bars, with what is missing as a value of its own.
 */
import { data } from "jkoflow";
import { type Level, marginalsFigure } from "jkoflow/plot";
import { listNames } from "../progress/gatherNotes.ts";
import { counted } from "../progress/numbers.ts";
import type { Figure } from "./figureContext.ts";

/** Columns of a page. */
const PAGE = 6;
/** More pages than this nobody looks through. */
const MOST_PAGES = 12;
/** Bars of a column, the last one for all further values. */
const MOST_LEVELS = 12;
/** Whole numbers far apart recur where so many rows come on each. */
const ROWS_OF_LEVEL = 4;

export interface Shown {
  readonly run: string;
  /** Rows of the user's table: decoded, of the columns of the schema where there is one. */
  readonly rows: data.Table;
  readonly samples: data.Table;
  readonly schema: data.Schema | undefined;
}

/** marginals, marginals-2, ...; the last one says which columns are on none, in a table too wide for all. */
export function marginalPages(shown: Shown): Figure[] {
  const { columns } = shown.rows;
  const drawn = Math.min(columns.length, PAGE * MOST_PAGES);
  const pages = Math.ceil(drawn / PAGE);
  const left = columns.slice(drawn);
  const note = `Not drawn: ${listNames(left)} (${counted(left.length, "column")} of ${columns.length}).`;
  return Array.from({ length: pages }, (_, page): Figure => {
    // Pages of nearly the same size: 7 columns are 4 and 3.
    const [from, to] = [Math.floor((page * drawn) / pages), Math.floor(((page + 1) * drawn) / pages)];
    const which = pages === 1 ? "" : `, columns ${from + 1} to ${to} of ${columns.length}`;
    return {
      name: page === 0 ? "marginals" : `marginals-${page + 1}`,
      svg: drawMarginals(shown, from, to, which),
      page: page + 1,
      ...(left.length > 0 && page === pages - 1 ? { note } : {}),
    };
  });
}

/** One figure for the rows of a label, which are `some` of those shown: the first columns, with the levels of all rows. */
export function labelMarginals(shown: Shown, label: string, some: readonly number[]): string {
  const d = shown.rows.columns.length;
  const which = d > PAGE ? `, the first ${PAGE} of ${d} columns` : "";
  return drawMarginals(shown, 0, Math.min(PAGE, d), `, given ${label}${which}`, some);
}

function drawMarginals(
  { run, rows, samples, schema }: Shown,
  from: number,
  to: number,
  which: string,
  some?: readonly number[],
): string {
  const columns = rows.columns.slice(from, to);
  const [left, right] = [rows, samples].map((table) => data.selectColumns(table, columns));
  const [drawn, model] = [left, right].map((table) => (some ? data.takeRows(table, some) : table));
  return marginalsFigure({
    title: `Data against samples${which}`,
    run,
    columns,
    unit: "",
    data: drawn.values,
    model: model.values,
    levels: columns.map((_, k) => schema && levelsOf(schema.columns[from + k], left, right, k)),
  });
}

/**
 * What is drawn as bars; undefined for a column of many values. Whole numbers are few where they lie close together or recur:
 * of ten weights in grams no two are the same, and they are not categories for that.
 */
function levelsOf(
  { kind, levels }: data.SchemaColumn,
  rows: data.Table,
  samples: data.Table,
  k: number,
): Level[] | undefined {
  if (kind === "number") return undefined;
  if (kind === "category") {
    const all = levels!.map((level, code): Level => ({ name: level ?? "(missing)", values: [code] }));
    if (all.length <= MOST_LEVELS) return all;
    const rest = all.slice(MOST_LEVELS - 1);
    return [
      ...all.slice(0, MOST_LEVELS - 1),
      { name: `${rest.length} more`, values: rest.flatMap(({ values }) => values) },
    ];
  }
  const distinct = new Set([...data.columnValues(rows, k), ...data.columnValues(samples, k)]);
  if (distinct.size > MOST_LEVELS) return undefined;
  const numbers = [...distinct].sort((a, b) => (Number.isNaN(a) ? 1 : Number.isNaN(b) ? -1 : a - b));
  const whole = numbers.filter((value) => !Number.isNaN(value));
  const isClose = whole.length > 0 && whole[whole.length - 1] - whole[0] < MOST_LEVELS;
  if (!isClose && rows.rows < ROWS_OF_LEVEL * distinct.size) return undefined;
  return numbers.map((value) => ({ name: Number.isNaN(value) ? "(missing)" : String(value), values: [value] }));
}
