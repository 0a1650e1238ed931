/**
 * k-means: the start of the mixture's EM.
 *
 * Start: D. Arthur and S. Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007 (each further centre
 * is a row drawn with probability proportional to its squared distance from the centres so far). Then Lloyd's steps.
 */

import { fold, type Key, uniform } from "../random/index.ts";

/** Lloyd steps; the EM that follows corrects what is left. */
const LLOYD_STEPS = 8;

/**
 * Squared distances above this multiple of their mean count as this multiple when a centre is drawn. Without it the
 * heavy tails of real tables (one MINIBOONE row lies 40 deviations out) use up the centres one outlier at a time.
 */
const DISTANCE_CAP = 4;

/** The cluster of each row: `x` [rows, cols] in float64 -> labels [rows] in 0 .. clusters - 1. */
export function kMeans(x: Float64Array, rows: number, cols: number, clusters: number, key: Key): Int32Array {
  const centres = firstCentres(x, rows, cols, clusters, key); // [clusters, cols]
  const labels = new Int32Array(rows);
  const counts = new Float64Array(clusters);
  const sums = new Float64Array(clusters * cols);
  for (let step = 0; step < LLOYD_STEPS; step++) {
    const moved = assign(x, rows, cols, centres, clusters, labels);
    if (!moved && step > 0) break;
    counts.fill(0);
    sums.fill(0);
    for (let r = 0; r < rows; r++) {
      const at = labels[r] * cols;
      counts[labels[r]]++;
      for (let i = 0; i < cols; i++) sums[at + i] += x[r * cols + i];
    }
    for (let k = 0; k < clusters; k++) {
      if (counts[k] === 0) continue; // an emptied centre stays where it is and may win rows back
      for (let i = 0; i < cols; i++) centres[k * cols + i] = sums[k * cols + i] / counts[k];
    }
  }
  return labels;
}

function firstCentres(x: Float64Array, rows: number, cols: number, clusters: number, key: Key): Float64Array {
  const draws = uniform(fold(key, "centres"), clusters);
  const centres = new Float64Array(clusters * cols);
  const distance = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  let row = Math.min(rows - 1, Math.floor(draws[0] * rows));
  for (let k = 0; ; k++) {
    centres.set(x.subarray(row * cols, (row + 1) * cols), k * cols);
    if (k === clusters - 1) return centres;
    let mean = 0;
    for (let r = 0; r < rows; r++) {
      let square = 0;
      for (let i = 0; i < cols; i++) square += (x[r * cols + i] - centres[k * cols + i]) ** 2;
      if (square < distance[r]) distance[r] = square;
      mean += distance[r] / rows;
    }
    const cap = DISTANCE_CAP * mean;
    let total = 0;
    for (let r = 0; r < rows; r++) total += Math.min(cap, distance[r]);
    let left = draws[k + 1] * total;
    for (row = 0; row < rows - 1; row++) if ((left -= Math.min(cap, distance[row])) < 0) break;
  }
}

/** Writes the nearest centre of each row into `labels`; tells whether any label changed. */
function assign(
  x: Float64Array,
  rows: number,
  cols: number,
  centres: Float64Array,
  clusters: number,
  labels: Int32Array,
): boolean {
  let moved = false;
  for (let r = 0; r < rows; r++) {
    const at = r * cols;
    let best = Number.POSITIVE_INFINITY;
    let label = 0;
    for (let k = 0; k < clusters; k++) {
      const from = k * cols;
      let square = 0;
      for (let i = 0; i < cols && square < best; i++) {
        const difference = x[at + i] - centres[from + i];
        square += difference * difference;
      }
      if (square < best) {
        best = square;
        label = k;
      }
    }
    if (labels[r] !== label) {
      labels[r] = label;
      moved = true;
    }
  }
  return moved;
}
