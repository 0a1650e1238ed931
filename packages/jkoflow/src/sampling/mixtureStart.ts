/** A start for what is trained: the mixture of Gaussians that tempered SMC ends in, with a share of it made wider. */
import type { MixtureBase } from "../distributions/index.ts";
import type { Engine } from "../engine/index.ts";
import { fold, type Key } from "../random/index.ts";
import { type Described, describeRows } from "./describe.ts";
import { type Evaluator, evaluatorOf } from "./evaluator.ts";
import { type Pilot, pilots, type Sampled, widened, widestReach } from "./pilot.ts";
import { logZOf, type SmcSettings, smc } from "./smc.ts";

export interface SmcStart extends Described {
  /** ln Z by the way of the rows, nats. */
  readonly logZ: number;
  readonly logZError: number;
}

/** Tempered SMC to its end; `pause` is awaited after each temperature. */
export async function smcStart(
  engine: Engine,
  target: Evaluator,
  start: Sampled,
  settings: SmcSettings,
  key: Key,
  pause: () => Promise<void>,
): Promise<SmcStart> {
  const tried: Pilot[] = [];
  for await (const pilot of pilots(engine, target, start, settings, key)) {
    tried.push(pilot);
    await pause();
  }
  const law = widened(start, widestReach(tried));
  const base = evaluatorOf(engine, law);
  try {
    const run = smc({ base, target }, law.sample, settings, fold(key, "run"));
    let next = await run.next();
    while (!next.done) {
      await pause();
      next = await run.next();
    }
    const { rows, logZ: groups, evaluations } = next.value;
    const { value: logZ, error: logZError } = logZOf(groups);
    const described = await describeRows(rows, target, fold(key, "describe"));
    const before = tried.reduce((sum, pilot) => sum + pilot.evaluations, 0) + evaluations;
    return { ...described, evaluations: before + described.evaluations, logZ, logZError };
  } finally {
    base.dispose();
  }
}

/**
 * The share of a mixture's weight on components `width` times as wide: what its rows have missed lies around them, and a map can
 * carry mass only from where some is. (T. Hesterberg, "Weighted average importance sampling and defensive mixture
 * distributions", Technometrics 37 (1995), 185-194.)
 *
 * @example
 * ```ts
 * import { createKey } from "jkoflow";
 * import { sampleMixtureBase } from "jkoflow/distributions";
 * import { defended } from "jkoflow/sampling";
 *
 * const one = { weights: Float64Array.of(1), means: Float64Array.of(0), factors: Float64Array.of(1) };
 * const rows = sampleMixtureBase(defended(one, 0.25, 3), createKey(0), 10_000, 1);
 * console.log(Math.abs(rows.reduce((sum, x) => sum + x * x, 0) / 10_000 - 3) < 0.3); // true
 * ```
 */
export function defended({ weights, means, factors, ...rest }: MixtureBase, share: number, width: number): MixtureBase {
  const twice = (values: Float64Array, change: (value: number) => number): Float64Array =>
    Float64Array.from({ length: 2 * values.length }, (_, at) =>
      at < values.length ? values[at] : change(values[at - values.length]),
    );
  const all = twice(weights, (weight) => weight).map((weight, k) => weight * (k < weights.length ? 1 - share : share));
  const sum = all.reduce((a, b) => a + b, 0);
  return {
    ...rest,
    weights: all.map((weight) => weight / sum),
    means: twice(means, (mean) => mean),
    factors: twice(factors, (factor) => factor / width),
  };
}
