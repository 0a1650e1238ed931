/**
 * What a test on so many rows could have found: the accuracy of a classifier that it calls better than chance with a given
 * power. Of N judged rows, half of each kind, K ~ Binomial(N, 1/2) are told correctly under equality, so
 *
 *   critical count  c = min { k : P(K >= k | 1/2) <= level },    accuracy  a : P(K >= c | a) = power.
 */

import { InputError } from "../errors/index.ts";
import { exp, log, log1p } from "../random/index.ts";

/**
 * The accuracy that is found with chance `power` at this level; 1 where even telling all rows correctly is none.
 *
 * Throws InputError unless `judged` is a whole number from 1, and level and power lie inside of (0, 1), level below power.
 */
export function detectableAccuracy(judged: number, level: number, power: number): number {
  if (!Number.isInteger(judged) || judged < 1 || !(level > 0 && level < power && power < 1)) {
    throw new InputError({
      where: "detectable accuracy",
      came: `${judged} rows, level ${level}, power ${power}`,
      expected: "at least 1 row and 0 < level < power < 1",
    });
  }
  const choose = logChoose(judged);
  const critical = criticalCount(choose, judged, level);
  if (critical > judged) return 1;
  let [low, high] = [0.5, 1];
  while (high - low > 1e-9) {
    const middle = (low + high) / 2;
    let sum = 0;
    for (let k = critical; k <= judged; k++) sum += exp(choose[k] + k * log(middle) + (judged - k) * log1p(-middle));
    if (sum < power) low = middle;
    else high = middle;
  }
  return high;
}

/** The least count that is reached with at most this chance when all is chance; judged + 1 where none is. */
function criticalCount(choose: Float64Array, judged: number, level: number): number {
  let [count, tail] = [judged + 1, 0];
  while (count > 0) {
    tail += exp(choose[count - 1] - judged * log(2));
    if (tail > level) break;
    count--;
  }
  return count;
}

/** ln (n over k) for k = 0 .. n. */
function logChoose(n: number): Float64Array {
  const out = new Float64Array(n + 1);
  for (let k = 1; k <= n; k++) out[k] = out[k - 1] + log((n - k + 1) / k);
  return out;
}
