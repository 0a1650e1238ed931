/**
 * A scale for a column on which a grid of some thousand cells resolves its bulk: (x - centre) / deviation, and where a few
 * values lie far out, the inverse hyperbolic sine of a part of it, which is linear in the bulk and logarithmic beyond.
 */
import { meanAndSd } from "../data/summary.ts";

export interface ColumnScale {
  readonly centre: number;
  readonly width: number;
  /** t = reach asinh(z / reach), z = (x - centre) / width; Infinity for t = z. */
  readonly reach: number;
}

/** With a value so many robust deviations from the median the scale is logarithmic beyond `REACH` of them. */
const FAR = 40;
const REACH = 4;

/** Of a column of at least one value. */
export function fitScale(values: Float64Array): ColumnScale {
  const sorted = values.slice().sort();
  const { mean, sd } = meanAndSd(sorted);
  const at = (p: number): number => sorted[Math.floor(p * (sorted.length - 1))];
  const spread = (at(0.75) - at(0.25)) / 1.349; // of a normal law it is the deviation
  const robust = { centre: at(0.5), width: spread > 0 ? spread : sd > 0 ? sd : 1 };
  const far = Math.max(at(1) - robust.centre, robust.centre - at(0));
  if (far > FAR * robust.width) return { ...robust, reach: REACH };
  return { centre: mean, width: sd > 0 ? sd : 1, reach: Number.POSITIVE_INFINITY };
}

export function scaled({ centre, width, reach }: ColumnScale, x: number): number {
  const z = (x - centre) / width;
  return reach === Number.POSITIVE_INFINITY ? z : reach * Math.asinh(z / reach);
}

export function unscaled({ centre, width, reach }: ColumnScale, t: number): number {
  return centre + width * (reach === Number.POSITIVE_INFINITY ? t : reach * Math.sinh(t / reach));
}

/** log dt/dx at x. */
export function scaleLogSlope({ centre, width, reach }: ColumnScale, x: number): number {
  if (reach === Number.POSITIVE_INFINITY) return -Math.log(width);
  const z = (x - centre) / (width * reach);
  return -Math.log(width) - Math.log1p(z * z) / 2;
}
