/**
 * A kernel density estimate of rows, which particles without a density need to be compared:
 *
 *   p(x) = (1/n) sum_i N(x; x_i, h^2 S),   S the covariance of the rows,   h = n^(-1/(d + 4))
 *
 * the rule of D. Scott, Multivariate Density Estimation, 1992, section 6.3, as scipy.stats.gaussian_kde has it. Its error falls
 * like n^(-4/(d + 4)): slowly in few dimensions, and hardly in many.
 */
import { InputError } from "../errors/index.ts";
import { kernelLogDensity } from "../flow/index.ts";
import { cholesky, invertLower, logDetCholesky } from "./linalg.ts";

/** The log-density of rows `at` [m, d], nats, by `rows` [n, d]; n m d operations. @throws InputError for rows without spread. */
export function kernelEstimate(rows: ArrayLike<number>, d: number, at: ArrayLike<number>): Float64Array {
  const n = rows.length / d;
  const mean = new Float64Array(d);
  for (let i = 0; i < rows.length; i++) mean[i % d] += rows[i] / n;
  const covariance = new Float64Array(d * d);
  for (let r = 0; r < n; r++) {
    for (let i = 0; i < d; i++) {
      const away = (rows[r * d + i] - mean[i]) / (n - 1);
      for (let j = 0; j < d; j++) covariance[i * d + j] += away * (rows[r * d + j] - mean[j]);
    }
  }
  const lower = cholesky(covariance, d);
  if (lower === undefined)
    throw new InputError({ where: "rows", came: "no spread", expected: "rows that span the space" });
  const inverse = invertLower(lower, d);
  const white = (from: ArrayLike<number>): Float32Array =>
    Float32Array.from({ length: from.length }, (_, at) => {
      const [r, i] = [Math.floor(at / d), at % d];
      let sum = 0;
      for (let j = 0; j <= i; j++) sum += inverse[i * d + j] * (from[r * d + j] - mean[j]);
      return sum;
    });
  const logs = kernelLogDensity({ rows: white(rows), width: n ** (-1 / (d + 4)) }, white(at), d);
  return logs.map((value) => value - logDetCholesky(lower, d) / 2);
}
