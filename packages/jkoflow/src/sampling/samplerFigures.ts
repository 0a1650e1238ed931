/** What a sampler says of itself on rows that none of its parts was fitted to. */
import { type CorrectedGiven, type CorrectedModel, isRejection, logWeightsOf, openCorrected } from "../chain/index.ts";
import { type Weighed, weigh } from "../evaluate/index.ts";
import { type Key, log } from "../random/index.ts";

export interface SamplerFigures extends Weighed {
  /** What twice as many steps of the solver change the mean log-ratio by, on rows of the same noise, nats. */
  readonly solverGap: number;
  /** log c of the last rejection less log Z + log(1 / (1 - its rate)), nats: 0 where the density is right. Absent: no rejection. */
  readonly gauge?: number;
  /** Largest difference of the density that rows carry and that at the point, nats. */
  readonly carriedGap: number;
  /** Map evaluations for a row. */
  readonly passes: number;
}

/** Rows whose density is computed backwards too. */
const CARRIED_ROWS = 1000;

/**
 * @param steps Runge-Kutta steps of the maps.
 *
 * @example
 * ```ts
 * import { createEngine, createKey } from "jkoflow";
 * import { normalDistribution, standardNormal } from "jkoflow/distributions";
 * import { judgeSampler } from "jkoflow/sampling";
 *
 * const engine = await createEngine({ threads: 1 });
 * const model = { system: "mine", columns: ["x"], base: "start", parts: [] } as const;
 * const target = normalDistribution([0.1], Float64Array.of(1));
 * const { meanLogRatio, ess, passes } = judgeSampler(model, { engine, target, start: standardNormal(1) }, createKey(0), 2000, 5);
 * console.log(Math.abs(meanLogRatio + 0.005) < 0.01, ess > 0.97, passes); // true true 0
 * engine.dispose();
 * ```
 */
export function judgeSampler(
  model: CorrectedModel,
  given: CorrectedGiven,
  key: Key,
  n: number,
  steps: number,
): SamplerFigures {
  const { target } = given;
  const open = openCorrected(model, given);
  const finer = openCorrected(model, { ...given, steps: 2 * steps });
  try {
    const { values: rows, logProb } = open.draw(key, n);
    const weighed = weigh(logWeightsOf(target, { rows, logProb }));
    const again = finer.draw(key, n);
    const { meanLogRatio } = weigh(logWeightsOf(target, { rows: again.values, logProb: again.logProb }));
    const some = Math.min(n, CARRIED_ROWS);
    const at = open.logProb(rows.subarray(0, some * target.dimension));
    const carriedGap = at.reduce((most, value, i) => Math.max(most, Math.abs(value - logProb[i])), 0);
    const last = model.parts.filter(isRejection).at(-1);
    const gauge = last === undefined ? {} : { gauge: last.logC - (weighed.logZ - log(1 - last.mean)) };
    return { ...weighed, solverGap: meanLogRatio - weighed.meanLogRatio, ...gauge, carriedGap, passes: open.passes };
  } finally {
    open.dispose();
    finer.dispose();
  }
}
