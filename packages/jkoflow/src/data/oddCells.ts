/**
 * Odd values: those of a column that stand apart from all the rest, such as 1e6 among values near 0.
 *
 *   deviation  a = |x - median| / s,  s the robust standard deviation (quartile distance / 1.349, or of wider quantiles)
 *   a_1 >= a_2 >= ... sorted,  g_i = i ln(a_i / a_(i+1))
 *
 * Under a Pareto tail of index alpha the g_i are independent and exponential with mean 1 / alpha (A. Renyi, Acta Math. Hung. 4,
 * 1953; B. M. Hill, Ann. Stat. 3, 1975, estimates alpha by their mean). The tail is read off the ranks behind the last
 * candidate; lighter tails than Pareto's have smaller gaps further out, so the rule errs toward calling nothing odd. The
 * j values before a gap are odd when exp(-alpha g_j) < 1e-4, a_1 > limit, a_j > limit / 3 and a_j > 3 a_(j+1). So a Cauchy or a log-normal
 * column is heavy-tailed, not odd: there a gap of a factor 100 is nothing strange.
 */
import { log } from "../random/index.ts";
import { columnValues, type Table } from "./table.ts";

/** A value that stands apart from the rest of its column. */
export interface OddCell {
  readonly column: string;
  /** Place of the row in the table, from 0. */
  readonly row: number;
  /** In the units of the column. */
  readonly value: number;
  /** |value - median| in robust standard deviations. */
  readonly deviations: number;
}

/** What of a column is regular: values x with |x - centre| <= edge * scale. */
export interface RegularRange {
  /** The median. */
  readonly centre: number;
  /** The robust standard deviation. */
  readonly scale: number;
  /** The largest deviation of a regular value. */
  readonly edge: number;
}

/** Robust standard deviations that the farthest value of a column has to be away for any to be odd. */
export const ODD_LIMIT = 30;
/** At most this share of the rows: more of them are a part of the distribution. */
const MOST_ODD = 0.01;
/** Rows behind the candidates from which the tail is read: this share, at least so many. */
const TAIL = { share: 0.03, least: 20 } as const;
/** No tail is taken for lighter than this index: of few rows, and where values repeat, its estimate is no better. */
const LARGEST_INDEX = 10;
const SMALLEST_FACTOR = 3;
/** Others may be odd beside the farthest from this share of the limit on. */
const OTHERS = 1 / 3;
const SIGNIFICANCE = 1e-4;
/** Quantiles are taken from so many rows, evenly spread over the table. */
const QUANTILE_ROWS = 50_000;
/** Distance of a quantile from its mirror image, in standard deviations of a normal. */
const SPREADS: readonly (readonly [quantile: number, distance: number])[] = [
  [0.25, 1.349],
  [0.05, 3.29],
  [0.01, 4.653],
];

/**
 * All odd values of a table, the farthest first. `limit`: robust standard deviations that the farthest of a column is away, at least.
 *
 * @example
 * ```ts
 * import { ODD_LIMIT, oddCells, someRows, tableOf } from "jkoflow/data";
 *
 * const table = tableOf(Array.from({ length: 200 }, (_, i) => ({ x: i === 5 ? 1e6 : Math.sin(i) })));
 * console.log(oddCells(table).map(({ row, column }) => `${column} of row ${row}`), ODD_LIMIT, someRows(table, 50).rows);
 * ```
 */
export function oddCells(table: Table, limit: number = ODD_LIMIT): OddCell[] {
  const cells = table.columns.flatMap((column, k): OddCell[] => {
    const values = columnValues(table, k);
    const range = regularRange(values, limit);
    if (range === undefined) return [];
    const odd: OddCell[] = [];
    for (const [row, value] of values.entries()) {
      const deviations = Math.abs(value - range.centre) / range.scale;
      if (deviations > range.edge) odd.push({ column, row, value, deviations });
    }
    return odd;
  });
  return cells.sort((a, b) => b.deviations - a.deviations);
}

/** The regular range of a column with odd values; undefined where it has none. */
export function regularRange(values: Float64Array, limit: number = ODD_LIMIT): RegularRange | undefined {
  const n = values.length;
  const most = Math.max(1, Math.floor(MOST_ODD * n));
  const tail = Math.max(TAIL.least, Math.floor(TAIL.share * n));
  if (n <= most + tail + 1) return undefined;
  const { centre, scale } = robustScale(values);
  if (!(scale > 0) || !values.some((x) => Math.abs(x - centre) > limit * scale)) return undefined;
  const a = values.map((x) => Math.abs(x - centre) / scale).sort();
  /** a_i, and never below 1: gaps inside the bulk are none. */
  const ranked = (i: number): number => Math.max(1, a[n - i]);
  const gap = (i: number): number => i * log(ranked(i) / ranked(i + 1));
  let mean = 0;
  for (let i = most + 1; i <= most + tail; i++) mean += gap(i) / tail;
  const index = Math.min(LARGEST_INDEX, 1 / mean);
  for (let j = most; j >= 1; j--) {
    const apart = ranked(j) > OTHERS * limit && ranked(j) > SMALLEST_FACTOR * ranked(j + 1);
    if (apart && index * gap(j) > -log(SIGNIFICANCE)) return { centre, scale, edge: ranked(j + 1) };
  }
  return undefined;
}

function robustScale(values: Float64Array): { readonly centre: number; readonly scale: number } {
  const step = Math.max(1, Math.ceil(values.length / QUANTILE_ROWS));
  const sorted = values.filter((_, i) => i % step === 0).sort();
  const at = (p: number): number => sorted[Math.round(p * (sorted.length - 1))];
  const spreads = SPREADS.map(([p, distance]) => (at(1 - p) - at(p)) / distance);
  return { centre: at(0.5), scale: spreads.find((spread) => spread > 0) ?? 0 };
}
