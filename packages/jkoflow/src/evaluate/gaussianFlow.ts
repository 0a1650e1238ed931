/**
 * The flow of a Gaussian towards any Gaussian N(b, A^-1), exactly, and the exact steps of the scheme along it.
 *
 * F = E_rho[(x - b)^T A (x - b) / 2] + (1 / beta) int rho log rho; for beta = 1 it is KL(rho | N(b, A^-1)) up to a constant.
 *
 *   flow   m(t) = b + e^(-At) (m - b),   S(t) = V + e^(-At) (S - V) e^(-At),   V = A^-1 / beta   (Ornstein-Uhlenbeck)
 *   step   m' = M^-1 (m + h A b),  M = I + h A;   T(x) = m' + P (x - m),   S' = P S P,   P M P - P = (h / beta) S^-1:
 *          P = M^(-1/2) [I + (I + 4 (h / beta) M^(1/2) S^-1 M^(1/2))^(1/2)] M^(-1/2) / 2
 *
 * The step is that of R. Jordan, D. Kinderlehrer, F. Otto, SIAM J. Math. Anal. 29 (1998); for affine maps of Gaussians its
 * optimality condition (y - x)/h + A (y - b) - S'^-1 (y - m') / beta = 0 is the Riccati equation, solved here in closed form. A = 0 (the heat
 * equation) is allowed in the step. A and S need not commute. For A = I and beta = 1 see also closedForm.ts.
 */
import { InputError } from "../errors/index.ts";
import { apply, functionOf, identityMatrix, logDetOf, plus, product, traceOf } from "./symmetric.ts";

/** N(mean, covariance): [d], [d, d]. */
export interface GaussianState {
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
}

/** Where F leads: b [d], A [d, d] symmetric with eigenvalues from 0, beta (default 1). */
export interface GaussianTarget {
  readonly mean: Float64Array;
  readonly precision: Float64Array;
  readonly beta?: number;
}

/** One exact step; `map` is P. */
export interface GaussianStep extends GaussianState {
  readonly map: Float64Array;
  /** W_2^2 between the states. */
  readonly moved: number;
}

/**
 * The step of size h. @throws InputError unless h is above 0.
 *
 * @example
 * ```ts
 * import { type GaussianState, gaussianFlowAt, gaussianJkoStep, gaussianKl, gaussianSymKl } from "jkoflow/evaluate";
 *
 * const start: GaussianState = { mean: Float64Array.of(3), covariance: Float64Array.of(1) };
 * const target = { mean: Float64Array.of(0), precision: Float64Array.of(1) };
 * const { mean, map } = gaussianJkoStep(start, target, 0.5);
 * console.log(mean[0], map[0].toFixed(6)); // 2 1.000000
 * const end = { mean: target.mean, covariance: Float64Array.of(1) };
 * console.log(gaussianKl(start, end), gaussianSymKl(gaussianFlowAt(start, target, 40), end) < 1e-12); // 4.5 true
 * ```
 */
export function gaussianJkoStep(from: GaussianState, target: GaussianTarget, h: number): GaussianStep {
  if (!(h > 0)) throw new InputError({ where: "h", came: `${h}`, expected: "a step size above 0" });
  const { mean: m, covariance: S } = from;
  const { mean: b, precision: A, beta = 1 } = target;
  const d = m.length;
  const M = plus(identityMatrix(d), A, h);
  const [root, back] = [functionOf(M, d, Math.sqrt), functionOf(M, d, (v) => 1 / Math.sqrt(v))];
  const inner = product(
    product(
      root,
      functionOf(S, d, (v) => 1 / v),
      d,
    ),
    root,
    d,
  );
  const bracket = functionOf(inner, d, (v) => (1 + Math.sqrt(1 + (4 * h * v) / beta)) / 2);
  const map = product(product(back, bracket, d), back, d);
  const pull = apply(A, b, d).map((v, i) => m[i] + h * v);
  const mean = apply(
    functionOf(M, d, (v) => 1 / v),
    pull,
    d,
  );
  const covariance = product(product(map, S, d), map, d);
  const shift = plus(map, identityMatrix(d), -1);
  const moved =
    traceOf(product(product(shift, S, d), shift, d), d) + mean.reduce((sum, v, i) => sum + (v - m[i]) ** 2, 0);
  return { mean, covariance, map, moved };
}

/** The states of `steps` steps of size h after `from`, the last one. */
export function gaussianJkoAt(from: GaussianState, target: GaussianTarget, h: number, steps: number): GaussianState {
  let state = from;
  for (let k = 0; k < steps; k++) state = gaussianJkoStep(state, target, h);
  return state;
}

/** The true flow at a time; A must be positive definite. */
export function gaussianFlowAt(from: GaussianState, target: GaussianTarget, time: number): GaussianState {
  const { mean: b, precision: A, beta = 1 } = target;
  const d = b.length;
  const decay = functionOf(A, d, (v) => Math.exp(-v * time));
  const still = functionOf(A, d, (v) => 1 / (beta * v));
  const difference = plus(from.covariance, still, -1);
  const away = apply(
    decay,
    from.mean.map((v, i) => v - b[i]),
    d,
  );
  return {
    mean: away.map((v, i) => b[i] + v),
    covariance: plus(still, product(product(decay, difference, d), decay, d)),
  };
}

/** KL(p | q) of Gaussians, nats. */
export function gaussianKl(p: GaussianState, q: GaussianState): number {
  const d = p.mean.length;
  const inverse = functionOf(q.covariance, d, (v) => 1 / v);
  const gap = p.mean.map((v, i) => v - q.mean[i]);
  const mahalanobis = apply(inverse, gap, d).reduce((sum, v, i) => sum + v * gap[i], 0);
  const trace = traceOf(product(inverse, p.covariance, d), d);
  return (trace + mahalanobis - d + logDetOf(q.covariance, d) - logDetOf(p.covariance, d)) / 2;
}

/** KL(p | q) + KL(q | p), nats. */
export const gaussianSymKl = (p: GaussianState, q: GaussianState): number => gaussianKl(p, q) + gaussianKl(q, p);
