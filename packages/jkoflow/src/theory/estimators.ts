/**
 * Parameters of a potential from data, each with n times the variance of its error.
 *
 *   rows    of N(mu, Sigma), independent: sample mean and covariance (divisor n - 1)
 *   path    of an Ornstein-Uhlenbeck process at equal intervals D: a = e^(-q D) by least squares, q = -ln a / D,
 *           V_q = (1 - a^2) / (a^2 D^2), V_mu = s (1 + a) / (1 - a), s the variance of the steady state (T. Anderson, The Statistical
 *           Analysis of Time Series, 1971, section 5.5)
 *   factor  theta of exp(-theta U / b) / Z on the line, independent rows: maximum likelihood, at which E_theta[U] is the mean of U over
 *           the rows; V = b^2 / Var_theta(U). Integrals by the trapezoidal rule, whose error on a smooth peak is below any power of its width
 */
import { InputError, NumericError } from "../errors/index.ts";
import type { InputErrors, LineModel } from "./plugIn.ts";

/** Mean [d] and covariance [d, d] of n rows. */
export interface RowMoments {
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
  readonly rows: number;
}

/**
 * Of rows [n, d]. @throws InputError for fewer than d + 2 rows and for numbers that are not finite.
 *
 * @example
 * ```ts
 * import { estimateRows, type RowMoments } from "jkoflow/theory";
 *
 * const moments: RowMoments = estimateRows(Float64Array.of(1, 2, 3, 6), 1);
 * console.log(moments.mean[0], moments.covariance[0].toFixed(3)); // 3 4.667
 * ```
 */
export function estimateRows(rows: ArrayLike<number>, d: number): RowMoments {
  const n = rows.length / d;
  if (!Number.isInteger(n) || n < d + 2)
    throw new InputError({ where: "rows", came: `${n} of ${d} columns`, expected: `at least ${d + 2}` });
  const mean = new Float64Array(d);
  const covariance = new Float64Array(d * d);
  for (let at = 0; at < rows.length; at++) {
    if (!Number.isFinite(rows[at]))
      throw new InputError({ where: `row ${Math.floor(at / d) + 1}`, came: `${rows[at]}`, expected: "finite numbers" });
    mean[at % d] += rows[at] / n;
  }
  for (let r = 0; r < n; r++)
    for (let i = 0; i < d; i++)
      for (let j = 0; j < d; j++)
        covariance[i * d + j] += ((rows[r * d + i] - mean[i]) * (rows[r * d + j] - mean[j])) / (n - 1);
  return { mean, covariance, rows: n };
}

/** A process from its path: its parameters, n times the variances of their errors, and n, the number of intervals. */
export interface PathEstimate {
  readonly model: LineModel;
  readonly errors: InputErrors;
  readonly rows: number;
  /** Correlation of neighbours, e^(-q D). */
  readonly correlation: number;
}

/**
 * Of a path at equal intervals. A `mean` that is given is taken as known.
 * @throws InputError for fewer than 10 values, and for a path whose neighbours are not correlated, or that does not come back.
 *
 * @example
 * ```ts
 * import { createKey, random } from "jkoflow";
 * import { estimatePath, type PathEstimate } from "jkoflow/theory";
 *
 * const z = random.normal(createKey(1), 4000);
 * const path = new Float64Array(4000);
 * for (let k = 1; k < 4000; k++) path[k] = 0.8 * path[k - 1] + 0.6 * z[k]; // of variance 1
 * const found: PathEstimate = estimatePath(path, { interval: 0.1, temperature: 2 });
 * console.log(Math.abs(found.model.stiffness - 2.23) < 3 * Math.sqrt(found.errors.stiffness / found.rows)); // true
 * ```
 */
export function estimatePath(
  path: ArrayLike<number>,
  {
    interval,
    temperature,
    mean: known,
  }: { readonly interval: number; readonly temperature: number; readonly mean?: number },
): PathEstimate {
  const n = path.length - 1;
  const fail = (came: string, expected: string): never => {
    throw new InputError({ where: "path", came, expected });
  };
  if (n < 9) fail(`${path.length} values`, "at least 10");
  if (!(interval > 0)) fail(`an interval of ${interval}`, "a number above 0");
  let mean = 0;
  for (let k = 0; k <= n; k++) {
    if (!Number.isFinite(path[k])) fail(`${path[k]} at place ${k + 1}`, "finite numbers");
    mean += path[k] / (n + 1);
  }
  const centre = known ?? mean;
  let [products, squares] = [0, 0];
  for (let k = 0; k < n; k++) {
    products += (path[k] - centre) * (path[k + 1] - centre);
    squares += (path[k] - centre) ** 2;
  }
  const a = products / squares;
  if (!(a > 0 && a < 1))
    fail(
      `neighbours with a correlation of ${a.toPrecision(3)}`,
      "one between 0 and 1, as of a process that is drawn back",
    );
  const stiffness = -Math.log(a) / interval;
  const spread = temperature / stiffness;
  return {
    model: { mean: centre, stiffness, temperature },
    errors: {
      mean: known === undefined ? (spread * (1 + a)) / (1 - a) : 0,
      stiffness: (1 - a ** 2) / (a ** 2 * interval ** 2),
    },
    rows: n,
    correlation: a,
  };
}

/** A factor of a potential: theta, and n times the variance of its error. */
export interface FactorEstimate {
  readonly factor: number;
  readonly error: number;
}

/**
 * theta of independent rows of exp(-theta U(x) / b) / Z on the line.
 *
 * @throws InputError for a U that does not hold rows together, NumericError where Newton's method does not end.
 *
 * @example
 * ```ts
 * import { createKey, random } from "jkoflow";
 * import { estimateFactor, type FactorEstimate } from "jkoflow/theory";
 *
 * const rows = random.normal(createKey(1), 1000); // theta x^2 / 2 with theta = 1
 * const found: FactorEstimate = estimateFactor(rows, (x) => (x * x) / 2, 1);
 * console.log(Math.abs(found.factor - 1) < 3 * Math.sqrt(found.error / 1000)); // true
 * ```
 */
export function estimateFactor(rows: ArrayLike<number>, u: (x: number) => number, temperature: number): FactorEstimate {
  const n = rows.length;
  let [mean, low, high] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < n; i++) {
    mean += u(rows[i]) / n;
    low = Math.min(low, rows[i]);
    high = Math.max(high, rows[i]);
  }
  if (!(n >= 2 && high > low && Number.isFinite(mean)))
    throw new InputError({
      where: "rows",
      came: `${n} without spread or at which U is not finite`,
      expected: "others",
    });
  // An exponential law of U has its mean b / theta above the least U: a start of the right size.
  let least = u(low);
  for (let i = 0; i < n; i++) least = Math.min(least, u(rows[i]));
  let factor = temperature / (mean - least);
  for (let iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
    const law = lawOf(u, factor / temperature, low, high);
    const next = factor + ((law.mean - mean) * temperature) / law.variance;
    // Far from the end a step may overshoot below 0, where there is no law.
    factor = next > factor / 4 ? Math.min(next, 4 * factor) : factor / 4;
    if (Math.abs(next - factor) <= 1e-12 * factor && Math.abs(law.mean - mean) <= 1e-10 * (1 + Math.abs(mean)))
      return { factor, error: temperature ** 2 / law.variance };
  }
  throw new NumericError(`the factor of the potential did not settle in ${MOST_ITERATIONS} iterations`);
}

const MOST_ITERATIONS = 100;
/** Intervals of the rule, and the share of the peak below which a density is nothing. */
const [INTERVALS, NOTHING] = [4000, 1e-17];

/** Mean and variance of U under exp(-k U) / Z; the range of the rows is widened until the density is nothing at its ends. */
function lawOf(u: (x: number) => number, k: number, from: number, to: number) {
  let [low, high] = [from, to];
  for (let widening = 0; widening < 60; widening++) {
    const width = high - low;
    const values = Float64Array.from({ length: INTERVALS + 1 }, (_, i) => u(low + (i * width) / INTERVALS));
    const least = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    const weights = values.map((v) => Math.exp(-k * (v - least)));
    const [lowIsOpen, highIsOpen] = [!(weights[0] <= NOTHING), !(weights[INTERVALS] <= NOTHING)];
    if (!lowIsOpen && !highIsOpen) {
      const total = weights.reduce((a, b) => a + b, 0);
      const mean = weights.reduce((sum, w, i) => sum + (w > 0 ? (w * values[i]) / total : 0), 0);
      const variance = weights.reduce((sum, w, i) => sum + (w > 0 ? (w * (values[i] - mean) ** 2) / total : 0), 0);
      return { mean, variance };
    }
    if (lowIsOpen) low -= width / 4;
    if (highIsOpen) high += width / 4;
  }
  throw new InputError({
    where: "U",
    came: "a potential that holds no rows together",
    expected: "one that grows both ways",
  });
}
