/**
 * The solution of A. Bobylev (1975), M. Krook and T. Wu (1976) of the collision equations of Maxwell molecules, here of Landau's
 * with A(z) = C (|z|^2 I - z z^T) in d = 2 or 3 dimensions, with mean 0 and covariance I:
 *
 *   f(v) = (2 pi K)^(-d/2) exp(-|v|^2 / (2K)) [P + Q |v|^2],   P = ((d + 2) K - d) / (2K),  Q = (1 - K) / (2 K^2)
 *   K(t) = 1 - K0 exp(-2 C (d - 1) t)
 *
 * It is a density for K from d / (d + 2) to 1; E |v|^4 = d (d + 2) K (2 - K). |v|^2 / K has the chi-squared law of d degrees with
 * probability P and that of d + 2 with probability d Q K; the direction is uniform.
 */
import { checkVelocities, type VelocityDimension } from "../collisions/kernel.ts";
import { normalCdf } from "../data/normalQuantile.ts";
import { InputError } from "../errors/index.ts";
import { add, affine, log as logNode, scale, squaredNorm } from "../graph/index.ts";
import { cosTurns, exp, fold, log, normal, sinTurns, uniform } from "../random/index.ts";
import type { Distribution } from "./distribution.ts";
import { strata } from "./strata.ts";

/** The solution at one time. */
export interface Bkw extends Distribution {
  readonly K: number;
  /** E |v|^4 */
  readonly fourthMoment: number;
  /** int f log f, nats. */
  readonly energy: number;
  readonly sample: NonNullable<Distribution["sample"]>;
  readonly stratified: NonNullable<Distribution["stratified"]>;
  readonly logZ: 0;
}

/**
 * @throws InputError for other dimensions, and for K without a density.
 *
 * @example
 * ```ts
 * import { bkw } from "jkoflow/distributions";
 *
 * // at t = 1, for Maxwell molecules with C = 1/16 and K0 = 1/2
 * console.log(bkw(2, 1 - 0.5 * Math.exp(-1 / 8)).energy.toFixed(6)); // -2.789049
 * ```
 */
export function bkw(dimension: number, K: number): Bkw {
  const d = checkVelocities(dimension);
  if (!(K >= d / (d + 2) && K <= 1))
    throw new InputError({ where: "BKW solution", came: `K = ${K}`, expected: `from ${d} / ${d + 2} to 1` });
  const P = ((d + 2) * K - d) / (2 * K);
  const Q = (1 - K) / (2 * K * K);
  const constant = (-d / 2) * log(2 * Math.PI * K);
  const logAt = (squares: number): number => constant - squares / (2 * K) + log(P + Q * squares);
  return {
    title: `a BKW solution in ${d} dimensions`,
    dimension: d,
    K,
    fourthMoment: d * (d + 2) * K * (2 - K),
    energy: entropyOf(d, K, logAt),
    logZ: 0,
    logDensity: (x) => {
      const squares = squaredNorm(x);
      return add(affine(scale(squares, -1 / (2 * K)), 1, constant), logNode(affine(squares, Q, P)));
    },
    logDensityAt: (row) => {
      let squares = 0;
      for (let k = 0; k < d; k++) squares += row[k] * row[k];
      return logAt(squares);
    },
    sample: (key, n) => {
      const z = normal(fold(key, "directions"), n * (d + 2));
      const which = uniform(fold(key, "degrees"), n);
      const rows = new Float32Array(n * d);
      for (let i = 0; i < n; i++) {
        const own = z.subarray(i * (d + 2), (i + 1) * (d + 2));
        let squares = 0;
        for (let k = 0; k < d; k++) squares += own[k] * own[k];
        const chi = which[i] < P ? squares : squares + own[d] ** 2 + own[d + 1] ** 2;
        const factor = Math.sqrt((K * chi) / squares);
        for (let k = 0; k < d; k++) rows[i * d + k] = factor * own[k];
      }
      return rows;
    },
    stratified: (key, n) => {
      const u = strata(key, n, d);
      const rows = new Float64Array(n * d);
      for (let i = 0; i < n; i++) {
        const radius = Math.sqrt(K * radialQuantile(d, P, u[i * d]));
        const angle = u[i * d + 1];
        if (d === 2) rows.set([radius * cosTurns(angle), radius * sinTurns(angle)], 2 * i);
        else {
          const height = 2 * u[3 * i + 2] - 1;
          const across = radius * Math.sqrt(1 - height * height);
          rows.set([across * cosTurns(angle), across * sinTurns(angle), radius * height], 3 * i);
        }
      }
      return rows;
    },
  };
}

/** The u at which the law of |v|^2 / K has the probability p, by bisection: p is at most 1 - 1e-7. */
function radialQuantile(d: VelocityDimension, P: number, p: number): number {
  let [low, high] = [0, 36];
  for (let step = 0; step < 54; step++) {
    const u = (low + high) / 2;
    const tail = exp(-u / 2);
    // Of d degrees, and how much less of d + 2: (u/2)^(d/2) e^(-u/2) / Gamma(d/2 + 1), Gamma(5/2) = 3 sqrt(pi) / 4.
    const ofD = d === 2 ? 1 - tail : 2 * normalCdf(Math.sqrt(u)) - 1 - Math.sqrt((2 * u) / Math.PI) * tail;
    const less = d === 2 ? (u / 2) * tail : (((u / 2) * Math.sqrt(u / 2) * 4) / (3 * Math.sqrt(Math.PI))) * tail;
    if (ofD - (1 - P) * less < p) low = u;
    else high = u;
  }
  return (low + high) / 2;
}

const INTERVALS = 4000;
/** Radius, in units of sqrt(K), beyond which less than 1e-30 is left. */
const FAR = 13;

/** int f log f by Simpson's rule along the radius. */
function entropyOf(d: VelocityDimension, K: number, logAt: (squares: number) => number): number {
  const [width, sphere] = [(FAR * Math.sqrt(K)) / INTERVALS, d === 2 ? 2 * Math.PI : 4 * Math.PI];
  let sum = 0;
  for (let i = 1; i < INTERVALS; i++) {
    const r = i * width;
    const value = logAt(r * r);
    sum += (i % 2 === 1 ? 4 : 2) * r ** (d - 1) * exp(value) * value;
  }
  return (sphere * sum * width) / 3;
}
