/**
 * The two passes of expectation-maximisation for a mixture of Gaussians with full covariances.
 *
 * Source: A. Dempster, N. Laird, D. Rubin, J. R. Stat. Soc. B 39 (1977), 1-38.
 *   E: r_k = w_k N(x; m_k, S_k) / sum_j w_j N(x; m_j, S_j)
 *   M: n_k = sum r_k,  m_k = sum r_k x / n_k,  S_k = sum r_k (x - m_k)(x - m_k)^T / n_k,  w_k = n_k / n
 * S_k is then shrunk towards a ball of its own mean variance, as if `ridgeCount` rows of such a ball had been seen:
 *   S_k <- (1 - c) S_k + c (tr S_k / d) I + jitter I,    c = ridgeCount / (ridgeCount + n_k)
 *
 * Both passes run row by row in one loop, so no [rows, K] array is held. Two cut-offs make that loop fast; each leaves
 * out only terms far below sampling noise, and says so where it stands.
 */

import { type Components, rowLogProb } from "./components.ts";
import { cholesky, invertLower, logDetCholesky } from "./linalg.ts";

/** Weighted sums, from which the next components follow. About 0: rows are whitened, so nothing cancels in float64. */
export interface Moments {
  /** sum r: [K] */
  readonly count: Float64Array;
  /** sum r x: [K, d] */
  readonly first: Float64Array;
  /** sum r x x^T, packed: [K, d (d + 1) / 2] */
  readonly second: Float64Array;
}

/** Components this many nats below the row's density count as nothing while fitting (e^-16 = 1e-7 of a row). */
const PLAUSIBLE_NATS = 16;
/** Responsibilities below this are left out of the M pass: over all K they hide less than 1e-4 of a row. */
const SMALLEST_SHARE = 1e-6;
/** Added to every variance, in whitened units; keeps a component on repeated rows from collapsing to a spike. */
const JITTER = 1e-4;

export function emptyMoments(count: number, cols: number): Moments {
  return {
    count: new Float64Array(count),
    first: new Float64Array(count * cols),
    second: new Float64Array((count * cols * (cols + 1)) / 2),
  };
}

/** Adds row `at / cols` of `x` with weight `share` to component k. */
export function addRow(to: Moments, k: number, share: number, x: Float64Array, at: number, cols: number): void {
  const { first, second } = to;
  const base = k * cols;
  to.count[k] += share;
  let p = (k * cols * (cols + 1)) / 2;
  for (let i = 0; i < cols; i++) {
    const value = share * x[at + i];
    first[base + i] += value;
    for (let j = 0; j <= i; j++) second[p++] += value * x[at + j];
  }
}

/** to <- to + sign * moments. A component that rounding leaves below nothing has nothing. */
export function addMoments(to: Moments, moments: Moments, sign: 1 | -1): void {
  for (const name of ["count", "first", "second"] as const) {
    const [sums, added] = [to[name], moments[name]];
    for (let i = 0; i < sums.length; i++) sums[i] += sign * added[i];
  }
  for (let k = 0; k < to.count.length; k++) to.count[k] = Math.max(0, to.count[k]);
}

/**
 * For each row, all K components with the plausible ones first: what lets an E pass look at a few components only.
 *
 * A pass over the plausible ones alone is the sparse EM of R. Neal and G. Hinton ("A view of the EM algorithm that
 * justifies incremental, sparse, and other variants", 1998): it still never lowers their bound of the likelihood.
 */
export interface Ranking {
  /** [rows, K], a permutation of the components per row. */
  readonly order: Uint16Array;
  /** How many at the front are plausible: [rows] */
  readonly plausible: Uint16Array;
}

/** Which components an E pass visits: "all" renews the ranking, "plausible" trusts it. */
export type Visit = "all" | "plausible";

export function createRanking(rows: number, count: number): Ranking {
  const order = new Uint16Array(rows * count);
  for (let i = 0; i < order.length; i++) order[i] = i % count;
  return { order, plausible: new Uint16Array(rows).fill(count) };
}

/** The E pass over the rows from .. to - 1 of `x` [rows, d]: their moments. The ranking is renewed where all are visited. */
export function expectation(
  c: Components,
  x: Float64Array,
  ranking: Ranking,
  rows: { readonly from: number; readonly to: number },
  visit: Visit,
): Moments {
  const { count, cols } = c;
  const { order, plausible } = ranking;
  const moments = emptyMoments(count, cols);
  const terms = new Float64Array(count);
  const smallest = Math.log(SMALLEST_SHARE);
  for (let r = rows.from; r < rows.to; r++) {
    const from = r * count;
    const to = from + (visit === "all" ? count : plausible[r]);
    const total = rowLogProb(c, x, r * cols, order, from, to, PLAUSIBLE_NATS, terms);
    for (let turn = from; turn < to; turn++) {
      const k = order[turn];
      const share = terms[k] - total;
      if (share > smallest) addRow(moments, k, Math.exp(share), x, r * cols, cols);
    }
    if (visit === "all") plausible[r] = rankRow(order, from, to, terms, total - PLAUSIBLE_NATS);
  }
  return moments;
}

/** Moves the components with a term above `limit` to the front of order[from .. to - 1], the likeliest first. */
function rankRow(order: Uint16Array, from: number, to: number, terms: Float64Array, limit: number): number {
  let front = from;
  for (let turn = from; turn < to; turn++) {
    const k = order[turn];
    if (terms[k] < limit) continue;
    order[turn] = order[front];
    order[front] = k;
    if (terms[k] > terms[order[from]]) {
      order[front] = order[from];
      order[from] = k;
    }
    front++;
  }
  return front - from;
}

/** The components that maximise the expected likelihood of the moments, covariances shrunk by `ridgeCount` rows. */
export function maximization(moments: Moments, cols: number, ridgeCount: number): Components {
  const count = moments.count.length;
  const size = (cols * (cols + 1)) / 2;
  let total = 0;
  // The floor keeps the logarithm of an emptied component's weight finite.
  for (let k = 0; k < count; k++) total += Math.max(moments.count[k], 1e-9);
  const c = {
    count,
    cols,
    weight: new Float64Array(count),
    mean: new Float64Array(count * cols),
    whitener: new Float64Array(count * size),
    shift: new Float64Array(count * cols),
    constant: new Float64Array(count),
  };
  const offset = new Float64Array(cols);
  for (let k = 0; k < count; k++) {
    const n = Math.max(moments.count[k], 1e-9);
    for (let i = 0; i < cols; i++) {
      offset[i] = moments.first[k * cols + i] / n;
      c.mean[k * cols + i] = offset[i];
    }
    const covariance = shrunkCovariance(moments.second, k * size, n, offset, ridgeCount);
    const factor = definiteFactor(covariance, cols);
    const inverse = invertLower(factor, cols);
    let p = k * size;
    for (let i = 0; i < cols; i++) {
      let sum = 0;
      for (let j = 0; j <= i; j++) {
        c.whitener[p++] = inverse[i * cols + j];
        sum += inverse[i * cols + j] * c.mean[k * cols + j];
      }
      c.shift[k * cols + i] = sum;
    }
    c.weight[k] = n / total;
    c.constant[k] = Math.log(n / total) - logDetCholesky(factor, cols) / 2 - (cols / 2) * Math.log(2 * Math.PI);
  }
  return c;
}

/** S - offset offset^T, shrunk and jittered: [d, d] */
function shrunkCovariance(
  second: Float64Array,
  from: number,
  n: number,
  offset: Float64Array,
  ridgeCount: number,
): Float64Array {
  const d = offset.length;
  const out = new Float64Array(d * d);
  let p = from;
  let ball = 0;
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) out[i * d + j] = out[j * d + i] = second[p++] / n - offset[i] * offset[j];
    ball += out[i * d + i] / d;
  }
  const share = ridgeCount / (ridgeCount + n);
  for (let i = 0; i < d * d; i++) out[i] *= 1 - share;
  for (let i = 0; i < d; i++) out[i * d + i] += share * ball + JITTER;
  return out;
}

/** Rounding can undo definiteness for an almost empty component; then its diagonal is raised until it holds. */
function definiteFactor(covariance: Float64Array, n: number): Float64Array {
  for (let extra = JITTER; ; extra *= 10) {
    const factor = cholesky(covariance, n);
    if (factor !== undefined) return factor;
    for (let i = 0; i < n; i++) covariance[i * n + i] += extra;
  }
}
