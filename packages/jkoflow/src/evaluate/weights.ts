/**
 * What importance weights say: rows of a density q, w = g / q for a target g that is known up to a constant.
 *
 *   ln Z = ln E_q w      unbiased in Z; its standard error by the delta method
 *   E_q ln w <= ln Z     the gap is KL(q | p)
 *   ESS = (sum w)^2 / (n sum w^2), as a share of the rows
 *
 * The shape k of the largest weights' tail (A. Vehtari, D. Simpson, A. Gelman, Y. Yao, J. Gabry, "Pareto smoothed importance
 * sampling", J. Mach. Learn. Res. 25 (2024), 1-58): below 0.7 the figures can be trusted; from 1 on w has no mean. The fit is that of
 * J. Zhang, M. Stephens, Technometrics 51 (2009), 316-325. None of it sees mass where q has no rows.
 */
import { InputError } from "../errors/index.ts";

export interface Weighed {
  /** nats */
  readonly logZ: number;
  readonly logZError: number;
  readonly meanLogRatio: number;
  /** Share of the rows, 0 to 1. */
  readonly ess: number;
  /** NaN for too few rows. */
  readonly paretoK: number;
}

/**
 * Of ln w of n rows, nats; -Infinity is a row where the target is 0.
 * @throws InputError for fewer than two, and for weights that are not numbers.
 *
 * @example
 * ```ts
 * import { createKey } from "jkoflow";
 * import { weigh } from "jkoflow/evaluate";
 * import { normal } from "jkoflow/random";
 *
 * // Of N(0, 1) towards 3 N(0.5, 1).
 * const logWeights = Float64Array.from(normal(createKey(0), 10000), (x) => Math.log(3) + x / 2 - 1 / 8);
 * const { logZ, ess, paretoK } = weigh(logWeights);
 * console.log(Math.abs(logZ - Math.log(3)) < 0.02, ess > 0.7, paretoK < 0.7); // true true true
 * ```
 */
export function weigh(logWeights: ArrayLike<number>): Weighed {
  const n = logWeights.length;
  const values = Float64Array.from(logWeights);
  const odd = values.findIndex((value) => Number.isNaN(value) || value === Number.POSITIVE_INFINITY);
  if (n < 2 || odd >= 0) {
    const came = odd >= 0 ? `${values[odd]} at row ${odd + 1}` : `${n} rows`;
    throw new InputError({ where: "weights", came, expected: "two or more logarithms of weights" });
  }
  const largest = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (largest === Number.NEGATIVE_INFINITY) {
    return { logZ: largest, logZError: Number.NaN, meanLogRatio: largest, ess: 0, paretoK: Number.NaN };
  }
  const weights = values.map((value) => Math.exp(value - largest));
  const sum = weights.reduce((a, b) => a + b, 0);
  const squares = weights.reduce((a, b) => a + b * b, 0);
  const mean = sum / n;
  const variance = weights.reduce((a, w) => a + (w - mean) ** 2, 0) / (n - 1);
  return {
    logZ: largest + Math.log(mean),
    logZError: Math.sqrt(variance / n) / mean,
    meanLogRatio: values.reduce((a, b) => a + b, 0) / n,
    ess: (sum * sum) / (n * squares),
    paretoK: tailShape(weights),
  };
}

/** Fewer make no tail. */
const FEWEST = 5;

/** k of the generalised Pareto distribution of the largest weights beyond the next one. */
function tailShape(weights: Float64Array): number {
  const n = weights.length;
  const size = Math.ceil(Math.min(0.2 * n, 3 * Math.sqrt(n)));
  const sorted = weights.slice().sort();
  const bound = sorted[n - size - 1];
  const beyond = sorted.subarray(n - size).map((w) => w - bound);
  if (n - size < 1 || size < FEWEST || !(beyond[0] > 0)) return beyond[size - 1] > 0 ? Number.NaN : 0;
  return paretoShape(beyond);
}

/**
 * k of sorted positive excesses: a mean over a grid of b = k / sigma by their profile likelihood, then drawn to 1/2 by as much as
 * ten excesses of that shape would (PSIS, appendix C).
 */
export function paretoShape(sorted: Float64Array): number {
  const n = sorted.length;
  const grid = 30 + Math.floor(Math.sqrt(n));
  const quartile = sorted[Math.floor(n / 4 + 0.5) - 1];
  const shapeOf = (b: number): number => sorted.reduce((sum, x) => sum + Math.log1p(-b * x), 0) / n;
  const places = Array.from(
    { length: grid },
    (_, i) => 1 / sorted[n - 1] + (1 - Math.sqrt(grid / (i + 0.5))) / (3 * quartile),
  );
  const profiles = places.map((b) => {
    const k = shapeOf(b);
    return n * (Math.log(-b / k) - k - 1);
  });
  const most = Math.max(...profiles);
  const likelihoods = profiles.map((value) => Math.exp(value - most));
  const total = likelihoods.reduce((a, b) => a + b, 0);
  const b = places.reduce((sum, place, i) => sum + (place * likelihoods[i]) / total, 0);
  return (n * shapeOf(b) + 10 * 0.5) / (n + 10);
}
