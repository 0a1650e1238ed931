/**
 * An affine map of rows by what they are given, before the blocks of a flow: what a linear regression knows need not be learnt,
 * and a flow without a block is the normal that is linear in what is given.
 *
 *   r = x - m - B^T (y - n),   x' = L^(-1/2) V r,   S = V^T L V the covariance of r over the training rows
 *   B = (C_yy + (s / N) I)^(-1) C_yx,  m, n the means, C the covariances over N training rows
 *
 * The ridge s, in rows, keeps rare levels near the mean of all; it is the one of some with the best likelihood of held-out
 * rows, no regression (B = 0) being among them. ln |det dx'/dx| = -sum ln L / 2, the same for every row.
 */
import { symmetricEigen } from "./eigen.ts";
import { createWhitening } from "./whitening.ts";

/** All an opening is made of: plain data. */
export interface OpeningState {
  /** B, row-major. [c, d] */
  readonly slopes: Float64Array;
  /** m - B^T n. [d] */
  readonly centre: Float64Array;
  /** L. [d] */
  readonly eigenvalues: Float64Array;
  /** V, row k for value k. [d, d] */
  readonly eigenvectors: Float64Array;
}

/** The map and its inverse, for whole rows x [n, d] given y [n, c]. */
export interface Opening {
  forward(x: Float32Array, y: Float32Array): Float32Array;
  inverse(x: Float32Array, y: Float32Array): Float32Array;
  /** ln |det d forward / d x|, nats. */
  readonly logDet: number;
}

const RIDGES = [1, 4, 16, 64, 256, 1024] as const;
/** Of a direction that the regression explains whole, so that the map can be inverted. */
const LEAST_VARIANCE = 1e-6;
/** More covariates make the regression dear: rows are only whitened then. */
const MOST_COVARIATES = 400;

/** Rows with their covariates. */
export interface OpeningRows {
  readonly x: Float32Array; // [n, d]
  readonly y: Float32Array; // [n, c]
}

/**
 * Fitted to training rows, the ridge by held-out rows.
 *
 * @example
 * ```ts
 * import { createOpening, fitOpening } from "jkoflow/data";
 *
 * const y = Float32Array.from({ length: 100 }, (_, i) => i % 2); // [100, 1]
 * const x = y.map((value, i) => 3 * value + Math.sin(i)); // [100, 1]
 * const opening = createOpening(fitOpening({ x, y }, { x, y }, 1, 1)); // a linear regression, before the first block
 * const moved = opening.forward(x, y);
 * console.log(Math.abs(opening.inverse(moved, y)[0] - x[0]) < 1e-5, Number.isFinite(opening.logDet)); // true true
 * ```
 */
export function fitOpening(train: OpeningRows, heldOut: OpeningRows, d: number, c: number): OpeningState {
  const n = train.x.length / d;
  const [m, ofY] = [means(train.x, d), means(train.y, c)];
  const none = stateOf(train, d, c, new Float64Array(c * d), m, ofY);
  if (c > MOST_COVARIATES) return none;
  const { values, vectors } = symmetricEigen(covariance(train.y, train.y, ofY, ofY, c, c), c);
  const yx = covariance(train.y, train.x, ofY, m, c, d);
  const rotated = new Float64Array(c * d); // V C_yx
  for (let k = 0; k < c; k++)
    for (let i = 0; i < c; i++) for (let j = 0; j < d; j++) rotated[k * d + j] += vectors[k * c + i] * yx[i * d + j];
  const withRidge = (rows: number): OpeningState => {
    const slopes = new Float64Array(c * d);
    for (let k = 0; k < c; k++) {
      const share = 1 / (Math.max(0, values[k]) + rows / n);
      for (let i = 0; i < c; i++)
        for (let j = 0; j < d; j++) slopes[i * d + j] += vectors[k * c + i] * share * rotated[k * d + j];
    }
    return stateOf(train, d, c, slopes, m, ofY);
  };
  const choices = [none, ...RIDGES.map(withRidge)];
  const scores = choices.map((state) => normalScore(state, heldOut, d));
  return choices[scores.indexOf(Math.max(...scores))];
}

/** With the covariance of the training rows' residuals. */
function stateOf(
  train: OpeningRows,
  d: number,
  c: number,
  slopes: Float64Array,
  m: Float64Array,
  ofY: Float64Array,
): OpeningState {
  const centre = m.map((value, j) => {
    let sum = value;
    for (let k = 0; k < c; k++) sum -= ofY[k] * slopes[k * d + j];
    return sum;
  });
  const r = residuals(train, slopes, centre, d, c);
  const zero = new Float64Array(d);
  const { values, vectors } = symmetricEigen(covariance(r, r, zero, zero, d, d), d);
  const eigenvalues = values.map((value) => Math.max(value, LEAST_VARIANCE));
  return { slopes, centre, eigenvalues, eigenvectors: vectors };
}

/** Mean log-density of the normal that the opening makes of the rows, nats, but for a constant. */
function normalScore(state: OpeningState, { x, y }: OpeningRows, d: number): number {
  const { forward, logDet } = createOpening(state);
  const squares = forward(x, y).reduce((sum, value) => sum + value * value, 0);
  return logDet - squares / 2 / (x.length / d);
}

/** The affine map of a fit. */
export function createOpening({ slopes, centre, eigenvalues, eigenvectors }: OpeningState): Opening {
  const d = centre.length;
  const c = slopes.length / d;
  const whitening = createWhitening(Array.from(eigenvalues), Array.from(eigenvectors));
  return {
    forward: (x, y) => {
      const r = residuals({ x, y }, slopes, centre, d, c);
      const out = new Float32Array(x.length);
      for (let at = 0; at < x.length; at += d) whitening.forward(r.subarray(at, at + d), out, at);
      return out;
    },
    inverse: (x, y) => {
      const out = new Float32Array(x.length);
      for (let at = 0, i = 0; at < x.length; at += d, i++) {
        const r = whitening.inverse(Float64Array.from(x.subarray(at, at + d)));
        for (let j = 0; j < d; j++) out[at + j] = r[j] + meanAt(y, i, j, slopes, centre, d, c);
      }
      return out;
    },
    logDet: whitening.logDet,
  };
}

/** E[x_j | y of row i]. */
function meanAt(
  y: Float32Array,
  i: number,
  j: number,
  slopes: Float64Array,
  centre: Float64Array,
  d: number,
  c: number,
): number {
  let sum = centre[j];
  for (let k = 0; k < c; k++) sum += y[i * c + k] * slopes[k * d + j];
  return sum;
}

function residuals(
  { x, y }: OpeningRows,
  slopes: Float64Array,
  centre: Float64Array,
  d: number,
  c: number,
): Float64Array {
  const r = Float64Array.from(x);
  for (let i = 0; i < x.length / d; i++) {
    for (let j = 0; j < d; j++) r[i * d + j] -= centre[j];
    for (let k = 0; k < c; k++) {
      const value = y[i * c + k];
      if (value !== 0) for (let j = 0; j < d; j++) r[i * d + j] -= value * slopes[k * d + j]; // mostly zeros
    }
  }
  return r;
}

function means(values: Float32Array, cols: number): Float64Array {
  const sums = new Float64Array(cols);
  for (let at = 0; at < values.length; at++) sums[at % cols] += values[at];
  return sums.map((sum) => (sum * cols) / values.length);
}

/** Between the columns of a and of b. [a's, b's] */
function covariance(
  a: Float32Array | Float64Array,
  b: Float32Array | Float64Array,
  meanA: Float64Array,
  meanB: Float64Array,
  p: number,
  q: number,
): Float64Array {
  const n = a.length / p;
  const sums = new Float64Array(p * q);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < p; k++) {
      const value = a[i * p + k] - meanA[k];
      for (let j = 0; j < q; j++) sums[k * q + j] += value * (b[i * q + j] - meanB[j]);
    }
  }
  return sums.map((sum) => sum / n);
}
