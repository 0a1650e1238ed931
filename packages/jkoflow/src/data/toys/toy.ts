/** What a toy distribution is: planar, sampled by key, with an exact density, so that the best reachable loss is known. */
import type { Key } from "../../random/index.ts";

/** A planar distribution whose density is known. */
export interface Toy {
  readonly name: string;
  readonly title: string;
  readonly dimension: 2;
  /** n independent points. [n, 2] */
  sample(key: Key, n: number): Float32Array;
  /** ln of the density at (x, y), in nats; -Infinity outside the support. */
  logDensity(x: number, y: number): number;
}

/** An entropy by Monte Carlo, and how sure it is. */
export interface EntropyEstimate {
  /** Mean of -ln p over n samples, in nats: the lowest negative log-likelihood any model can reach. */
  readonly entropy: number;
  readonly standardError: number;
}

/** The entropy of a toy by Monte Carlo over n samples of its exact density, nats. */
export function estimateEntropy(toy: Toy, key: Key, n: number): EntropyEstimate {
  const points = toy.sample(key, n);
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const nll = -toy.logDensity(points[2 * i], points[2 * i + 1]);
    sum += nll;
    squares += nll * nll;
  }
  const entropy = sum / n;
  return { entropy, standardError: Math.sqrt(Math.max(0, squares / n - entropy * entropy) / n) };
}
