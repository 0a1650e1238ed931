/** Problems of the ODE tests with their exact solutions, and figures that several tests share. */
import type { VectorField } from "./index.ts";

type Field = VectorField<Float64Array>;

/** y' = y cos t, y(0) = 1; y = exp(sin t). */
export const nonAutonomous: Field = (t, y) => [y[0] * Math.cos(t)];

/** y1' = y1 (1 - y2), y2' = y2 (y1 - 1). */
export const lotkaVolterra: Field = (_, [a, b]) => [a * (1 - b), b * (a - 1)];

export const decay: Field = (_, y) => [-y[0]];

export const vanDerPol: Field = (_, [x, v]) => [v, 10 * (1 - x * x) * v - x];

/** Planar Kepler problem; the power as NumPy writes it, because the controller's early steps see rounding in the error. */
export const kepler: Field = (_, [x, y, u, v]) => {
  const cube = (x * x + y * y) ** 1.5;
  return [u, v, -x / cube, -y / cube];
};

/** y' = -lambda (y - cos t): stiff for a large lambda. */
export const relaxation =
  (lambda: number): Field =>
  (t, y) => [-lambda * (y[0] - Math.cos(t))];

/** Uniform numbers in [-1, 1) from a 32-bit seed (mulberry32, public domain). */
export function createRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}

/** Product of a square matrix, row-major, and a vector. */
export const apply = (matrix: ArrayLike<number>, x: ArrayLike<number>): number[] => {
  const n = x.length;
  return Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += matrix[i * n + j] * x[j];
    return sum;
  });
};

/** exp(t A) x by 64 substeps of the Taylor series to order 16: with |t A| below 10 the remainder is below rounding. */
export function exponential(matrix: ArrayLike<number>, t: number, x: ArrayLike<number>): number[] {
  const substeps = 2 ** 6;
  let y = Array.from(x);
  for (let s = 0; s < substeps; s++) {
    let term = y;
    for (let k = 1; k <= 16; k++) {
      term = apply(matrix, term).map((value) => (value * t) / substeps / k);
      y = y.map((value, i) => value + term[i]);
    }
  }
  return y;
}

/** Least-squares slope of -log(error) over log(steps). */
export function slope(steps: readonly number[], errors: readonly number[]): number {
  const x = steps.map(Math.log);
  const y = errors.map((e) => -Math.log(e));
  const mean = (values: readonly number[]): number => values.reduce((s, v) => s + v, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  return x.reduce((s, v, i) => s + (v - mx) * (y[i] - my), 0) / x.reduce((s, v) => s + (v - mx) ** 2, 0);
}

/** Root of the sum of squared differences. */
export const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.sqrt(Array.from(a).reduce((s, value, i) => s + (value - b[i]) ** 2, 0));
