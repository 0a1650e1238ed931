/**
 * Columns whose values stand on a grid, as of decimals, and so recur. The density at such a value has no bound: a model gains
 * by ever narrower spikes on the grid, and says less and less of the rest. What has a bound is the probability of the cell
 * that was rounded to the value,
 *
 *   P(x) / w = 1/w int_{x - w/2}^{x + w/2} p,   w the step of the grid,
 *
 * which is a density again where the grid is fine. On an uneven grid the cell reaches half way to the neighbours. It is estimated by ln (1/K) sum_k p(x + w u_k), u uniform on [-1/2, 1/2),
 * a lower bound of its logarithm that is tighter with each draw (Burda, Grosse, Salakhutdinov, ICLR 2016, arXiv:1509.00519,
 * theorem 1; for dequantisation Ho et al., ICML 2019, arXiv:1902.00275, section 3.1). Draws miss spikes that are narrow in several
 * columns at a time, so the bound is fair to models that were fitted to rows drawn from their cells (`drawInCells`).
 */
import { type Bounds, drawInCells, type GridColumn, logMeanExp, type Table } from "../data/index.ts";
import { fold, type Key } from "../random/index.ts";

/**
 * ln of the probability of each row's cell, over the widths of the grids: nats per row, [n]; the same for every caller with
 * the same key, so that two models are compared on the same draws. Values stay inside of `bounds`: draws beyond are folded
 * back, which makes a cell that a bound cuts up to twice as likely, for all models alike. `score` gives log-densities [n] of rows.
 *
 * @example
 * ```ts
 * import { createKey, data } from "jkoflow";
 * import { cellLogProb } from "jkoflow/evaluate";
 *
 * const table = data.createTable(Float32Array.from({ length: 60 }, (_, i) => (i % 6) / 10), ["tenths"]);
 * const { grids } = data.tiedColumns(table);
 * const score = (rows: data.Table) => Float64Array.from(rows.values, () => 0); // the uniform density on [0, 1]
 * // the log of the mean density over the cell of a value
 * console.log(grids[0].step.toFixed(1), cellLogProb(score, table, grids, createKey(0))[0].toFixed(3)); // 0.1 0.000
 * ```
 */
export function cellLogProb(
  score: (rows: Table) => Float64Array,
  table: Table,
  grids: readonly GridColumn[],
  key: Key,
  { draws = 16, bounds = {} }: { readonly draws?: number; readonly bounds?: Readonly<Record<string, Bounds>> } = {},
): Float64Array {
  return logMeanExp(Array.from({ length: draws }, (_, k) => score(drawInCells(table, grids, fold(key, k), bounds))));
}
