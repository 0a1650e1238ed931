/**
 * From how wide a base rows set out. What they never reach is missing from Z, and an estimate of Z without bias can only fall
 * short by it: of short runs from bases of several widths, those with the largest Z have reached the most. Of those that chance
 * could have put there, the widest is taken: it costs more temperatures, and misses least.
 */
import { type Distribution, normalDistribution } from "../distributions/index.ts";
import type { Engine } from "../engine/index.ts";
import { fold, type Key } from "../random/index.ts";
import { type Evaluator, evaluatorOf } from "./evaluator.ts";
import { logZOf, type SmcSettings, smc } from "./smc.ts";

/** Deviations in units of the start's. */
export const WIDTHS: readonly number[] = [1, 3, 10];
const PILOT_ROWS = 3200;

export interface Pilot {
  readonly width: number;
  /** nats */
  readonly logZ: number;
  readonly logZError: number;
  readonly evaluations: number;
}

export type Sampled = Distribution & { readonly sample: NonNullable<Distribution["sample"]> };

/** A normal of the start's mean and so many times its deviations; the start itself for 1. */
export function widened(start: Sampled, width: number): Sampled {
  if (width === 1 || start.moments === undefined) return start;
  const { mean, covariance } = start.moments;
  return normalDistribution(
    Array.from(mean),
    covariance.map((value) => width * width * value),
  );
}

/** Yields each short run but the first `done`. */
export async function* pilots(
  engine: Engine,
  target: Evaluator,
  start: Sampled,
  settings: SmcSettings,
  key: Key,
  done = 0,
): AsyncGenerator<Pilot, void, void> {
  const particles = Math.min(settings.particles, PILOT_ROWS);
  const widths = start.moments ? WIDTHS : [1];
  for (const width of widths.slice(done)) {
    const law = widened(start, width);
    const base = evaluatorOf(engine, law);
    try {
      const run = smc({ base, target }, law.sample, { ...settings, particles }, fold(key, "pilot", width));
      let next = await run.next();
      while (!next.done) next = await run.next();
      const { value, error } = logZOf(next.value.logZ);
      yield { width, logZ: value, logZError: error, evaluations: next.value.evaluations };
    } finally {
      base.dispose();
    }
  }
}

/** The widest base whose Z is within a standard error of the difference to the largest. */
export function widestReach(found: readonly Pilot[]): number {
  const best = found.reduce((most, pilot) => (pilot.logZ > most.logZ ? pilot : most));
  const near = found.filter(
    ({ logZ, logZError }) => best.logZ - logZ <= Math.hypot(best.logZError, logZError) || logZ === best.logZ,
  );
  return near.reduce((widest, { width }) => Math.max(widest, width), best.width);
}
