/** Rows drawn from a mixture of Gaussians: a component by its weight, then x = m_k + L_k z, z ~ N(0, I). */
import { fold, type Key, normal, uniform } from "../random/index.ts";
import type { Components } from "./components.ts";

/** n rows [n, cols]; `outer` takes a row back from the units of the components: x = mean + W^-1 y, W lower triangular. */
export function sampleComponents(
  { count, cols, weight, mean, whitener }: Components,
  outer: { readonly mean: Float64Array; readonly whitener: Float64Array },
  key: Key,
  n: number,
): Float32Array {
  const out = new Float32Array(n * cols);
  const noise = normal(fold(key, "noise"), n * cols);
  const pick = uniform(fold(key, "component"), n);
  const size = (cols * (cols + 1)) / 2;
  const packed = Float64Array.from({ length: size }, (_, at) => outer.whitener[unpackedPlace(at, cols)]);
  const row = new Float64Array(cols);
  for (let r = 0; r < n; r++) {
    let k = 0;
    for (let sum = weight[0]; k + 1 < count && pick[r] >= sum; sum += weight[k]) k++;
    for (let c = 0; c < cols; c++) row[c] = noise[r * cols + c];
    solveLower(whitener, k * size, row);
    for (let c = 0; c < cols; c++) row[c] += mean[k * cols + c];
    solveLower(packed, 0, row);
    for (let c = 0; c < cols; c++) out[r * cols + c] = outer.mean[c] + row[c];
  }
  return out;
}

/** Place in a full [cols, cols] matrix of the number at `at` of its packed lower triangle. */
function unpackedPlace(at: number, cols: number): number {
  const i = Math.floor((Math.sqrt(8 * at + 1) - 1) / 2);
  return i * cols + at - (i * (i + 1)) / 2;
}

/** row <- W^-1 row for the packed lower triangle W that begins at `from`. */
function solveLower(w: Float64Array, from: number, row: Float64Array): void {
  let p = from;
  for (let i = 0; i < row.length; i++) {
    for (let j = 0; j < i; j++) row[i] -= w[p++] * row[j];
    row[i] /= w[p++];
  }
}
