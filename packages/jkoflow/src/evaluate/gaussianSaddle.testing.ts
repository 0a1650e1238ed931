/**
 * The saddle of a variational step between Gaussians with every expectation in closed form, so that nothing is sampled: the oracle
 * of the game that systems/variational.ts plays.
 *
 *   sup over g   E_P[log g + log mu - log q] - E_mu[g]       (linear)      = KL(P | q) - 1
 *   sup over g   E_P[log g + log mu - log q] - log E_mu[g]   (Donsker-Varadhan) = KL(P | q)
 *
 * P the moved Gaussian N(m1, S1), mu the reference N(m, S), q the target, and log g(y) = -y^T B y / 2 + c^T y + e. With
 * G = S^-1 + B positive definite and p = S^-1 m + c,
 *
 *   E_mu[g] = det(I + S B)^(-1/2) exp(e + p^T G^-1 p / 2 - m^T S^-1 m / 2),   E_P[log g] = -(m1^T B m1 + tr(B S1)) / 2 + c^T m1 + e
 *
 * The best g is dP/dmu: B = S1^-1 - S^-1, c = S1^-1 m1 - S^-1 m. (Derived from the Gaussian integral; the game is that of
 * J. Fan et al., ICML 2022, arXiv:2112.02424.)
 */
import { type GaussianState, gaussianKl } from "./gaussianFlow.ts";
import { apply, functionOf, logDetOf, plus, product, traceOf } from "./symmetric.ts";

/** log g(y) = -y^T B y / 2 + c^T y + e. */
export interface QuadraticCritic {
  /** B [d, d], symmetric. */
  readonly quadratic: Float64Array;
  /** c [d] */
  readonly linear: Float64Array;
  /** e */
  readonly constant: number;
}

/** A step's Gaussians. */
export interface GaussianGame {
  readonly moved: GaussianState;
  readonly reference: GaussianState;
  readonly target: GaussianState;
}

const inverse = (matrix: Float64Array, d: number): Float64Array => functionOf(matrix, d, (v) => 1 / v);
const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

/** log E_mu[g], nats; not finite where the integral diverges. */
export function logMeanCritic({ quadratic, linear, constant }: QuadraticCritic, reference: GaussianState): number {
  const d = linear.length;
  const precision = inverse(reference.covariance, d);
  const G = plus(precision, quadratic);
  const weighted = apply(precision, reference.mean, d);
  const p = weighted.map((v, i) => v + linear[i]);
  const spread = -(logDetOf(G, d) + logDetOf(reference.covariance, d)) / 2;
  return spread + constant + dot(p, apply(inverse(G, d), p, d)) / 2 - dot(reference.mean, weighted) / 2;
}

/** What a critic makes of KL(moved | target), nats: never above it, nor (linear) above it less 1. */
export function gaussianBound(
  critic: QuadraticCritic,
  { moved, reference, target }: GaussianGame,
  form: "linear" | "log",
): number {
  const { quadratic, linear, constant } = critic;
  const d = linear.length;
  const { mean: m, covariance: S } = moved;
  const ofRows =
    constant + dot(linear, m) - (dot(m, apply(quadratic, m, d)) + traceOf(product(quadratic, S, d), d)) / 2;
  // E_P[log mu - log q] = KL(P | q) - KL(P | mu)
  const between = gaussianKl(moved, target) - gaussianKl(moved, reference);
  const logMean = logMeanCritic(critic, reference);
  return ofRows + between - (form === "log" ? logMean : Math.exp(logMean));
}

/** The critic that reaches the supremum, dP/dmu. */
export function bestGaussianCritic(moved: GaussianState, reference: GaussianState): QuadraticCritic {
  const d = moved.mean.length;
  const [own, other] = [inverse(moved.covariance, d), inverse(reference.covariance, d)];
  const [a, b] = [apply(own, moved.mean, d), apply(other, reference.mean, d)];
  const squares = dot(moved.mean, a) - dot(reference.mean, b);
  return {
    quadratic: plus(own, other, -1),
    linear: a.map((v, i) => v - b[i]),
    constant: (logDetOf(reference.covariance, d) - logDetOf(moved.covariance, d) - squares) / 2,
  };
}
