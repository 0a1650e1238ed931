/**
 * A scale for a column on which a grid of some thousand cells resolves its bulk: (x - centre) / deviation, and where a few
 * values lie far out, the inverse hyperbolic sine of a part of it, which is linear in the bulk and logarithmic beyond.
 */
import { expm1, log, log1p } from "../random/index.ts";
import { meanAndSd } from "./summary.ts";

export interface ColumnScale {
  readonly centre: number;
  readonly width: number;
  /** t = reach asinh(z / reach), z = (x - centre) / width; null for t = z. */
  readonly reach: number | null;
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
  return { centre: mean, width: sd > 0 ? sd : 1, reach: null };
}

export function scaled({ centre, width, reach }: ColumnScale, x: number): number {
  const z = (x - centre) / width;
  if (reach === null) return z;
  const a = Math.abs(z) / reach;
  const t = reach * log1p(a + (a / (1 + Math.sqrt(a * a + 1))) * a); // asinh, without cancellation for small a
  return z < 0 ? -t : t;
}

export function unscaled({ centre, width, reach }: ColumnScale, t: number): number {
  if (reach === null) return centre + width * t;
  const e = expm1(Math.abs(t) / reach);
  const z = (reach * (e + e / (e + 1))) / 2; // sinh
  return centre + width * (t < 0 ? -z : z);
}

/** log dt/dx at x. */
export function scaleLogSlope({ centre, width, reach }: ColumnScale, x: number): number {
  if (reach === null) return -log(width);
  const z = (x - centre) / (width * reach);
  return -log(width) - log1p(z * z) / 2;
}
