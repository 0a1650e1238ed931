/**
 * Columns that others determine: copies, sums, shares of a whole. Rows then lie in a plane, where there is no density.
 *
 *   x_j = a + sum_i b_i x_i,   i over the columns before j that are not determined themselves
 *
 * Each column in turn is regressed on those before it by a step of the Cholesky factorisation of the correlation matrix, whose
 * pivot is the share of the variance that is left. A small pivot is only a suspicion, since float64 has cancelled there: it counts
 * when the residuals of all rows say the same.
 */
import { meanAndSd } from "./summary.ts";
import { columnValues, type Table } from "./table.ts";

/** A column that others determine. */
export interface DependentColumn {
  readonly column: string;
  /** The others, the one with the largest part first. */
  readonly of: readonly string[];
  /** Standard deviation of what is left, in deviations of the column. */
  readonly residual: number;
  /** "exact": what is left is the rounding of float32 numbers. */
  readonly kind: "exact" | "nearly";
}

/** Residuals of so many deviations or less are told. */
const NEARLY = 1e-3;
/** Half a step of float32, relative; the rounding of a sum has that of each of its terms. */
const ROUNDING = 2 ** -24;
/** What is left of an exact dependence, in standard deviations of the rounding: most but not all of its errors are within. */
const EXACT = 2;
/** A term counts as part of a column when it moves it by so many of its deviations. */
const SMALLEST_TERM = 1e-3;
/** Rows by which suspicion is raised: more than there are columns, and as many as a second of work allows. */
const ROWS = { perColumn: 4, most: 10_000, products: 1e8 } as const;

/**
 * The columns of `table` that are linear combinations of the columns before them, in order. Constant columns are left out
 * (`constantColumns` finds them). With hardly more rows than columns any column is a combination of the others by chance; then
 * only those that one other column determines are told. All values must be finite.
 *
 * @example
 * ```ts
 * import { dependentColumns, tableOf } from "jkoflow/data";
 *
 * const table = tableOf(Array.from({ length: 50 }, (_, i) => ({ net: i, tax: i % 7, total: i + (i % 7) })));
 * console.log(dependentColumns(table).map(({ column, of }) => `${column} of ${of.join(" and ")}`));
 * ```
 */
export function dependentColumns(table: Table): DependentColumn[] {
  const d = table.columns.length;
  const enough = Math.max(ROWS.perColumn * d, Math.min(ROWS.most, Math.floor(ROWS.products / d ** 2)));
  const rows = Math.min(table.rows, enough);
  const { z, deviations } = someRows(table, rows);
  const correlation = correlations(z, rows, d);
  const found: DependentColumn[] = [];
  const suspect: Suspect = (j, others, weights) => {
    const slopes = weights.map((weight, k) => (weight * deviations[j]) / deviations[others[k]]);
    const dependence = residualOf(table, j, others, slopes);
    if (dependence === undefined) return false;
    const parts = others.map((i, k) => ({ name: table.columns[i], size: Math.abs(weights[k]) }));
    const of = parts.filter(({ size }) => size > SMALLEST_TERM).sort((a, b) => b.size - a.size);
    found.push({ column: table.columns[j], of: of.map(({ name }) => name), ...dependence });
    return true;
  };
  if (table.rows <= 2 * d) pairs(correlation, d, suspect);
  else combinations(correlation, d, suspect);
  return found;
}

/** Does column j hang on the others with these weights, in deviations? Then it is noted. */
type Suspect = (j: number, others: readonly number[], weights: Float64Array) => boolean;

/** Columns that one column before them determines. */
function pairs(correlation: Float64Array, d: number, suspect: Suspect): void {
  const dependent = new Set<number>();
  for (let j = 1; j < d; j++) {
    for (let i = 0; i < j && !dependent.has(j); i++) {
      if (dependent.has(i) || !(1 - Math.abs(correlation[j * d + i]) < NEARLY ** 2)) continue;
      if (suspect(j, [i], Float64Array.of(correlation[j * d + i]))) dependent.add(j);
    }
  }
}

/** Columns that those before them determine together. */
function combinations(correlation: Float64Array, d: number, suspect: Suspect): void {
  const kept: number[] = [];
  const factor: Float64Array[] = []; // rows of the Cholesky factor of the kept columns
  for (let j = 0; j < d; j++) {
    if (!(correlation[j * d + j] > 0)) continue; // constant
    const row = new Float64Array(kept.length + 1);
    let left = 1;
    for (let k = 0; k < kept.length; k++) {
      let sum = correlation[j * d + kept[k]];
      for (let l = 0; l < k; l++) sum -= row[l] * factor[k][l];
      row[k] = sum / factor[k][k];
      left -= row[k] * row[k];
    }
    if (left < NEARLY ** 2 && suspect(j, kept, backSubstituted(factor, row, kept.length))) continue;
    if (!(left > Number.EPSILON)) continue; // lost in rounding, and yet not so in all rows: nothing can be divided by it
    row[kept.length] = Math.sqrt(left);
    kept.push(j);
    factor.push(row);
  }
}

/** b with L^T b = row: the coefficients on the kept columns, in deviations. */
function backSubstituted(factor: readonly Float64Array[], row: Float64Array, n: number): Float64Array {
  const b = row.slice(0, n);
  for (let k = n - 1; k >= 0; k--) {
    b[k] /= factor[k][k];
    for (let l = 0; l < k; l++) b[l] -= factor[k][l] * b[k];
  }
  return b;
}

/** Rows at equal distances, centred and scaled by the deviations: z [rows, d], in which a constant column is 0. */
function someRows(
  { values, rows: all, columns }: Table,
  rows: number,
): { readonly z: Float64Array; readonly deviations: Float64Array } {
  const d = columns.length;
  const deviations = new Float64Array(d);
  const z = new Float64Array(rows * d);
  for (let r = 0; r < rows; r++) {
    const from = Math.floor((r * all) / rows) * d;
    for (let j = 0; j < d; j++) z[r * d + j] = values[from + j];
  }
  for (let j = 0; j < d; j++) {
    let [mean, squares] = [0, 0];
    for (let r = 0; r < rows; r++) mean += z[r * d + j] / rows;
    for (let r = 0; r < rows; r++) squares += (z[r * d + j] - mean) ** 2 / rows;
    deviations[j] = Math.sqrt(squares);
    for (let r = 0; r < rows; r++) z[r * d + j] = squares > 0 ? (z[r * d + j] - mean) / deviations[j] : 0;
  }
  return { z, deviations };
}

function correlations(z: Float64Array, rows: number, d: number): Float64Array {
  const out = new Float64Array(d * d);
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < d; i++) {
      const value = z[r * d + i] / rows;
      if (value !== 0) for (let j = 0; j <= i; j++) out[i * d + j] += value * z[r * d + j];
    }
  }
  return out;
}

/** What the combination leaves of column j in all rows; undefined where that is much. */
function residualOf(
  table: Table,
  j: number,
  others: readonly number[],
  slopes: Float64Array,
): Pick<DependentColumn, "residual" | "kind"> | undefined {
  const { values, rows, columns } = table;
  const d = columns.length;
  const left = new Float64Array(rows);
  const largest = new Float64Array(others.length + 1); // of the column and of each term
  for (let r = 0; r < rows; r++) {
    const at = r * d;
    left[r] = values[at + j];
    largest[others.length] = Math.max(largest[others.length], Math.abs(left[r]));
    for (let k = 0; k < others.length; k++) {
      const term = slopes[k] * values[at + others[k]];
      largest[k] = Math.max(largest[k], Math.abs(term));
      left[r] -= term;
    }
  }
  const { sd } = meanAndSd(columnValues(table, j));
  const residual = meanAndSd(left).sd / sd;
  if (!(residual <= NEARLY)) return undefined;
  const rounding = ROUNDING * Math.sqrt(largest.reduce((sum, size) => sum + size * size, 0));
  return { residual, kind: residual * sd <= EXACT * rounding ? "exact" : "nearly" };
}
