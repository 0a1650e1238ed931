/** Intervals for what was computed with estimated parameters, and bands for a density on the line: the delta method. */
import { normalQuantile } from "../data/normalQuantile.ts";
import { InputError } from "../errors/index.ts";
import type { LineErrors, LineLaw } from "./plugIn.ts";

/** An estimate with its standard error and the ends of an interval that holds the truth with a given chance, for many rows. */
export interface Interval {
  readonly value: number;
  readonly standardError: number;
  readonly low: number;
  readonly high: number;
}

/** Deviations of a normal law within which it is with this chance. @throws InputError for a chance that is not between 0 and 1. */
const deviations = (level: number): number => {
  if (!(level > 0 && level < 1))
    throw new InputError({ where: "level", came: `${level}`, expected: "a number between 0 and 1, such as 0.95" });
  return normalQuantile((1 + level) / 2);
};

/**
 * `error` is n times the variance of the value.
 *
 * @throws InputError for a level that is not between 0 and 1.
 *
 * @example
 * ```ts
 * import { type Interval, intervalOf } from "jkoflow/theory";
 *
 * const { low, high }: Interval = intervalOf(2, 4, 100, 0.95);
 * console.log(low.toFixed(3), high.toFixed(3)); // 1.608 2.392
 * ```
 */
export function intervalOf(value: number, error: number, n: number, level: number): Interval {
  const standardError = Math.sqrt(error / n);
  const width = deviations(level) * standardError;
  return { value, standardError, low: value - width, high: value + width };
}

/**
 * The density of N(mean, variance) at places, each with an interval of its own. Mean and variance share the errors of the stiffness,
 * so that their covariance counts: d rho/dm = rho (x - m) / s, d rho/ds = rho [(x - m)^2 / s - 1] / (2 s).
 *
 * @throws InputError for a level that is not between 0 and 1.
 *
 * @example
 * ```ts
 * import { densityBand } from "jkoflow/theory";
 *
 * const errors = { mean: 1, variance: 2, covariance: 0 };
 * const [peak] = densityBand({ mean: 0, variance: 1 }, errors, 100, 0.95, [0]);
 * console.log(peak.value.toFixed(4), peak.standardError.toFixed(4)); // 0.3989 0.0282
 * ```
 */
export function densityBand(
  { mean: m, variance: s }: LineLaw,
  errors: LineErrors,
  n: number,
  level: number,
  places: ArrayLike<number>,
): Interval[] {
  return Array.from(places, (x) => {
    const density = Math.exp(-((x - m) ** 2) / (2 * s)) / Math.sqrt(2 * Math.PI * s);
    const byMean = (density * (x - m)) / s;
    const byVariance = (density * ((x - m) ** 2 / s - 1)) / (2 * s);
    const error =
      byMean ** 2 * errors.mean + byVariance ** 2 * errors.variance + 2 * byMean * byVariance * errors.covariance;
    const { low, ...rest } = intervalOf(density, Math.max(0, error), n, level);
    return { ...rest, low: Math.max(0, low) };
  });
}
