/**
 * More components out of fewer: the heaviest one is cut in two along its longest axis, again and again.
 *
 * Source: the splitting of Y. Linde, A. Buzo, R. Gray, "An algorithm for vector quantizer design", IEEE Trans. Commun. 28
 * (1980), 84-95, for Gaussians. With l, v the largest eigenvalue and vector of S and a = c sqrt(l), the halves
 *   m +- a v,   S - a^2 v v^T,   half the weight each
 * together have the mean and the covariance of the whole.
 */
import { emptyMoments, type Moments } from "./em.ts";

/** c: at 1 the halves would be flat, at 0 they would be equal. */
const DISTANCE = 0.8;
/** Of the power method; a rough axis does. */
const POWER_STEPS = 20;

export interface SplitComponents {
  readonly moments: Moments;
  /** Of each of the new components, the old one it is a piece of. [count] */
  readonly origin: Uint16Array;
}

/** `count` components from the moments of fewer. */
export function splitComponents(moments: Moments, cols: number, count: number): SplitComponents {
  const before = moments.count.length;
  const size = (cols * (cols + 1)) / 2;
  const out = emptyMoments(count, cols);
  out.count.set(moments.count);
  out.first.set(moments.first);
  out.second.set(moments.second);
  const origin = Uint16Array.from({ length: count }, (_, k) => (k < before ? k : 0));
  for (let next = before; next < count; next++) {
    let heaviest = 0;
    for (let k = 1; k < next; k++) if (out.count[k] > out.count[heaviest]) heaviest = k;
    origin[next] = origin[heaviest];
    halve(out, heaviest, next, cols, size);
  }
  return { moments: out, origin };
}

/** Component `from` becomes its own two halves, the second at `to`. */
function halve({ count, first, second }: Moments, from: number, to: number, cols: number, size: number): void {
  const n = count[from];
  if (!(n > 0)) return; // nothing to cut: the new one stays empty
  const mean = first.slice(from * cols, (from + 1) * cols).map((sum) => sum / n);
  const covariance = new Float64Array(cols * cols);
  let p = from * size;
  for (let i = 0; i < cols; i++) {
    for (let j = 0; j <= i; j++) {
      covariance[i * cols + j] = covariance[j * cols + i] = second[p++] / n - mean[i] * mean[j];
    }
  }
  const shift = longestAxis(covariance, cols).map((value) => DISTANCE * value); // a v
  for (const [k, sign] of [
    [from, 1],
    [to, -1],
  ]) {
    count[k] = n / 2;
    let q = k * size;
    for (let i = 0; i < cols; i++) {
      const mi = mean[i] + sign * shift[i];
      first[k * cols + i] = (n / 2) * mi;
      for (let j = 0; j <= i; j++) {
        const mj = mean[j] + sign * shift[j];
        second[q++] = (n / 2) * (covariance[i * cols + j] - shift[i] * shift[j] + mi * mj);
      }
    }
  }
}

/** sqrt(l) v by the power method, from the axis of the largest variance. [d] */
function longestAxis(covariance: Float64Array, cols: number): Float64Array {
  let widest = 0;
  for (let i = 1; i < cols; i++) if (covariance[i * (cols + 1)] > covariance[widest * (cols + 1)]) widest = i;
  let axis = Float64Array.from({ length: cols }, (_, i) => (i === widest ? 1 : 0));
  let value = Math.max(0, covariance[widest * (cols + 1)]);
  for (let step = 0; step < POWER_STEPS; step++) {
    const image = new Float64Array(cols);
    for (let i = 0; i < cols; i++) for (let j = 0; j < cols; j++) image[i] += covariance[i * cols + j] * axis[j];
    const length = Math.sqrt(image.reduce((sum, v) => sum + v * v, 0));
    if (!(length > 0)) break;
    value = length;
    axis = image.map((v) => v / length);
  }
  return axis.map((v) => v * Math.sqrt(value));
}
