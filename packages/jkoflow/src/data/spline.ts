/**
 * Monotone rational-quadratic splines: once continuously differentiable, with closed inverse and derivative.
 *
 * Source: J. Gregory, R. Delbourgo, IMA J. Numer. Anal. 2 (1982), 123-130; notation of C. Durkan, A. Bekasov, I. Murray,
 * G. Papamakarios, "Neural spline flows", NeurIPS 2019, arXiv:1906.04032, equations (4) to (8). In a bin of width w and
 * height h with s = h / w, end slopes d0, d1 and xi = (x - x0) / w:
 *   y = y0 + h (s xi^2 + d0 xi (1 - xi)) / (s + (d1 + d0 - 2 s) xi (1 - xi)).
 * Beyond the outer knots the spline is a straight line of the outer slope.
 */

export interface Spline {
  /** Knots, both strictly rising, and the slopes there, all > 0. */
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly slopes: readonly number[];
}

/** Slopes at the knots: inside the harmonic mean of the neighbouring secants, outside the secant of the last bin. */
export function splineKnotSlopes(x: readonly number[], y: readonly number[]): number[] {
  const last = x.length - 1;
  const secant = (k: number): number => (y[k + 1] - y[k]) / (x[k + 1] - x[k]);
  return x.map((_, k) => {
    if (k === 0) return secant(0);
    if (k === last) return secant(last - 1);
    return 2 / (1 / secant(k - 1) + 1 / secant(k));
  });
}

export function splineValue(spline: Spline, x: number): number {
  const k = findBin(spline.x, x);
  const { y, slopes } = spline;
  if (k < 0) return y[0] + slopes[0] * (x - spline.x[0]);
  const last = y.length - 1;
  if (k === last) return y[last] + slopes[last] * (x - spline.x[last]);
  const w = spline.x[k + 1] - spline.x[k];
  const h = y[k + 1] - y[k];
  const s = h / w;
  const xi = (x - spline.x[k]) / w;
  const mixed = xi * (1 - xi);
  return y[k] + (h * (s * xi * xi + slopes[k] * mixed)) / (s + (slopes[k + 1] + slopes[k] - 2 * s) * mixed);
}

/** dy/dx, always > 0. */
export function splineDerivative(spline: Spline, x: number): number {
  const k = findBin(spline.x, x);
  const { y, slopes } = spline;
  if (k < 0) return slopes[0];
  const last = y.length - 1;
  if (k === last) return slopes[last];
  const w = spline.x[k + 1] - spline.x[k];
  const s = (y[k + 1] - y[k]) / w;
  const xi = (x - spline.x[k]) / w;
  const mixed = xi * (1 - xi);
  const below = s + (slopes[k + 1] + slopes[k] - 2 * s) * mixed;
  const above = slopes[k + 1] * xi * xi + 2 * s * mixed + slopes[k] * (1 - xi) * (1 - xi);
  return (s * s * above) / (below * below);
}

/** The x of a y: the root in [0, 1] of a quadratic in xi, in the form that does not cancel. */
export function splineInverse(spline: Spline, value: number): number {
  const k = findBin(spline.y, value);
  const { x, y, slopes } = spline;
  if (k < 0) return x[0] + (value - y[0]) / slopes[0];
  const last = y.length - 1;
  if (k === last) return x[last] + (value - y[last]) / slopes[last];
  const w = x[k + 1] - x[k];
  const h = y[k + 1] - y[k];
  const s = h / w;
  const bend = slopes[k + 1] + slopes[k] - 2 * s;
  const rise = value - y[k];
  const a = h * (s - slopes[k]) + rise * bend;
  const b = h * slopes[k] - rise * bend;
  const c = -s * rise;
  const xi = (2 * c) / (-b - Math.sqrt(Math.max(0, b * b - 4 * a * c)));
  return x[k] + w * xi;
}

/** k with knots[k] <= value < knots[k + 1]; -1 below the first knot, the last index from the last knot on. */
function findBin(knots: readonly number[], value: number): number {
  let low = 0;
  let high = knots.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (knots[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
