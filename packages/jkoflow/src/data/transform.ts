/**
 * Monotone transforms of a single column, for tails that a linear scale leaves far out. Each has an exact derivative, so
 * densities stay exact.
 *
 *   asinh     u = asinh(z), z = (x - centre) / scale
 *   log       u = sign(z) ln(1 + |z|)
 *   quantile  a monotone spline through (quantile of the column, normal score), linear beyond the outer knots
 *   tails     u = z up to |z| = edge, beyond it sign(z) (edge + w ln(1 + (|z| - edge) / w)): for odd values, see oddCells.ts
 *   margins   the kernel estimate of the column's own distribution to a smoother one, see kernelMargin.ts; behind the bounds
 *             of a bounded column
 *   bounded   u = ln(x - low), -ln(high - x), or ln((x - low) / (high - x)): declared bounds, which no inverse crosses;
 *             with a scale s, u = s ln(exp((x - low) / s) - 1): the logarithm near the lower bound, x - low far above it
 */
import { exp, expm1, log, log1p } from "../random/index.ts";
import { nextAbove, nextBelow } from "./float32.ts";
import { applyMargin, fitKernelMargin, invertMargin, type KernelMargin, marginLogSlope } from "./kernelMargin.ts";
import { normalQuantile } from "./normalQuantile.ts";
import type { RegularRange } from "./oddCells.ts";
import { type Spline, splineDerivative, splineInverse, splineKnotSlopes, splineValue } from "./spline.ts";
import { meanAndSd } from "./summary.ts";

/** A transform to be fitted, by name; the formulas are above. */
export type TransformKind = "none" | "asinh" | "log" | "quantile";
/** "auto": tails where a column has odd values, none where it has not; "margins" are fitted to training and held-out rows, of columns whose values do not recur; others are "auto". */
export type TransformChoice = TransformKind | "auto" | "margins";

/**
 * What all values lie strictly between; null is no bound on that side, but one there is. A lower bound alone may have a
 * scale, beyond which the transform leaves values as they are.
 */
export type Bounds = readonly [low: number | null, high: number | null, scale?: number];

/** A fitted transform: plain data that survives JSON. */
export type ColumnTransform =
  | { readonly kind: "bounded"; readonly bounds: Bounds }
  | { readonly kind: "none" }
  | { readonly kind: "asinh" | "log"; readonly centre: number; readonly scale: number }
  | ({ readonly kind: "quantile" } & Spline)
  | ({ readonly kind: "tails"; readonly width: number } & RegularRange)
  | ({ readonly kind: "margins"; readonly bounds: Bounds | null } & KernelMargin);

/**
 * w of a tails transform: a value 1e5 deviations away comes to lie 3 beyond the edge. Twice as wide costs two clusters with
 * one odd row 0.0025 and 0.013 nats more (two seeds), with three odd rows -0.002 and 0.014; wider was not tried
 * (docs/notebook/jko-iflow.md).
 */
const TAILS_WIDTH = 0.25;

/** More knots would follow the noise of a sample of some thousand rows. */
const KNOTS = 33;

/** Is parsed JSON from anywhere a pair of bounds: at least one of them a number, the lower below the upper? */
export function isBounds(value: unknown): value is Bounds {
  if (!Array.isArray(value) || value.length < 2 || value.length > 3) return false;
  const [low, high, scale] = value;
  if (value.length === 3 && !(low !== null && high === null && Number.isFinite(scale) && scale > 0)) return false;
  const known = (x: unknown): boolean => x === null || (typeof x === "number" && Number.isFinite(x));
  return known(low) && known(high) && (low !== null || high !== null) && (low === null || high === null || low < high);
}

export const boundsText = ([low, high]: Bounds): string =>
  [low === null ? "" : `above ${low}`, high === null ? "" : `below ${high}`]
    .filter((part) => part !== "")
    .join(" and ");

/** Fits a transform to the values of a column that is not constant. */
export function fitTransform(kind: TransformKind, column: Float64Array): ColumnTransform {
  if (kind === "none") return { kind };
  const sorted = Float64Array.from(column).sort();
  if (kind === "quantile") return { kind, ...fitQuantiles(sorted) };
  const spread = quantile(sorted, 0.75) - quantile(sorted, 0.25);
  // Half the quartile distance; where more than half of the values are equal, the standard deviation.
  return { kind, centre: quantile(sorted, 0.5), scale: spread > 0 ? spread / 2 : meanAndSd(sorted).sd };
}

/** The transform for a column with odd values: none of the regular ones is bent. */
export const tailsTransform = (range: RegularRange): ColumnTransform => ({
  kind: "tails",
  ...range,
  width: TAILS_WIDTH,
});

/** The transform behind kernel margins, fitted to values of a column, its width chosen on held-out ones. */
export function marginTransform(values: Float64Array, held: Float64Array, bounds: Bounds | null): ColumnTransform {
  const inside = bounds ? { kind: "bounded" as const, bounds } : { kind: "none" as const };
  const [train, validation] = [values, held].map((column) => column.map((x) => applyTransform(inside, x)));
  return { kind: "margins", bounds, ...fitKernelMargin(train, validation, ["smooth"])[0] };
}

/** What lies before the margins of a column. */
const before = ({ bounds }: { readonly bounds: Bounds | null }): ColumnTransform =>
  bounds ? { kind: "bounded", bounds } : { kind: "none" };

/** Whether a value is none of the odd ones of its column. */
export const isRegular = (transform: ColumnTransform, x: number): boolean =>
  transform.kind !== "tails" || Math.abs(x - transform.centre) <= transform.edge * transform.scale;

export function applyTransform(transform: ColumnTransform, x: number): number {
  if (transform.kind === "none") return x;
  if (transform.kind === "quantile") return splineValue(transform, x);
  if (transform.kind === "bounded") {
    const [low, high, scale] = transform.bounds;
    if (scale !== undefined) return softLog((x - low!) / scale) * scale;
    return (low === null ? 0 : log(x - low)) - (high === null ? 0 : log(high - x));
  }
  if (transform.kind === "margins") return applyMargin(transform, applyTransform(before(transform), x));
  const z = (x - transform.centre) / transform.scale;
  const a = Math.abs(z);
  if (transform.kind === "tails") {
    const { edge, width } = transform;
    if (a <= edge) return z;
    const bent = edge + width * log1p((a - edge) / width);
    return z < 0 ? -bent : bent;
  }
  // asinh(a) = ln(a + sqrt(a^2 + 1)) = ln(1 + (a + a^2 / (1 + sqrt(a^2 + 1)))), without cancellation for small a
  const u = transform.kind === "log" ? log1p(a) : log1p(a + (a / (1 + Math.sqrt(a * a + 1))) * a);
  return z < 0 ? -u : u;
}

export function invertTransform(transform: ColumnTransform, u: number): number {
  if (transform.kind === "none") return u;
  if (transform.kind === "quantile") return splineInverse(transform, u);
  if (transform.kind === "bounded") return invertBounded(transform.bounds, u);
  if (transform.kind === "margins") return invertTransform(before(transform), invertMargin(transform, u));
  if (transform.kind === "tails") {
    const { centre, scale, edge, width } = transform;
    const far = Math.abs(u);
    const a = far <= edge ? far : edge + width * expm1((far - edge) / width);
    return centre + scale * (u < 0 ? -a : a);
  }
  const e = expm1(Math.abs(u));
  const a = transform.kind === "log" ? e : (e + e / (e + 1)) / 2; // sinh
  return transform.centre + transform.scale * (u < 0 ? -a : a);
}

/** ln |d transform / d x| at x. */
export function transformLogSlope(transform: ColumnTransform, x: number): number {
  if (transform.kind === "none") return 0;
  if (transform.kind === "quantile") return log(splineDerivative(transform, x));
  if (transform.kind === "bounded") {
    const [low, high, scale] = transform.bounds;
    if (scale !== undefined) return -log(-expm1(-(x - low!) / scale)); // du/dx = 1 / (1 - exp(-(x - low) / s))
    const both = low !== null && high !== null ? log(high - low) : 0;
    return both - (low === null ? 0 : log(x - low)) - (high === null ? 0 : log(high - x));
  }
  if (transform.kind === "margins") {
    const inside = before(transform);
    return marginLogSlope(transform, applyTransform(inside, x)) + transformLogSlope(inside, x);
  }
  const z = (x - transform.centre) / transform.scale;
  if (transform.kind === "tails") {
    const beyond = Math.max(0, Math.abs(z) - transform.edge);
    return -log1p(beyond / transform.width) - log(transform.scale);
  }
  const growth = transform.kind === "log" ? log1p(Math.abs(z)) : 0.5 * log1p(z * z);
  return -growth - log(transform.scale);
}

/** ln(exp(y) - 1), the inverse of softplus, without overflow; NaN or -Infinity outside of y > 0. */
const softLog = (y: number): number => y + log(-expm1(-y));

/** In float32, and strictly inside: rounding must not carry a value to its bound, where it has no density. */
function invertBounded([low, high, scale]: Bounds, u: number): number {
  const share = 1 / (1 + exp(-u));
  let x: number;
  if (scale !== undefined)
    x = low! + scale * (Math.max(u / scale, 0) + log1p(exp(-Math.abs(u / scale)))); // softplus
  else if (low === null) x = high! - exp(-u);
  else if (high === null) x = low + exp(u);
  else x = u < 0 ? low + (high - low) * share : high - (high - low) / (1 + exp(u));
  x = Math.fround(x);
  if (low !== null && x <= low) return nextAbove(low);
  return high !== null && x >= high ? nextBelow(high) : x;
}

/** The value below which a share p of the sorted values lies, linear between them. */
function quantile(sorted: Float64Array, p: number): number {
  const at = p * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

/** Knots at even probabilities; knots at the same value (ties) become one, at their mean score. */
function fitQuantiles(sorted: Float64Array): Spline {
  const x: number[] = [];
  const y: number[] = [];
  const count = Math.max(2, Math.min(KNOTS, sorted.length));
  let group: number[] = [];
  for (let k = 0; k < count; k++) {
    const value = quantile(sorted, k / (count - 1));
    // The outermost scores are those of the smallest and largest of n values.
    const margin = Math.max(0.5 / sorted.length, 1e-8);
    const score = normalQuantile(Math.min(1 - margin, Math.max(margin, k / (count - 1))));
    if (x.length > 0 && !(value > x[x.length - 1])) {
      group.push(score);
    } else {
      x.push(value);
      y.push(0);
      group = [score];
    }
    y[y.length - 1] = group.reduce((sum, s) => sum + s, 0) / group.length;
  }
  return { x, y, slopes: splineKnotSlopes(x, y) };
}
