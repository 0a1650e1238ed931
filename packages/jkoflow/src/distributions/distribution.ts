/** What a distribution of rows can do: its log-density in a graph and in float64, samples by key. What it cannot is absent. */
import type { Node } from "../graph/index.ts";
import type { Key } from "../random/index.ts";

/** A distribution over rows of `dimension` numbers. */
export interface Distribution {
  /** In a few words, such as "N(0, I) in 2 dimensions". */
  readonly title: string;
  /** Columns d. */
  readonly dimension: number;
  /** Rows [B, d] -> [B, 1]: the log-density less `logZ`, nats. */
  logDensity(x: Node): Node;
  /** The same of one row of d numbers in float64, nats; -Infinity outside of the support. */
  logDensityAt(row: ArrayLike<number>): number;
  /** The first n rows of the stream of `key`: [n, d]. */
  readonly sample?: (key: Key, n: number) => Float32Array;
  /** Mean [d] and covariance [d, d], where they are known. */
  readonly moments?: { readonly mean: Float64Array; readonly covariance: Float64Array };
  /** n rows that fill the law evenly: each has this law, all of them less scatter than independent ones. [n, d] */
  readonly stratified?: (key: Key, n: number) => Float64Array;
  /** ln of the integral of exp(logDensity), where it is known; 0 for a density that is normalised. */
  readonly logZ?: number;
}
