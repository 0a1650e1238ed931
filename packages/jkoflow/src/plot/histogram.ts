/**
 * Histograms in one and two dimensions, as densities.
 */

import type { Range } from "./scale.ts";

/** Density of the values in `bins` equal bins of `range`, per unit of the value: [bins]. Values outside are left out. */
export function histogram(values: ArrayLike<number>, range: Range, bins: number): Float64Array {
  const out = new Float64Array(bins);
  const width = (range[1] - range[0]) / bins;
  for (let i = 0; i < values.length; i++) {
    const bin = Math.floor((values[i] - range[0]) / width);
    if (bin >= 0 && bin < bins) out[bin] += 1 / (values.length * width);
  }
  return out;
}

/**
 * log of a smoothed two-dimensional histogram (nats, up to a constant) at the cell centres, row after row from the lowest
 * y upwards: [bins, bins]. `smoothing` is the deviation of the Gaussian blur, in cells.
 */
export function logHistogram(
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
  x: Range,
  y: Range,
  bins: number,
  smoothing: number,
): Float64Array {
  const counts = new Float64Array(bins * bins);
  for (let i = 0; i < xs.length; i++) {
    const column = Math.floor(((xs[i] - x[0]) / (x[1] - x[0])) * bins);
    const row = Math.floor(((ys[i] - y[0]) / (y[1] - y[0])) * bins);
    if (column >= 0 && column < bins && row >= 0 && row < bins) counts[row * bins + column]++;
  }
  const acrossRows = blur(counts, bins, 1, bins, smoothing);
  return blur(acrossRows, bins, bins, 1, smoothing).map((value) => Math.log(value));
}

/** Gaussian blur along the direction of `step`; what falls off the border is lost. */
function blur(values: Float64Array, bins: number, step: number, across: number, deviation: number): Float64Array {
  const reach = Math.ceil(3 * deviation);
  const out = new Float64Array(values.length);
  for (let line = 0; line < bins; line++) {
    for (let i = 0; i < bins; i++) {
      const value = values[line * across + i * step];
      if (value === 0) continue;
      for (let k = Math.max(0, i - reach); k <= Math.min(bins - 1, i + reach); k++) {
        out[line * across + k * step] += value * Math.exp(-((k - i) ** 2) / (2 * deviation * deviation));
      }
    }
  }
  return out;
}
