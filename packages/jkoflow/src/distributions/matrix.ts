/** Covariances of Gaussians, checked and factored once. */
import { cameOf } from "../errors/came.ts";
import { InputError } from "../errors/index.ts";
import { type Node, slice } from "../graph/index.ts";

/** Lower factor L [d, d] with L L^T = covariance. @throws InputError for what is no covariance. */
export function factorCovariance(covariance: Float64Array, d: number, where: string): Float64Array {
  const fail = (came: string, expected: string): never => {
    throw new InputError({ where, came, expected });
  };
  if (covariance.length !== d * d) fail(`${covariance.length} numbers`, `${d * d}, row after row`);
  const lower = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      const [here, there] = [covariance[i * d + j], covariance[j * d + i]];
      if (Math.abs(here - there) > 1e-9 * Math.max(1, Math.abs(here))) fail("a matrix", "a symmetric one");
      let sum = here;
      for (let k = 0; k < j; k++) sum -= lower[i * d + k] * lower[j * d + k];
      if (i === j && !(sum > 0 && sum < Number.POSITIVE_INFINITY)) fail("a matrix", "a positive definite one");
      lower[i * d + j] = i === j ? Math.sqrt(sum) : sum / lower[j * d + j];
    }
  }
  return lower;
}

/** Inverse of a lower triangular matrix [d, d] without zeros on its diagonal. */
export function invertFactor(lower: Float64Array, d: number): Float64Array {
  const inverse = new Float64Array(d * d);
  for (let j = 0; j < d; j++) {
    inverse[j * d + j] = 1 / lower[j * d + j];
    for (let i = j + 1; i < d; i++) {
      let sum = 0;
      for (let k = j; k < i; k++) sum -= lower[i * d + k] * inverse[k * d + j];
      inverse[i * d + j] = sum / lower[i * d + i];
    }
  }
  return inverse;
}

/** The columns of a row value, one by one: d of [B, 1]. */
export const columnsOf = (x: Node): Node[] => Array.from({ length: x.cols }, (_, k) => slice(x, k, k + 1));

/** @throws InputError unless `values` are finite numbers, and `length` of them where that is given. */
export function checkFinite(values: ArrayLike<number>, where: string, length: number = values.length): void {
  if (values.length !== length) {
    throw new InputError({ where, came: `${values.length} numbers`, expected: `${length}` });
  }
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      throw new InputError({ where, place: `${i}`, came: cameOf(values[i]), expected: "a finite number" });
    }
  }
}
