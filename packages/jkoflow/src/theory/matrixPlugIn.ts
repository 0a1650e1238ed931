/**
 * Laws in d columns at a time, by a stationary mean and covariance that were estimated from rows, with intervals for what comes out.
 *
 * Potential (x - mu)^T Q (x - mu) / 2, temperature b, so that rows of the steady state are N(mu, Sigma), Q = b Sigma^-1. A step of the scheme is
 * that of evaluate/gaussianFlow.ts, M = I + h Q, P M P - P = h b S^-1. Along a direction (dmu, dSigma), dQ = - Q dSigma Q / b, dM = h dQ:
 *
 *   dm' = M^-1 (dm + h dQ mu + h Q dmu - dM m'),    dS' = dP S P + P dS P + P S dP
 *   K dP + dP K^T = - h b S^-1 dS S^-1 - P dM P,    K = P M - I / 2
 *
 * a Lyapunov equation of G = M^(1/2) K M^(-1/2), symmetric. Errors of the estimates: n Cov = Sigma of the mean, Sigma_ik Sigma_jl + Sigma_il Sigma_jk of
 * the covariance, independent (T. Anderson, An Introduction to Multivariate Statistical Analysis, 2003, section 3.4). Derived here.
 */
import { symmetricEigen } from "../data/index.ts";
import { InputError } from "../errors/index.ts";
import { type GaussianState, gaussianFlowAt, gaussianJkoStep } from "../evaluate/gaussianFlow.ts";
import { apply, functionOf, identityMatrix, plus, product } from "../evaluate/symmetric.ts";

/** Where the flow leads, and its temperature. */
export interface SteadyState extends GaussianState {
  readonly temperature: number;
}

/** A law at a time with the covariance of its errors. */
export interface EstimatedLaw extends GaussianState {
  /**
   * n times the covariance of the errors of mean [d] and of the covariance's lower triangle, row after row [d (d + 1) / 2]: a square
   * matrix of d + d (d + 1) / 2.
   */
  readonly errors: Float64Array;
}

/** Step size and number of steps, or the true flow's time. */
export type Way = { readonly step: number; readonly steps: number } | { readonly time: number };

interface Direction {
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
}

/**
 * The law at the end, with n times the covariance of its errors where mean and covariance of the steady state are those of n rows.
 *
 * @throws InputError for a covariance that is not positive definite.
 *
 * @example
 * ```ts
 * import { type EstimatedLaw, estimatedLaw, type SteadyState, type Way } from "jkoflow/theory";
 *
 * const steady: SteadyState = { mean: Float64Array.of(1), covariance: Float64Array.of(1 / 3), temperature: 0.5 };
 * const way: Way = { time: 0.6 };
 * const law: EstimatedLaw = estimatedLaw(steady, { mean: Float64Array.of(-2), covariance: Float64Array.of(0.1) }, way);
 * console.log(law.errors[0].toFixed(5), law.errors[3].toFixed(6)); // 2.52744 0.087202
 * ```
 */
export function estimatedLaw(steady: SteadyState, start: GaussianState, way: Way): EstimatedLaw {
  const d = steady.mean.length;
  const { temperature: b, covariance: Sigma } = steady;
  if (!(symmetricEigen(Sigma, d).values.every((value) => value > 0) && b > 0))
    throw new InputError({ where: "covariance", came: "one that is singular", expected: "a positive definite one" });
  const Q = functionOf(Sigma, d, (v) => b / v);
  const pairs = lowerPairs(d);
  const directions: Direction[] = [
    ...Array.from({ length: d }, (_, i) => ({ mean: unit(d, i), covariance: new Float64Array(d * d) })),
    ...pairs.map(([i, j]) => ({ mean: new Float64Array(d), covariance: even(d, i, j) })),
  ];
  const { state, slopes } =
    "time" in way
      ? flowSlopes(steady, Q, start, way.time, directions)
      : schemeSlopes(steady, Q, start, way, directions);
  const size = d + pairs.length;
  const jacobian = slopes.map(({ mean, covariance }) => [...mean, ...pairs.map(([i, j]) => covariance[i * d + j])]);
  const ofInputs = inputErrors(Sigma, d, pairs);
  const errors = new Float64Array(size * size);
  for (let r = 0; r < size; r++)
    for (let c = 0; c < size; c++)
      for (let p = 0; p < size; p++)
        for (let q = 0; q < size; q++) errors[r * size + c] += jacobian[p][r] * ofInputs[p * size + q] * jacobian[q][c];
  return { ...state, errors };
}

/**
 * The places of a lower triangle, row after row.
 *
 * @example
 * ```ts
 * import { lowerPairs } from "jkoflow/theory";
 *
 * console.log(lowerPairs(2)); // [ [ 0, 0 ], [ 1, 0 ], [ 1, 1 ] ]
 * ```
 */
export function lowerPairs(d: number): (readonly [row: number, column: number])[] {
  return Array.from({ length: d }, (_, i) => Array.from({ length: i + 1 }, (__, j) => [i, j] as const)).flat();
}

const unit = (d: number, i: number): Float64Array => Float64Array.from({ length: d }, (_, k) => (k === i ? 1 : 0));

/** The symmetric matrix with 1 at (i, j) and (j, i). */
function even(d: number, i: number, j: number): Float64Array {
  const out = new Float64Array(d * d);
  out[i * d + j] = 1;
  out[j * d + i] = 1;
  return out;
}

function inputErrors(Sigma: Float64Array, d: number, pairs: readonly (readonly [number, number])[]): Float64Array {
  const size = d + pairs.length;
  const out = new Float64Array(size * size);
  for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) out[i * size + j] = Sigma[i * d + j];
  pairs.forEach(([i, j], p) => {
    pairs.forEach(([k, l], q) => {
      out[(d + p) * size + d + q] = Sigma[i * d + k] * Sigma[j * d + l] + Sigma[i * d + l] * Sigma[j * d + k];
    });
  });
  return out;
}

interface Slopes {
  readonly state: GaussianState;
  readonly slopes: readonly Direction[];
}

function schemeSlopes(
  { mean: mu, temperature: b }: SteadyState,
  Q: Float64Array,
  start: GaussianState,
  { step: h, steps }: { readonly step: number; readonly steps: number },
  directions: readonly Direction[],
): Slopes {
  const d = mu.length;
  const M = plus(identityMatrix(d), Q, h);
  const [root, back] = [functionOf(M, d, Math.sqrt), functionOf(M, d, (v) => 1 / Math.sqrt(v))];
  const inverseM = functionOf(M, d, (v) => 1 / v);
  const ofQ = directions.map(({ covariance }) => product(product(Q, covariance, d), Q, d).map((v) => -v / b));
  let state = start;
  let slopes: readonly Direction[] = directions.map(() => ({
    mean: new Float64Array(d),
    covariance: new Float64Array(d * d),
  }));
  for (let k = 0; k < steps; k++) {
    const next = gaussianJkoStep(state, { mean: mu, precision: Q, beta: 1 / b }, h);
    const { map: P } = next;
    const inverseS = functionOf(state.covariance, d, (v) => 1 / v);
    const G = plus(product(product(root, P, d), root, d), identityMatrix(d), -0.5);
    const eigen = symmetricEigen(G, d);
    slopes = slopes.map((slope, at) => {
      const dQ = ofQ[at];
      const pull = plus(slope.mean, plus(apply(dQ, mu, d), apply(Q, directions[at].mean, d)), h);
      const mean = apply(inverseM, plus(pull, apply(dQ, next.mean, d), -h), d);
      const right = plus(
        product(product(inverseS, slope.covariance, d), inverseS, d).map((v) => -h * b * v),
        product(product(P, dQ, d), P, d),
        -h,
      );
      const X = lyapunov(eigen, product(product(root, right, d), root, d), d);
      const dP = product(product(back, X, d), back, d);
      const one = product(product(dP, state.covariance, d), P, d);
      const middle = product(product(P, slope.covariance, d), P, d);
      return { mean, covariance: plus(plus(one, transpose(one, d)), middle) };
    });
    state = next;
  }
  return { state: { mean: state.mean, covariance: state.covariance }, slopes };
}

/** X of G X + X G = R, by the eigenvalues of G. */
function lyapunov(
  { values, vectors }: { readonly values: Float64Array; readonly vectors: Float64Array },
  R: Float64Array,
  d: number,
): Float64Array {
  const V = vectors; // rows are eigenvectors
  const turned = product(product(V, R, d), transpose(V, d), d).map(
    (v, at) => v / (values[Math.floor(at / d)] + values[at % d]),
  );
  return product(product(transpose(V, d), turned, d), V, d);
}

/** S(t) = Sigma + E (S - Sigma) E, E = e^(-Q t); its derivative by that of the exponential (Daleckii, Krein 1965). */
function flowSlopes(
  steady: SteadyState,
  Q: Float64Array,
  start: GaussianState,
  time: number,
  directions: readonly Direction[],
): Slopes {
  const { mean: mu, covariance: Sigma, temperature: b } = steady;
  const d = mu.length;
  const state = gaussianFlowAt(start, { mean: mu, precision: Q, beta: 1 / b }, time);
  const { values, vectors: V } = symmetricEigen(Q, d);
  const E = functionOf(Q, d, (v) => Math.exp(-v * time));
  const away = start.mean.map((v, i) => v - mu[i]);
  const excess = plus(start.covariance, Sigma, -1);
  const slopes = directions.map(({ mean: dMu, covariance: dSigma }) => {
    const dQ = product(product(Q, dSigma, d), Q, d).map((v) => -v / b);
    const turned = product(product(V, dQ, d), transpose(V, d), d).map((v, at) => {
      const [p, q] = [values[Math.floor(at / d)], values[at % d]];
      const near = Math.abs(p - q) <= 1e-9 * Math.max(p, q);
      return (
        v * (near ? -time * Math.exp((-(p + q) / 2) * time) : (Math.exp(-p * time) - Math.exp(-q * time)) / (p - q))
      );
    });
    const dE = product(product(transpose(V, d), turned, d), V, d);
    const mean = plus(plus(dMu, apply(E, dMu, d), -1), apply(dE, away, d));
    const one = product(product(dE, excess, d), E, d);
    const back = product(product(E, dSigma, d), E, d);
    return { mean, covariance: plus(plus(plus(one, transpose(one, d)), dSigma), back, -1) };
  });
  return { state, slopes };
}

const transpose = (a: Float64Array, d: number): Float64Array => a.map((_, at) => a[(at % d) * d + Math.floor(at / d)]);
