/**
 * Columns cut into at most 255 bins, so that a tree finds its splits in sums over bins.
 *
 * A column with few values has a bin for each and edges half-way between; one with more is cut at its quantiles. A missing
 * cell (NaN) has the bin after the last.
 */

/** Rows of numbers, NaN where a cell is missing. */
export type Cells = Float32Array | Float64Array;

/** A bin is a byte, and one is for what is missing. */
const MOST_BINS = 255;

/** Rows as bins, column by column. */
export interface BinnedRows {
  readonly rows: number;
  /** edges[c] ascends: bin k of column c holds edges[k - 1] < x <= edges[k]; there are edges[c].length + 1 of them. */
  readonly edges: readonly Float64Array[];
  /** bins[c][r]; edges[c].length + 1 for a missing cell. */
  readonly bins: readonly Uint8Array[];
}

/** x [rows, cols] in bins made for these rows. */
export function binRows(x: Cells, rows: number, cols: number): BinnedRows {
  const edges: Float64Array[] = [];
  const bins: Uint8Array[] = [];
  for (let c = 0; c < cols; c++) {
    const values = Float64Array.from({ length: rows }, (_, r) => x[r * cols + c]);
    const own = edgesOf(values.filter((value) => !Number.isNaN(value)).sort());
    edges.push(own);
    bins.push(Uint8Array.from(values, (value) => binOf(own, value)));
  }
  return { rows, edges, bins };
}

/** The number of edges below x, by bisection. */
function binOf(edges: Float64Array, x: number): number {
  if (Number.isNaN(x)) return edges.length + 1;
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (edges[middle] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Edges for sorted values; none where there is one value, or no value. */
function edgesOf(sorted: Float64Array): Float64Array {
  const ends: number[] = []; // last place of each value but the largest
  for (let i = 1; i < sorted.length; i++) if (sorted[i] > sorted[i - 1]) ends.push(i - 1);
  if (ends.length < MOST_BINS) return Float64Array.from(ends, (i) => between(sorted[i], sorted[i + 1]));
  const edges: number[] = [];
  let at = 0;
  for (let k = 1; k < MOST_BINS; k++) {
    // The first value whose end lies at or beyond the quantile; a frequent value takes several quantiles at once.
    const place = (k * sorted.length) / MOST_BINS - 1;
    while (at < ends.length && ends[at] < place) at++;
    if (at === ends.length) break;
    const edge = between(sorted[ends[at]], sorted[ends[at] + 1]);
    if (edges.length === 0 || edge > edges[edges.length - 1]) edges.push(edge);
  }
  return Float64Array.from(edges);
}

/** Half-way from a up to b > a, and below b where rounding or an infinite value would not have it so. */
function between(a: number, b: number): number {
  const middle = a / 2 + b / 2;
  return middle >= a && middle < b ? middle : a;
}
