/**
 * The density of a mixture of Gaussians at one row, component by component.
 *
 * log w_k N(x; m_k, L_k L_k^T) = constant_k - 1/2 |L_k^-1 x - L_k^-1 m_k|^2
 */

import { halfLog2Pi } from "../random/index.ts";

/** K Gaussians ready for evaluation. Lower triangles are packed: row i holds i + 1 numbers. */
export interface Components {
  readonly count: number;
  readonly cols: number;
  /** [K] */
  readonly weight: Float64Array;
  /** [K, d] */
  readonly mean: Float64Array;
  /** L_k^-1, packed: [K, d (d + 1) / 2] */
  readonly whitener: Float64Array;
  /** L_k^-1 m_k: [K, d] */
  readonly shift: Float64Array;
  /** log w_k - log det L_k - d/2 log 2 pi: [K] */
  readonly constant: Float64Array;
}

/** The standard normal law as a mixture of one. */
export function standardComponents(cols: number): Components {
  const whitener = new Float64Array((cols * (cols + 1)) / 2);
  for (let i = 0, p = 0; i < cols; i++, p++) whitener[(p += i)] = 1;
  const zero = new Float64Array(cols);
  const constant = Float64Array.of(-cols * halfLog2Pi);
  return { count: 1, cols, weight: Float64Array.of(1), mean: zero, whitener, shift: zero, constant };
}

/** A component this many nats below the row's best adds less than float64 rounding (e^-37 < 2^-53). */
export const NEGLIGIBLE_NATS = 37;
/**
 * log of the sum of w_k N(x; m_k, S_k) over the components order[from .. to - 1], x being the row at `at`; `terms[k]`
 * receives each term, -Infinity where it is more than `cut` nats below the best. With the likely components first the
 * others are given up early.
 */
export function rowLogProb(
  c: Components,
  x: Float64Array,
  at: number,
  order: Uint16Array,
  from: number,
  to: number,
  cut: number,
  terms: Float64Array,
): number {
  const { cols, whitener, shift, constant } = c;
  const size = (cols * (cols + 1)) / 2;
  let best = Number.NEGATIVE_INFINITY;
  for (let turn = from; turn < to; turn++) {
    const k = order[turn];
    const limit = 2 * (constant[k] - best + cut);
    const square = squaredNorm(whitener, k * size, shift, k * cols, x, at, cols, limit);
    const term = square <= limit ? constant[k] - square / 2 : Number.NEGATIVE_INFINITY;
    terms[k] = term;
    if (term > best) best = term;
  }
  let sum = 0;
  for (let turn = from; turn < to; turn++) {
    const term = terms[order[turn]] - best;
    if (term > -cut) sum += Math.exp(term);
  }
  return best + Math.log(sum);
}

/** log p of each row of `x` [rows, d], nats. [rows] */
export function mixtureLogProb(components: Components, x: Float64Array): Float64Array {
  const { count, cols } = components;
  const order = Uint16Array.from({ length: count }, (_, k) => k);
  const terms = new Float64Array(count);
  const out = new Float64Array(x.length / cols);
  for (let r = 0; r < out.length; r++) {
    out[r] = rowLogProb(components, x, r * cols, order, 0, count, NEGLIGIBLE_NATS, terms);
    // Neighbouring rows of a table are often alike, so the last winner is a fair first guess.
    let winner = 0;
    for (let turn = 1; turn < count; turn++) if (terms[order[turn]] > terms[order[winner]]) winner = turn;
    [order[0], order[winner]] = [order[winner], order[0]];
  }
  return out;
}

/**
 * |W x - s|^2 for the packed lower triangle W at `p`, or some number above `limit` as soon as it exceeds that.
 *
 * Two rows of W at a time share each load of x: measured a third faster than one row, and four gain nothing below d = 8.
 */
function squaredNorm(
  w: Float64Array,
  p: number,
  s: Float64Array,
  base: number,
  x: Float64Array,
  at: number,
  cols: number,
  limit: number,
): number {
  let square = 0;
  let i = 0;
  for (; i + 1 < cols && square <= limit; i += 2) {
    const q = p + i + 1;
    let a = -s[base + i];
    let b = -s[base + i + 1];
    for (let j = 0; j <= i; j++) {
      const value = x[at + j];
      a += w[p + j] * value;
      b += w[q + j] * value;
    }
    b += w[q + i + 1] * x[at + i + 1];
    p = q + i + 2;
    square += a * a + b * b;
  }
  if (i < cols && square <= limit) {
    let a = -s[base + i];
    for (let j = 0; j <= i; j++) a += w[p + j] * x[at + j];
    square += a * a;
  }
  return square;
}
