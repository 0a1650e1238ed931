/** Quantiles of the scores of held-out rows, which a model carries so that a threshold can be named by its share of rows. */
import { InputError } from "../errors/index.ts";
import type { Model } from "./model.ts";

/**
 * The score (nats, user's units) below which a share `quantile` of the held-out rows lies; linear between the stored
 * quantiles.
 * @throws InputError unless the share is above 0 and below 1.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, data, fit, openModel, scoreThreshold } from "jkoflow";
 *
 * const engine = await createEngine({ threads: 1 });
 * const rows = (name: string, n: number) => data.createTable(data.toys.moons.sample(createKey(name), n), 2);
 * const problem = { train: rows("train", 500), validation: rows("validation", 100) };
 * const settings = { blocks: 1, hidden: [8], updates: 5 };
 * const { model } = await fit(engine, problem, { settings });
 * const threshold = scoreThreshold(model, 0.01); // one held-out row in a hundred is less likely
 * const logProb = openModel(engine, model).logProb(data.tableOf([{ x1: 40, x2: 40 }]));
 * console.log(logProb[0] < threshold); // true
 * engine.dispose();
 * ```
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
