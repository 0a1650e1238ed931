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
}

/** A flow can put a spike on each of so few values and reach any likelihood. */
const FEW_VALUES = 100;
/** So many rows at the end of the scale are a spike, as of censored values; in a small table some are so by chance. */
const SPIKE = { share: 0.02, rows: 50 } as const;

/** One summary for each column of a table with at least one row, in the units of the column; float64. */
export function describeColumns(table: Table): ColumnSummary[] {
  return table.columns.map((name, k) => {
    const sorted = columnValues(table, k).sort();
    let distinct = 0;
    let [commonest, most] = [sorted[0], 0];
    let run = 0;
    for (let i = 0; i < sorted.length; i++) {
      run = i > 0 && sorted[i] === sorted[i - 1] ? run + 1 : 1;
      if (run === 1) distinct++;
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
    };
  });
}

/** One line for each column that is constant, has less than 100 distinct values, or over 2 % of the rows at one of its ends. */
export function columnWarnings(summaries: readonly ColumnSummary[]): string[] {
  const warnings: string[] = [];
  for (const { name, rows, distinct, commonest, commonestShare, minimum, maximum } of summaries) {
    const column = `column ${JSON.stringify(name)}`;
    const isEnd = commonest === minimum || commonest === maximum;
    if (distinct === 1) {
      warnings.push(`${column} is constant (${minimum}): it has no density, drop it`);
    } else if (distinct < FEW_VALUES) {
      const share = (100 * commonestShare).toFixed(1);
      warnings.push(
        `${column} has only ${distinct} distinct values (the commonest in ${share} % of the rows): ` +
          "its likelihood has no bound, dequantize it",
      );
    } else if (isEnd && commonestShare > SPIKE.share && commonestShare * rows > SPIKE.rows) {
      const share = (100 * commonestShare).toFixed(1);
      warnings.push(
        `column ${JSON.stringify(name)} ends with ${commonest} in ${share} % of the rows: is it censored there? ` +
          "the likelihood of a spike has no bound, dequantize it",
      );
    }
  }
  return warnings;
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
