/**
 * Held-out scores of a density model: mean negative log-likelihood with its standard error, and how much of it a few
 * extreme rows carry. All values are in nats per row.
 */

import { InputError } from "../errors/index.ts";
import { checkNumbers } from "../errors/kinds.ts";

/** A mean and its standard error (sample deviation over root n). */
export interface Estimate {
  readonly mean: number;
  readonly standardError: number;
}

/**
 * Summary of the log-densities of held-out rows.
 *
 * @example
 * ```ts
 * import { type Score, scoreLogProb } from "jkoflow";
 *
 * const line = ({ nll, standardError, rows }: Score): string => `${nll} +- ${standardError} nats over ${rows} rows`;
 * console.log(line(scoreLogProb([-1, -2, -3, -2]))); // 2 +- 0.408248290463863 nats over 4 rows
 * ```
 */
export interface Score {
  readonly rows: number;
  /** Mean of -log p. */
  readonly nll: number;
  readonly standardError: number;
  /** Median of -log p: what a typical row costs. */
  readonly median: number;
  /** Share of rows that cost more than `median + 2 |median|`, which is three times the median where that is positive. */
  readonly outlierShare: number;
  /** Mean of -log p over the other rows. Compare two models by it only with the same units of the columns. */
  readonly trimmedNll: number;
}

/**
 * Scores log-densities [n] (nats). Throws InputError on an empty array or a value that is not finite.
 *
 * @example
 * ```ts
 * import { scoreLogProb } from "jkoflow";
 *
 * const { nll, median, outlierShare } = scoreLogProb([-1, -2, -2, -11]);
 * console.log(nll, median, outlierShare); // 4 2 0.25
 * ```
 */
export function scoreLogProb(logProb: ArrayLike<number>): Score {
  checkNumbers(logProb, "logProb");
  const nll = Float64Array.from(logProb, (value) => -value);
  checkValues("logProb", nll);
  const { mean, standardError } = estimate(nll);
  const median = medianOf(nll);
  const limit = median + 2 * Math.abs(median);
  const kept = nll
    .slice()
    .sort()
    .filter((value) => value <= limit);
  return {
    rows: nll.length,
    nll: mean,
    standardError,
    median,
    outlierShare: 1 - kept.length / nll.length,
    trimmedNll: estimate(kept).mean,
  };
}

/** The middle value, or the mean of the two in the middle; NaN of no values. */
export function medianOf(values: Float64Array): number {
  const sorted = values.slice().sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/**
 * Mean NLL of `candidate` minus that of `reference` on the same rows, with the standard error of the paired difference
 * (much smaller than either model's own). Negative: the candidate is better. Throws InputError where the lengths differ.
 *
 * @example
 * ```ts
 * import { estimate, medianOf, pairedDifference } from "jkoflow/evaluate";
 *
 * console.log(estimate(Float64Array.of(1, 2, 3)), medianOf(Float64Array.of(5, 1, 2)));
 * // by -log p: below 0 the first is better
 * console.log(pairedDifference([-1, -2], [-2, -2]).mean); // -0.5
 * ```
 */
export function pairedDifference(candidate: ArrayLike<number>, reference: ArrayLike<number>): Estimate {
  checkNumbers(candidate, "candidate");
  checkNumbers(reference, "reference");
  if (candidate.length !== reference.length) {
    throw new InputError({
      where: "candidate",
      came: `${candidate.length} log-densities`,
      expected: `${reference.length}, as many as the reference has`,
      fix: "score both models on the same rows in the same order",
    });
  }
  const difference = Float64Array.from(reference, (value, i) => value - candidate[i]);
  checkValues("candidate", difference);
  return estimate(difference);
}

/** Mean and standard error of independent values; the error of a single value is NaN: it says nothing of the spread. */
export function estimate(values: Float64Array): Estimate {
  const n = values.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += values[i] / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (values[i] - mean) ** 2;
  return { mean, standardError: n > 1 ? Math.sqrt(squares / (n - 1) / n) : Number.NaN };
}

function checkValues(where: string, values: Float64Array): void {
  if (values.length === 0) throw new InputError({ where, came: "no rows", expected: "at least one" });
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new InputError({ where, place: `row ${bad}`, came: `${-values[bad]}`, expected: "a finite log-density" });
  }
}
