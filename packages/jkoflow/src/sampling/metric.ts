/** In which units rows are moved: those of their own covariance. */
import { cholesky } from "../evaluate/linalg.ts";

/** Beyond, factors take longer than they save. */
const MOST_COLUMNS = 128;

/**
 * L with L L^T the covariance of rows [n, d], [d, d]; of many columns, or where rows do not fill them, only of the diagonal.
 * Rows that were drawn anew may be few different ones: a little of the diagonal is added.
 */
export function covarianceMetric(rows: Float32Array, d: number): Float64Array {
  const n = rows.length / d;
  const mean = new Float64Array(d);
  for (let i = 0; i < rows.length; i++) mean[i % d] += rows[i] / n;
  const covariance = new Float64Array(d * d);
  const dense = d <= MOST_COLUMNS && n > 10 * d;
  const z = new Float64Array(d);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) z[j] = rows[i * d + j] - mean[j];
    for (let j = 0; j < d; j++) for (let k = dense ? 0 : j; k <= j; k++) covariance[j * d + k] += (z[j] * z[k]) / n;
  }
  const scale = covariance.reduce((most, value, at) => (at % (d + 1) === 0 ? Math.max(most, value) : most), 0);
  for (let j = 0; j < d; j++) {
    covariance[j * (d + 1)] = Math.max(covariance[j * (d + 1)] * (1 + 1e-6), 1e-12 * scale);
    for (let k = 0; k < j; k++) covariance[k * d + j] = covariance[j * d + k];
  }
  const factor = dense ? cholesky(covariance, d) : undefined;
  if (factor) return factor;
  return covariance.map((value, at) => (at % (d + 1) === 0 ? Math.sqrt(value) : 0));
}
