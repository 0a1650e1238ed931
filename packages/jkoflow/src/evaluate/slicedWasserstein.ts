/**
 * Sliced Wasserstein-2 distance: the root mean square of W2 between projections on random lines.
 *
 * Source: N. Bonneel, J. Rabin, G. Peyre, H. Pfister, "Sliced and Radon Wasserstein barycenters of measures",
 * J. Math. Imaging Vis. 51 (2015), 22-45.
 *   SW2^2 = E_u W2^2(<u, X>, <u, Y>), u uniform on the sphere; on a line W2^2 is the integral of (F^-1 - G^-1)^2.
 */

import { InputError } from "../errors/index.ts";
import { fold, type Key, normal } from "../random/index.ts";
import { checkRows } from "./rows.ts";

export interface SlicedOptions {
  /** Random lines; default 200. */
  readonly projections?: number;
}

/**
 * SW2 of x [n, cols] and y [m, cols], in the units of the columns; n and m may differ. In one dimension it is W2 itself.
 *
 * Throws InputError where a shape does not fit or a value is not finite.
 */
export function slicedWasserstein(
  x: Float32Array,
  y: Float32Array,
  cols: number,
  key: Key,
  options: SlicedOptions = {},
): number {
  const { projections = 200 } = options;
  if (!Number.isInteger(projections) || projections < 1) {
    throw new InputError({ where: "projections", came: `${projections}`, expected: "a whole number of at least 1" });
  }
  checkRows("x", x, x.length / cols, cols, 1);
  checkRows("y", y, y.length / cols, cols, 1);
  const lines = cols === 1 ? 1 : projections;
  let sum = 0;
  for (let line = 0; line < lines; line++) {
    const direction = Float64Array.from(normal(fold(key, "line", line), cols)); // [cols]
    const length = Math.hypot(...direction);
    const unit = direction.map((value) => value / length);
    sum += squaredDistance(project(x, cols, unit), project(y, cols, unit)) / lines;
  }
  return Math.sqrt(sum);
}

function project(x: Float32Array, cols: number, direction: Float64Array): Float64Array {
  const out = new Float64Array(x.length / cols);
  for (let r = 0; r < out.length; r++) {
    let sum = 0;
    for (let c = 0; c < cols; c++) sum += direction[c] * x[r * cols + c];
    out[r] = sum;
  }
  return out.sort();
}

/** W2^2 of two sorted samples: both quantile functions are steps, so walk along their joint steps. */
function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  let [i, j, level] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    // (i + 1) / |a| against (j + 1) / |b| in whole numbers, so that equal levels are met exactly.
    const order = (i + 1) * b.length - (j + 1) * a.length;
    const next = order <= 0 ? (i + 1) / a.length : (j + 1) / b.length;
    sum += (next - level) * (a[i] - b[j]) ** 2;
    level = next;
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
  return sum;
}
