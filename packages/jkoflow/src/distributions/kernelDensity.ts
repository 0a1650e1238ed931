/**
 * A Gaussian kernel at each of some rows, the density nearest neighbours see: far from all rows it falls with the squared
 * distance to the nearest one.
 *
 *   log k(x) = log 1/n sum_i N(x; r_i, w^2 I)
 *
 * `--for anomalies` averages it with the density of the flow (docs/guide/jko-iflow.md). A flow that describes rows better than the
 * kernels do by many nats still ranks some kinds of anomalies worse: it may lend mass to the space between rows, and it ranks
 * by the volume that rows have to themselves, of which correlated columns leave little.
 */

import { InputError } from "../errors/index.ts";
import { checkKind } from "../errors/kinds.ts";
import { halfLog2Pi } from "../random/index.ts";

/** Where the kernels stand and how wide they are: plain data of a model file. */
export interface Kernels {
  /** Standardised rows [n, d]. */
  readonly rows: Float32Array;
  /** Standard deviation of a kernel in every column, standardised units. */
  readonly width: number;
}

/** Kernels this many nats below the highest so far add nothing to a float64 sum. */
const NEGLIGIBLE = 40;

/**
 * log k of each standardised row of `x` [m, d], nats of the standardised units. [m]
 * @throws InputError for kernels without a whole row, or a width that is not above 0.
 *
 * @example
 * ```ts
 * import { kernelLogDensity } from "jkoflow/distributions";
 *
 * const kernels = { rows: Float32Array.of(0, 0), width: 1 }; // one row of two columns: N(0, I)
 * console.log(kernelLogDensity(kernels, Float32Array.of(0, 0), 2)[0].toFixed(4)); // -1.8379
 * ```
 */
export function kernelLogDensity({ rows, width }: Kernels, x: Float32Array, d: number): Float64Array {
  checkKind(rows, "Float32Array", "kernels");
  checkKind(x, "Float32Array", "rows");
  const n = rows.length / d;
  if (!(n >= 1) || !Number.isInteger(n) || !(width > 0))
    throw new InputError({
      where: "kernels",
      came: `${n} rows, width ${width}`,
      expected: "rows, and a width above 0",
    });
  const scale = 1 / (2 * width * width);
  const constant = Math.log(n) + d * (halfLog2Pi + Math.log(width));
  return Float64Array.from({ length: x.length / d }, (_, i) => {
    let nearest = Infinity; // squared distance
    let sum = 0; // of exp(-scale (square - nearest))
    for (let j = 0; j < n; j++) {
      const limit = nearest + NEGLIGIBLE / scale;
      let square = 0;
      for (let k = 0; k < d && square < limit; k++) square += (x[i * d + k] - rows[j * d + k]) ** 2;
      if (!(square < limit)) continue;
      if (square < nearest) {
        sum = sum * Math.exp(-scale * (nearest - square)) + 1;
        nearest = square;
      } else sum += Math.exp(-scale * (square - nearest));
    }
    return Math.log(sum) - scale * nearest - constant;
  });
}
