/**
 * The Wasserstein gradient xi of a JKO step's objective between Gaussians, and steps of which it has a given norm.
 *
 *   xi(y) = A (y - b) + grad log p'(y) / beta - (T^-1(y) - y) / h,   T(x) = m' + P (x - m),  p' = N(m', S')
 *
 * It is affine: xi(y) = c + L (y - m'), c = A (m' - b) - (m - m') / h, L = A - S'^-1 / beta - (P^-1 - I) / h.
 */
import type { GaussianState, GaussianStep, GaussianTarget } from "../evaluate/gaussianFlow.ts";
import { apply, functionOf, identityMatrix, plus, product, traceOf } from "../evaluate/symmetric.ts";

/**
 * Norm of xi in L^2(p'). `map` of the step is symmetric, positive definite.
 *
 * @example
 * ```ts
 * import { type GaussianStep, gaussianJkoStep } from "jkoflow/evaluate";
 * import { gaussianResidual } from "jkoflow/theory";
 *
 * const from = { mean: Float64Array.of(3), covariance: Float64Array.of(1) };
 * const target = { mean: Float64Array.of(0), precision: Float64Array.of(1) };
 * const exact: GaussianStep = gaussianJkoStep(from, target, 0.5);
 * const still: GaussianStep = { ...from, map: Float64Array.of(1), moved: 0 };
 * console.log(gaussianResidual(from, exact, target, 0.5) < 1e-12, gaussianResidual(from, still, target, 0.5)); // true 3
 * ```
 */
export function gaussianResidual(from: GaussianState, to: GaussianStep, target: GaussianTarget, h: number): number {
  const { mean: b, precision: A, beta = 1 } = target;
  const { mean, covariance: S, map } = to;
  const d = mean.length;
  const pull = apply(
    A,
    mean.map((v, i) => v - b[i]),
    d,
  );
  const c = pull.map((v, i) => v + (mean[i] - from.mean[i]) / h);
  const inverse = (matrix: Float64Array) => functionOf(matrix, d, (v) => 1 / v);
  const L = plus(plus(A, inverse(S), -1 / beta), plus(inverse(map), identityMatrix(d), -1), -1 / h);
  return Math.sqrt(c.reduce((sum, v) => sum + v * v, 0) + traceOf(product(product(L, S, d), L, d), d));
}

/**
 * W_2^2 between Gaussians.
 *
 * @example
 * ```ts
 * import { gaussianDistance } from "jkoflow/theory";
 *
 * const normal = (mean: number, variance: number) => ({ mean: Float64Array.of(mean), covariance: Float64Array.of(variance) });
 * console.log(gaussianDistance(normal(0, 4), normal(3, 1))); // 10
 * ```
 */
export function gaussianDistance(p: GaussianState, q: GaussianState): number {
  const d = p.mean.length;
  const root = functionOf(p.covariance, d, (v) => Math.sqrt(Math.max(0, v)));
  const inner = functionOf(product(product(root, q.covariance, d), root, d), d, (v) => Math.sqrt(Math.max(0, v)));
  const spread = traceOf(p.covariance, d) + traceOf(q.covariance, d) - 2 * traceOf(inner, d);
  return p.mean.reduce((sum, v, i) => sum + (v - q.mean[i]) ** 2, 0) + Math.max(0, spread);
}

/** N(mean, sd^2) on the line. */
export interface LineNormal {
  readonly mean: number;
  readonly sd: number;
}

/**
 * A step of size h on the line towards N(b, 1 / a) of which xi has the norm eps exactly, pointing away from the target: a share
 * cos(angle) of it pulls the mean, sin(angle) the deviation. With eps = 0 the exact step.
 *
 * @example
 * ```ts
 * import { inexactStep, type LineNormal } from "jkoflow/theory";
 *
 * const start: LineNormal = { mean: 3, sd: 1 };
 * console.log(inexactStep(start, { b: 0, a: 1 }, 0.5, 0, 0)); // { mean: 2, sd: 1 }
 * ```
 */
export function inexactStep(
  { mean: m, sd: s }: LineNormal,
  { b, a }: { readonly b: number; readonly a: number },
  h: number,
  eps: number,
  angle: number,
): LineNormal {
  const away = m >= b ? 1 : -1;
  const mean = (m + h * a * b + away * h * eps * Math.cos(angle)) / (1 + h * a);
  const [square, linear] = [a + 1 / h, s / h + eps * Math.sin(angle)];
  return { mean, sd: (linear + Math.sqrt(linear ** 2 + 4 * square)) / (2 * square) };
}
