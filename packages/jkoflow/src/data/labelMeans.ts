/**
 * Means of a label-dependent target N(mu(y), I): fixed before training, near the means of the labels' own rows, and well
 * separated.
 *
 *   mu(y) = y M,  y the covariates [c], M [c, d]
 *
 * Source: the target of Xu, Cheng, Xie, arXiv:2206.01163 (graph prediction), whose means are fixed and far apart. Which means
 * is our choice: those of the labels in the (standardised) training rows, so that the flow need not carry labels across
 * each other, pushed apart until every two are at least `SEPARATION` standard deviations from each other. With several
 * columns of labels the means of the columns add up; on a graph column v moves node v alone.
 */

import { InputError } from "../errors/errors.ts";
import { checkKind } from "../errors/kinds.ts";
import { type Condition, covariatesOf } from "./condition.ts";

/** Of two means, in standard deviations of the target: labels then share about 5 % of their mass (2 Phi(-2)). */
const SEPARATION = 4;
/** As large as that keeps the arrangement of the labels' own means. */
const LARGEST_FACTOR = 8;
/** Share of what is missing that each of two points moves in a round; below 1/2, so that crowds do not scatter. */
const STEP = 0.2;
const ROUNDS = 500;

/**
 * M, row-major `[c, d]`, for training rows x `[n, d]` with covariates y `[n, c]`. `nodes` above 0: column v of the labels
 * shifts only the columns of node v.
 * @throws InputError for a column of numbers, or label columns that are not as many as the nodes.
 *
 * @example
 * ```ts
 * import { conditionValues, fitCondition, labelMeans, meansOf } from "jkoflow/data";
 *
 * const rows = { rows: 4, columns: [conditionValues("label", ["a", "a", "b", "b"])] };
 * const condition = fitCondition(rows);
 * const y = condition.encode(rows); // [4, 2]
 * const means = labelMeans(condition, Float32Array.of(0, 0, 1, 0, 0, 1, 1, 1), y, 2); // [2, 2], at least 4 apart
 * console.log(meansOf(y, means, 2).length); // 8
 * ```
 */
export function labelMeans(
  condition: Condition,
  x: Float32Array,
  y: Float32Array,
  d: number,
  nodes: number = 0,
): Float32Array {
  checkKind(x, "Float32Array", "labelMeans", "x");
  checkKind(y, "Float32Array", "labelMeans", "y");
  const { columns, width } = condition;
  const number = columns.find(({ kind }) => kind === "number");
  if (number !== undefined || (nodes > 0 && columns.length !== nodes)) {
    const came = number ? `the numbers of column ${JSON.stringify(number.name)}` : `${columns.length} columns`;
    const expected = number ? "labels only" : `one column of labels for each of the ${nodes} nodes`;
    throw new InputError({ where: "base", came, expected, fix: 'use base "standard"' });
  }
  const means = new Float32Array(width * d);
  let first = 0;
  columns.forEach((column, k) => {
    const count = covariatesOf(column);
    const from = nodes > 0 ? (k * d) / nodes : 0;
    const size = nodes > 0 ? d / nodes : d;
    const moved = apart(meansByLabel(x, y, d, width, first, count, from, size), count, size);
    for (let j = 0; j < count; j++) {
      means.set(moved.subarray(j * size, (j + 1) * size), (first + j) * d + from);
    }
    first += count;
  });
  return means;
}

/** Means of `size` columns of x for each of `count` labels. */
function meansByLabel(
  x: Float32Array,
  y: Float32Array,
  d: number,
  width: number,
  first: number,
  count: number,
  from: number,
  size: number,
): Float64Array {
  const sums = new Float64Array(count * size);
  const rows = new Float64Array(count);
  for (let i = 0; i < x.length / d; i++) {
    const label = y.subarray(i * width + first, i * width + first + count).indexOf(1);
    rows[label]++;
    for (let j = 0; j < size; j++) sums[label * size + j] += x[i * d + from + j];
  }
  return sums.map((sum, at) => sum / rows[Math.floor(at / size)]);
}

/** Points `SEPARATION` apart, every two of them: scaled up as far as `LARGEST_FACTOR`, then moved. [count, size] */
function apart(points: Float64Array, count: number, size: number): Float64Array {
  const factor = Math.min(LARGEST_FACTOR, Math.max(1, SEPARATION / leastDistance(points, count, size)));
  const moved = points.map((value) => factor * value);
  for (let round = 0; round < ROUNDS; round++) {
    let close = false;
    for (let a = 0; a < count; a++) {
      for (let b = 0; b < a; b++) {
        const gap = Float64Array.from({ length: size }, (_, j) => moved[a * size + j] - moved[b * size + j]);
        // Labels with one mean part along different axes, else none would move.
        if (gap.every((value) => Math.abs(value) < 1e-6)) gap[(a + b) % size] = 1e-6 * (1 + a);
        const distance = Math.hypot(...gap);
        if (distance >= SEPARATION) continue;
        close = true;
        const step = (STEP * (SEPARATION - distance) + 1e-6) / distance;
        for (let j = 0; j < size; j++) {
          moved[a * size + j] += step * gap[j];
          moved[b * size + j] -= step * gap[j];
        }
      }
    }
    if (!close) return moved;
  }
  // So many labels in so few columns have not found room: the shape stays, its size grows.
  const least = leastDistance(moved, count, size);
  return moved.map((value) => (value * SEPARATION) / least);
}

function leastDistance(points: Float64Array, count: number, size: number): number {
  let least = Infinity;
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < a; b++) {
      let square = 0;
      for (let j = 0; j < size; j++) square += (points[a * size + j] - points[b * size + j]) ** 2;
      least = Math.min(least, Math.sqrt(square));
    }
  }
  return least;
}

/** mu(y) of each row: y `[n, c]` times M -> `[n, d]`. */
export function meansOf(y: Float32Array, means: Float32Array, d: number): Float32Array {
  checkKind(y, "Float32Array", "meansOf", "y");
  checkKind(means, "Float32Array", "meansOf", "means");
  const c = means.length / d;
  const out = new Float32Array((y.length / c) * d);
  for (let i = 0; i < y.length / c; i++) {
    for (let k = 0; k < c; k++) {
      const weight = y[i * c + k];
      if (weight !== 0) for (let j = 0; j < d; j++) out[i * d + j] += weight * means[k * d + j];
    }
  }
  return out;
}
