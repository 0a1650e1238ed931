/** What the columns of a table are like, and what about them misleads a density model. */
import { columnValues, type Table } from "./table.ts";

/** Range, moments and ties of a column. */
export interface ColumnSummary {
  readonly name: string;
  readonly rows: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly mean: number;
  /** Population standard deviation. */
  readonly sd: number;
  readonly distinct: number;
  readonly commonest: number;
  /** How often the commonest value occurs, as a share of the rows. */
  readonly commonestShare: number;
  /** Share of the rows whose value occurs in another row too. */
  readonly repeatedShare: number;
}

/**
 * A flow can put a spike on each value that comes again and reach any likelihood. float32 alone makes ties of a percent of
 * 50,000 rows; where a third of the rows are tied, values are rounded.
 */
const TIED = 1 / 3;
/** Columns that are named before the rest is counted. */
const NAMED = 8;
/** So many rows at the end of the scale are a spike, as of censored values; in a small table some are so by chance. */
const SPIKE = { share: 0.02, rows: 50 } as const;

/**
 * One summary for each column of a table with at least one row, in the units of the column; float64.
 *
 * @example
 * ```ts
 * import { columnWarnings, constantColumns, describeColumns, tableOf } from "jkoflow/data";
 *
 * const table = tableOf(Array.from({ length: 50 }, (_, i) => ({ one: 1, ties: i % 5, x: Math.sqrt(i) })));
 * const summaries = describeColumns(table);
 * console.log(summaries[1].distinct, constantColumns(table), columnWarnings(summaries).length); // 5 [ 'one' ] 2
 * ```
 */
export function describeColumns(table: Table): ColumnSummary[] {
  return table.columns.map((name, k) => {
    const sorted = columnValues(table, k).sort();
    let distinct = 0;
    let [commonest, most] = [sorted[0], 0];
    let run = 0;
    let repeated = 0;
    for (let i = 0; i < sorted.length; i++) {
      run = i > 0 && sorted[i] === sorted[i - 1] ? run + 1 : 1;
      if (run === 1) distinct++;
      else repeated += run === 2 ? 2 : 1;
      if (run > most) [commonest, most] = [sorted[i], run];
    }
    const { mean, sd } = meanAndSd(sorted);
    const minimum = sorted[0];
    const maximum = sorted[sorted.length - 1];
    return {
      name,
      rows: table.rows,
      minimum,
      maximum,
      mean,
      sd,
      distinct,
      commonest,
      commonestShare: most / sorted.length,
      repeatedShare: repeated / sorted.length,
    };
  });
}

/** A line for each column that is constant or has over 2 % of the rows at one of its ends, and one for all with ties. */
export function columnWarnings(summaries: readonly ColumnSummary[]): string[] {
  const tied: string[] = [];
  const warnings: string[] = [];
  for (const { name, rows, distinct, commonest, commonestShare, repeatedShare, minimum, maximum } of summaries) {
    const column = `column ${JSON.stringify(name)}`;
    const isEnd = commonest === minimum || commonest === maximum;
    const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;
    if (distinct === 1) {
      warnings.push(`${column} is constant (${minimum}): it has no density, drop it`);
    } else if (repeatedShare > TIED) {
      tied.push(`${JSON.stringify(name)} (${distinct} values, ${percent(repeatedShare)} of the rows share theirs)`);
    } else if (isEnd && commonestShare > SPIKE.share && commonestShare * rows > SPIKE.rows) {
      warnings.push(
        `${column} ends with ${commonest} in ${percent(commonestShare)} of the rows: is it censored there? ` +
          "the likelihood of a spike has no bound: dequantize it",
      );
    }
  }
  if (tied.length === 0) return warnings;
  const shown = tied.slice(0, NAMED).join(", ");
  const more = tied.length > NAMED ? ` and ${tied.length - NAMED} more` : "";
  const [has, its] = tied.length === 1 ? ["column", "its"] : ["columns", "their"];
  return [
    ...warnings,
    `${has} ${shown}${more}: values come again, so ${its} likelihood has no bound unless dequantized`,
  ];
}

/** The names of the columns with a single value. */
export function constantColumns(table: Table): string[] {
  const width = table.columns.length;
  return table.columns.filter((_, k) => {
    for (let i = 1; i < table.rows; i++) if (table.values[i * width + k] !== table.values[k]) return false;
    return true;
  });
}

/** Mean and population standard deviation, in two passes. */
export function meanAndSd(values: Float64Array): { readonly mean: number; readonly sd: number } {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) * (value - mean);
  return { mean, sd: Math.sqrt(squares / values.length) };
}
