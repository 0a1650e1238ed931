/**
 * Eigenvalues and vectors of a symmetric matrix by cyclic Jacobi rotations: slower than tridiagonalisation, but short
 * and accurate also for small eigenvalues.
 *
 * Source: C. Jacobi, J. reine angew. Math. 30 (1846), 51-94; the stable rotation as in G. Golub, C. Van Loan, Matrix
 * Computations, 4th ed. (2013), section 8.5.
 */
import { checkKind } from "../errors/kinds.ts";

/** Eigenvalues with their vectors. */
export interface Eigen {
  /** Falling. [n] */
  readonly values: Float64Array;
  /** Row k is the unit vector of value k; its largest entry is positive. [n, n] */
  readonly vectors: Float64Array;
}

const MOST_SWEEPS = 60; // convergence is quadratic: about 10 suffice

/**
 * All eigenvalues and vectors of `matrix` [n, n], of which only the symmetric part is used.
 *
 * @example
 * ```ts
 * import { isOrthonormal, symmetricEigen } from "jkoflow/data";
 *
 * const { values, vectors } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2);
 * console.log([...values].map((value) => value.toFixed(2)), isOrthonormal(vectors, 2)); // [ '3.00', '1.00' ] true
 * ```
 */
export function symmetricEigen(matrix: Float64Array, n: number): Eigen {
  checkKind(matrix, "Float64Array", "symmetricEigen");
  const a = Float64Array.from(matrix, (v, at) => (v + matrix[(at % n) * n + Math.floor(at / n)]) / 2);
  const rows = Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0));
  for (let sweep = 0; sweep < MOST_SWEEPS && offDiagonal(a, n) > 0; sweep++) {
    for (let p = 0; p < n - 1; p++) for (let q = p + 1; q < n; q++) rotate(a, rows, n, p, q);
  }
  const order = Array.from({ length: n }, (_, k) => k).sort((i, j) => a[j * n + j] - a[i * n + i]);
  const values = Float64Array.from(order, (k) => a[k * n + k]);
  const vectors = new Float64Array(n * n);
  order.forEach((k, place) => {
    const vector = rows.subarray(k * n, k * n + n);
    const largest = vector.reduce((best, v) => (Math.abs(v) > Math.abs(best) + 1e-12 ? v : best), 0);
    for (let j = 0; j < n; j++) vectors[place * n + j] = largest < 0 ? -vector[j] : vector[j];
  });
  return { values, vectors };
}

/** The sum of squares off the diagonal, 0 once it is lost in rounding. */
function offDiagonal(a: Float64Array, n: number): number {
  let off = 0;
  let all = 0;
  for (let at = 0; at < a.length; at++) {
    all += a[at] * a[at];
    if (at % (n + 1) !== 0) off += a[at] * a[at];
  }
  return off > 1e-32 * all ? off : 0;
}

/** Turns axes p and q so that a[p, q] becomes 0; t is the smaller root of t^2 + 2 theta t = 1. */
function rotate(a: Float64Array, rows: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q];
  if (apq === 0) return;
  const theta = (a[q * n + q] - a[p * n + p]) / (2 * apq);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < n; k++) {
    const kp = a[k * n + p];
    const kq = a[k * n + q];
    a[k * n + p] = c * kp - s * kq;
    a[k * n + q] = s * kp + c * kq;
  }
  for (let k = 0; k < n; k++) {
    const pk = a[p * n + k];
    const qk = a[q * n + k];
    a[p * n + k] = c * pk - s * qk;
    a[q * n + k] = s * pk + c * qk;
    const vp = rows[p * n + k];
    const vq = rows[q * n + k];
    rows[p * n + k] = c * vp - s * vq;
    rows[q * n + k] = s * vp + c * vq;
  }
  a[p * n + q] = 0;
  a[q * n + p] = 0;
}
