/**
 * How well a score ranks anomalies above normal rows, from 0 to 1; ties count by their mean.
 *
 *   AUROC              P(score of an anomaly > that of a normal row) + P(equal) / 2       (Mann-Whitney)
 *   average precision  sum_n (R_n - R_{n-1}) P_n over thresholds, precision P and recall R (as scikit-learn has it)
 */
import { InputError } from "../../packages/jkoflow/src/errors/index.ts";

export interface Ranking {
  readonly auroc: number;
  readonly averagePrecision: number;
}

/** @throws InputError where a score is NaN, or where all rows are anomalies or none is. */
export function ranking(scores: ArrayLike<number>, anomaly: ArrayLike<number>): Ranking {
  const order = Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[b] - scores[a]);
  const total = order.filter((i) => anomaly[i] !== 0).length;
  const normal = order.length - total;
  if (total === 0 || normal === 0 || order.some((i) => Number.isNaN(scores[i]))) {
    const came = `${total} anomalies, ${normal} normal rows, ${order.filter((i) => Number.isNaN(scores[i])).length} NaN`;
    throw new InputError({ where: "ranking", came, expected: "some of both and a number for each" });
  }
  let [found, passed, pairs, precision] = [0, 0, 0, 0];
  for (let at = 0; at < order.length; ) {
    let end = at;
    let hits = 0;
    for (; end < order.length && scores[order[end]] === scores[order[at]]; end++) if (anomaly[order[end]] !== 0) hits++;
    const others = end - at - hits;
    pairs += hits * (normal - passed - others / 2); // normal rows below the group, and half of those within
    found += hits;
    passed += others;
    precision += (hits / total) * (found / end);
    at = end;
  }
  return { auroc: pairs / (total * normal), averagePrecision: precision };
}
