/** Quantiles of the scores of held-out rows, which a model carries so that a threshold can be named by its share of rows. */
import { InputError } from "../errors/index.ts";
import type { Model } from "./model.ts";

/**
 * The score (nats, user's units) below which a share `quantile` of the held-out rows lies; linear between the stored
 * quantiles.
 * @throws InputError unless the share is above 0 and below 1.
 */
export function scoreThreshold({ scores }: Model, quantile: number): number {
  if (!(quantile > 0 && quantile < 1)) {
    throw new InputError({ where: "threshold", came: String(quantile), expected: "a number between 0 and 1" });
  }
  const at = quantile * (scores.length - 1);
  const below = Math.floor(at);
  return scores[below] + (at - below) * (scores[Math.min(below + 1, scores.length - 1)] - scores[below]);
}

/** Quantiles 0, 1/1000, ..., 1 of scores [n], nats: rising. [1001] */
export function scoreQuantiles(scores: Float64Array): Float64Array {
  const sorted = Float64Array.from(scores).sort();
  return Float64Array.from({ length: 1001 }, (_, i) => {
    const at = (i / 1000) * (sorted.length - 1);
    const below = Math.floor(at);
    return sorted[below] + (at - below) * (sorted[Math.min(below + 1, sorted.length - 1)] - sorted[below]);
  });
}
