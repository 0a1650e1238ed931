/**
 * Laws on the line at a time, by parameters that were estimated: how they depend on them, and what their errors do to mean and variance.
 *
 * Potential q (x - mu)^2 / 2, temperature b, start N(m, s), s = sigma^2 a variance. A step of the scheme, with p = 1 + h q and
 * R = sqrt(sigma^2 + 4 h b p):
 *
 *   m' = (m + h q mu) / p,     sigma' = (sigma + R) / (2 p)
 *   dm'/dm = 1/p      dm'/dmu = h q / p      dm'/dq = h (mu - m) / p^2
 *   dsigma'/dsigma = (1 + sigma/R) / (2 p)   dsigma'/dq = h^2 b / (R p) - h (sigma + R) / (2 p^2)
 *
 * The scheme at parameters from data, and its limits as rows and steps grow: Wu, Wang, arXiv:2501.06408. The formulas are derived here.
 */
import { InputError } from "../errors/index.ts";

/** N(mean, temperature / stiffness) is where it leads. */
export interface LineModel {
  readonly mean: number;
  readonly stiffness: number;
  readonly temperature: number;
}

/** N(mean, variance). */
export interface LineLaw {
  readonly mean: number;
  readonly variance: number;
}

/** A law and its derivatives by the parameters; the variance does not depend on mu. */
export interface LineSlopes extends LineLaw {
  readonly meanByMean: number;
  readonly meanByStiffness: number;
  readonly varianceByStiffness: number;
}

/** Variances and covariance of the errors of mean and variance. */
export interface LineErrors {
  readonly mean: number;
  readonly variance: number;
  readonly covariance: number;
}

/**
 * After so many steps of size h. @throws InputError for parameters that are not above 0.
 *
 * @example
 * ```ts
 * import { flowLaw, jkoLaw, type LineLaw, type LineModel, type LineSlopes } from "jkoflow/theory";
 *
 * const model: LineModel = { mean: 1, stiffness: 1.5, temperature: 0.5 };
 * const start: LineLaw = { mean: -2, variance: 0.1 };
 * const scheme: LineSlopes = jkoLaw(model, start, 0.01, 60);
 * console.log((scheme.mean - flowLaw(model, start, 0.6).mean).toFixed(5)); // -0.00818
 * ```
 */
export function jkoLaw(model: LineModel, start: LineLaw, h: number, steps: number): LineSlopes {
  check(model, start);
  const { mean: mu, stiffness: q, temperature: b } = model;
  let [m, sigma, byMean, byStiffness, sigmaByStiffness] = [start.mean, Math.sqrt(start.variance), 0, 0, 0];
  for (let k = 0; k < steps; k++) {
    const slopes = stepSlopes(model, m, sigma, h);
    byMean = slopes.meanByOld * byMean + slopes.meanByMean;
    byStiffness = slopes.meanByOld * byStiffness + slopes.meanByStiffness;
    sigmaByStiffness = slopes.sigmaByOld * sigmaByStiffness + slopes.sigmaByStiffness;
    const p = 1 + h * q;
    m = (m + h * q * mu) / p;
    sigma = (sigma + Math.sqrt(sigma ** 2 + 4 * h * b * p)) / (2 * p);
  }
  return {
    mean: m,
    variance: sigma ** 2,
    meanByMean: byMean,
    meanByStiffness: byStiffness,
    varianceByStiffness: 2 * sigma * sigmaByStiffness,
  };
}

/** Derivatives of one step. */
function stepSlopes({ mean: mu, stiffness: q, temperature: b }: LineModel, m: number, sigma: number, h: number) {
  const p = 1 + h * q;
  const R = Math.sqrt(sigma ** 2 + 4 * h * b * p);
  return {
    meanByOld: 1 / p,
    meanByMean: (h * q) / p,
    meanByStiffness: (h * (mu - m)) / p ** 2,
    sigmaByOld: (1 + sigma / R) / (2 * p),
    sigmaByStiffness: (h ** 2 * b) / (R * p) - (h * (sigma + R)) / (2 * p ** 2),
  };
}

/**
 * Of the true flow, an Ornstein-Uhlenbeck process, at a time. @throws InputError as `jkoLaw` does. For an example see there.
 *
 * @example
 * ```ts
 * import { flowLaw } from "jkoflow/theory";
 *
 * const { variance } = flowLaw({ mean: 1, stiffness: 1.5, temperature: 0.5 }, { mean: -2, variance: 0.1 }, 0.6);
 * console.log(variance.toFixed(6)); // 0.294764
 * ```
 */
export function flowLaw(model: LineModel, start: LineLaw, time: number): LineSlopes {
  check(model, start);
  const { mean: mu, stiffness: q, temperature: b } = model;
  const { mean: m0, variance: s0 } = start;
  const decay = Math.exp(-q * time);
  return {
    mean: mu + (m0 - mu) * decay,
    variance: b / q + (s0 - b / q) * decay ** 2,
    meanByMean: 1 - decay,
    meanByStiffness: -time * (m0 - mu) * decay,
    varianceByStiffness: -(b / q ** 2) * (1 - decay ** 2) - 2 * time * (s0 - b / q) * decay ** 2,
  };
}

/** n times the variances of the estimates of mu and q, which are independent. */
export interface InputErrors {
  readonly mean: number;
  readonly stiffness: number;
}

/**
 * n times the variances where mu and q are estimated once, by the delta method; by default from n independent rows of N(mu, b / q),
 * whose V is diag(b / q, 2 q^2).
 *
 * @example
 * ```ts
 * import { flowLaw, type LineErrors, offlineErrors } from "jkoflow/theory";
 *
 * const model = { mean: 1, stiffness: 1.5, temperature: 0.5 };
 * const errors: LineErrors = offlineErrors(model, flowLaw(model, { mean: -2, variance: 0.1 }, 0.6));
 * console.log(errors.mean.toFixed(6), errors.variance.toFixed(7)); // 2.527444 0.0872017
 * ```
 */
export function offlineErrors(
  { stiffness: q, temperature: b }: LineModel,
  { meanByMean, meanByStiffness, varianceByStiffness }: LineSlopes,
  inputs: InputErrors = { mean: b / q, stiffness: 2 * q ** 2 },
): LineErrors {
  return {
    mean: meanByMean ** 2 * inputs.mean + meanByStiffness ** 2 * inputs.stiffness,
    variance: varianceByStiffness ** 2 * inputs.stiffness,
    covariance: meanByStiffness * varianceByStiffness * inputs.stiffness,
  };
}

/**
 * m / h times the variances where every step takes fresh estimates from m rows, the unbiased one of q: to first order in the noise,
 * along the path without it. Variance of that estimate: 2 q^2 / (m - 5). @throws InputError for fewer than 6 rows a step.
 *
 * @example
 * ```ts
 * import { onlineErrors } from "jkoflow/theory";
 *
 * const model = { mean: 1, stiffness: 1.5, temperature: 0.5 };
 * const { mean, variance } = onlineErrors(model, { mean: -2, variance: 0.1 }, { step: 0.1, steps: 6, rows: 500 });
 * console.log(mean.toFixed(3), variance.toFixed(4)); // 3.658 0.1643
 * ```
 */
export function onlineErrors(
  model: LineModel,
  start: LineLaw,
  { step: h, steps, rows: n }: { readonly step: number; readonly steps: number; readonly rows: number },
): LineErrors {
  check(model, start);
  if (!(n > 5)) throw new InputError({ where: "rows", came: `${n} a step`, expected: "at least 6" });
  const { mean: mu, stiffness: q, temperature: b } = model;
  const [ofMean, ofStiffness] = [b / (q * n), (2 * q ** 2) / (n - 5)];
  let [m, sigma, vm, vs, both] = [start.mean, Math.sqrt(start.variance), 0, 0, 0];
  for (let k = 0; k < steps; k++) {
    const slope = stepSlopes(model, m, sigma, h);
    vm = slope.meanByOld ** 2 * vm + slope.meanByMean ** 2 * ofMean + slope.meanByStiffness ** 2 * ofStiffness;
    vs = slope.sigmaByOld ** 2 * vs + slope.sigmaByStiffness ** 2 * ofStiffness;
    both = slope.meanByOld * slope.sigmaByOld * both + slope.meanByStiffness * slope.sigmaByStiffness * ofStiffness;
    const p = 1 + h * q;
    m = (m + h * q * mu) / p;
    sigma = (sigma + Math.sqrt(sigma ** 2 + 4 * h * b * p)) / (2 * p);
  }
  const scale = n / h;
  return { mean: scale * vm, variance: scale * 4 * sigma ** 2 * vs, covariance: scale * 2 * sigma * both };
}

/** Places of the rule of Simpson, an even number. */
const PLACES = 2000;

/**
 * The same in the limit of small steps and many rows a step.
 *
 * @example
 * ```ts
 * import { onlineLimit } from "jkoflow/theory";
 *
 * const { mean, variance } = onlineLimit({ mean: 1, stiffness: 1.5, temperature: 0.5 }, { mean: -2, variance: 0.1 }, 0.6);
 * console.log(mean.toFixed(6), variance.toFixed(6)); // 4.225438 0.211515
 * ```
 */
export function onlineLimit(model: LineModel, start: LineLaw, time: number): Omit<LineErrors, "covariance"> {
  check(model, start);
  const { mean: mu, stiffness: q, temperature: b } = model;
  const decay = Math.exp(-2 * q * time);
  const mean = 2 * q ** 2 * (start.mean - mu) ** 2 * time * decay + (b / 2) * (1 - decay);
  let variance = 0;
  for (let i = 0; i <= PLACES; i++) {
    const u = (i * time) / PLACES;
    const weight = i === 0 || i === PLACES ? 1 : i % 2 === 1 ? 4 : 2;
    variance += weight * Math.exp(-4 * q * (time - u)) * 8 * q ** 2 * flowLaw(model, start, u).variance ** 2;
  }
  return { mean, variance: (variance * time) / (3 * PLACES) };
}

function check({ stiffness, temperature }: LineModel, { variance }: LineLaw): void {
  for (const [where, came] of Object.entries({ stiffness, temperature, variance })) {
    if (!(came > 0)) throw new InputError({ where, came: `${came}`, expected: "a number above 0" });
  }
}
