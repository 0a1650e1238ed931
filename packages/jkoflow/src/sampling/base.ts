/**
 * From where rows set out: a mixture of Gaussians as wide as the start, and wider. What a base never reaches is missing from Z, and
 * no row that was drawn says so; what is wider than need be costs a few temperatures. Of one width it had to be known: N(0, I)
 * misses the arms of a mustache, N(0, 100 I) the neck of a funnel in ten columns.
 */
import { type Distribution, gaussianMixture, normalDistribution } from "../distributions/index.ts";

/** Deviations in units of the start's. */
const WIDTHS: readonly number[] = [1, 3, 10];

export type Sampled = Distribution & { readonly sample: NonNullable<Distribution["sample"]> };

/** A normal of the start's mean and so many times its deviations; the start itself for 1, and where its moments are not known. */
export function widened(start: Sampled, width: number): Sampled {
  if (width === 1 || start.moments === undefined) return start;
  const { mean, covariance } = start.moments;
  return normalDistribution(
    Array.from(mean),
    covariance.map((value) => width * width * value),
  );
}

/** Equal parts of all widths; the start itself where its moments are not known. */
export function wideBase(start: Sampled): Sampled {
  if (start.moments === undefined) return start;
  const { mean, covariance } = start.moments;
  const normals = WIDTHS.map((width) =>
    normalDistribution(
      Array.from(mean),
      covariance.map((value) => width * width * value),
    ),
  );
  return gaussianMixture(
    WIDTHS.map(() => 1),
    normals,
  );
}
