/**
 * KL(p | q) + KL(q | p) from rows of both and the log-densities of both, nats.
 *
 *   KL(p | q) = E_p[a],   a = log p - log q;     also E_p[a + e^-a - 1], for E_p[q / p] = 1
 *
 * The second mean is never negative, and its spread is far smaller where the densities are near to each other; the first is
 * better where q / p has heavy tails. Of the two the one with the smaller standard error is taken, each way.
 */
export interface SymKl {
  readonly value: number;
  /** Standard error of the value, by the spread over rows. */
  readonly error: number;
  /** KL(p | q) */
  readonly forward: number;
  /** KL(q | p) */
  readonly backward: number;
}

/** The log-densities of p and q, both normalised, at the same rows. */
export interface LogDensities {
  readonly p: ArrayLike<number>;
  readonly q: ArrayLike<number>;
}

/**
 * KL both ways from log-densities at rows of each, nats.
 *
 * @example
 * ```ts
 * import { createKey, distributions } from "jkoflow";
 * import { type SymKl, symKl } from "jkoflow/evaluate";
 *
 * const [p, q] = [0, 0.2].map((mean) => distributions.normalDistribution([mean], Float64Array.of(1)));
 * const of = ({ sample }: typeof p, key: string) => {
 *   const rows = Array.from(sample(createKey(key), 4000));
 *   return { p: rows.map((x) => p.logDensityAt([x])), q: rows.map((x) => q.logDensityAt([x])) };
 * };
 * const { value, error }: SymKl = symKl(of(p, "p"), of(q, "q"));
 * console.log(Math.abs(value - 0.04) < 4 * error); // true
 * ```
 */
export function symKl(rowsOfP: LogDensities, rowsOfQ: LogDensities): SymKl {
  const forward = klOf(rowsOfP.p, rowsOfP.q);
  const backward = klOf(rowsOfQ.q, rowsOfQ.p);
  return {
    value: forward.mean + backward.mean,
    error: Math.hypot(forward.error, backward.error),
    forward: forward.mean,
    backward: backward.mean,
  };
}

interface Mean {
  readonly mean: number;
  readonly error: number;
}

function klOf(own: ArrayLike<number>, other: ArrayLike<number>): Mean {
  const plain = Float64Array.from(own, (value, i) => value - other[i]);
  const [first, second] = [plain, plain.map((a) => a + Math.expm1(-a))].map(meanOf);
  return second.error < first.error ? second : first;
}

function meanOf(values: Float64Array): Mean {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const squares = values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  return { mean, error: Math.sqrt(squares) / values.length };
}
