/**
 * A mixture of Gaussians with full covariances, fitted by EM: the cheap model that a flow has to beat before its figure
 * says anything.
 *
 * log p(x) = log sum_k w_k N(x; m_k, S_k)
 *
 * Rows are whitened first (the log-determinant is added back), so that one ridge suits every table. The number of
 * components, the shrinkage and the number of EM steps are chosen on validation rows. Passes and formulas: em.ts.
 */

import { InputError } from "../errors/index.ts";
import type { MixtureBase } from "../flow/index.ts";
import { fold, type Key, permutation } from "../random/index.ts";
import { type Components, NEGLIGIBLE_NATS, rowLogProb } from "./components.ts";
import { addRow, createRanking, emptyMoments, expectation, maximization } from "./em.ts";
import { fitGaussian, type Gaussian, whitenRows } from "./gaussian.ts";
import { kMeans } from "./kmeans.ts";
import { mixtureParts } from "./mixtureParts.ts";
import { sampleComponents } from "./mixtureSample.ts";
import { checkRows, countRows, takeRows } from "./rows.ts";

/** What to try. Every entry is optional; see {@link mixtureDefaults}. */
export interface MixtureOptions {
  /** Numbers of components to try; those above a tenth of the training rows are left out. */
  readonly components?: readonly number[];
  /** Shrinkages to try, in rows: the first while the number of components is chosen, then the others in turn. */
  readonly ridgeCounts?: readonly number[];
  /** Most EM steps of one fit. */
  readonly iterations?: number;
  /** EM sees at most this many training rows, a seeded subset. */
  readonly maxRows?: number;
}

/** One fit that was tried; `validationNll` in nats per row, in the units of the rows. */
export interface MixtureCandidate {
  readonly components: number;
  readonly ridgeCount: number;
  readonly iterations: number;
  readonly validationNll: number;
}

/** All of a table that the fit of a mixture looks at; see {@link mixtureRows}. */
export interface MixtureRows {
  /** Of all rows. */
  readonly whole: Gaussian;
  /** [at most maxRows, cols] */
  readonly rows: Float32Array;
}

/** The chosen mixture. Log-densities are in nats, in the units of the rows it was fitted on. */
export interface Mixture {
  readonly cols: number;
  readonly chosen: MixtureCandidate;
  /** Every fit, in the order tried. */
  readonly candidates: readonly MixtureCandidate[];
  /** [K] */
  readonly weights: Float64Array;
  /** Its components in the units of the rows. */
  parts(): MixtureBase;
  /** log p of `rows` rows [rows, d]: one number per row, nats. Throws InputError on a shape that does not fit. */
  logProb(x: Float32Array, rows: number): Float64Array;
  /** `rows` rows [rows, d], by key. */
  sample(key: Key, rows: number): Float32Array;
}

/** EM steps of each candidate; only the best one is then run to the end, since the order seldom changes later. */
const TRIAL_STEPS = 20;
/** EM steps between two looks at the validation rows. */
const CHECK_EVERY = 5;
/** EM steps between two passes over all components; the others visit the plausible ones of each row. */
const RANK_EVERY = 10;
/** Gain between two looks, in nats, below which a fit counts as converged. */
const SMALLEST_GAIN = 5e-3;
/** A component needs about this many rows to mean anything. */
const ROWS_PER_COMPONENT = 10;

/** The lists tried for tables of `cols` columns. */
export function mixtureDefaults(cols: number): Required<MixtureOptions> {
  const components = cols <= 4 ? [20, 60] : cols <= 20 ? [10, 30, 60] : [5, 8, 12, 20, 30];
  const ridgeCounts = cols <= 20 ? [1, 0.2, 5] : [15, 5, 50];
  return { components, ridgeCounts, iterations: 60, maxRows: 60_000 };
}

/**
 * What `fitMixture` needs of `train` [n, cols]: its Gaussian and a seeded subset of `maxRows` rows. With it the table need
 * not be kept until the fit; the result is the same to the bit. Throws InputError as `fitMixture` does.
 */
export function mixtureRows(train: Float32Array, cols: number, key: Key, options: MixtureOptions = {}): MixtureRows {
  const all = countRows("train", train, cols, 2);
  const { maxRows } = { ...mixtureDefaults(cols), ...options };
  const subset = permutation(fold(key, "rows"), all).subarray(0, maxRows).sort();
  return { whole: fitGaussian(train, all, cols), rows: all > maxRows ? takeRows(train, cols, subset) : train };
}

/**
 * Fits mixtures to `train` [n, cols], or to what `mixtureRows` took of it, and keeps the one with the least NLL on `validation` [m, cols].
 *
 * First the number of components is chosen with the first ridge, then the other ridges are tried with it, in turn, until
 * one is better; the winner is run to the end. One fit of 60 components to 60,000 rows of 6 columns takes about 5
 * seconds. Throws InputError where a shape does not fit or a value is not finite.
 *
 * @example
 * ```ts
 * const mixture = fitMixture(train, validation, 6, createKey(0));
 * const { nll, standardError } = scoreLogProb(mixture.logProb(test, test.length / 6)); // nats per row
 * ```
 */
export function fitMixture(
  train: Float32Array | MixtureRows,
  validation: Float32Array,
  cols: number,
  key: Key,
  options: MixtureOptions = {},
): Mixture {
  const isPrepared = typeof train === "object" && train !== null && "whole" in train;
  const prepared = isPrepared ? train : mixtureRows(train, cols, key, options);
  countRows("validation", validation, cols, 1);
  const { components, ridgeCounts, iterations } = { ...mixtureDefaults(cols), ...options };
  const { mean, whitener, logDetWhitener } = prepared.whole;
  const rows = prepared.rows.length / cols;
  const x = whitenRows(prepared.rows, rows, cols, mean, whitener); // [rows, d]
  const held = whitenRows(validation, validation.length / cols, cols, mean, whitener); // [m, d]

  const fits: Fit[] = [];
  const attempt = (count: number, ridgeCount: number): void => {
    const labels = kMeans(x, rows, cols, count, fold(key, "start", count));
    const start = startComponents(x, labels, cols, count, ridgeCount);
    fits.push(improve({ components: start, ridgeCount, iterations: 0, heldNll: meanNll(start, held) }, x, held, trial));
  };
  const trial = Math.min(TRIAL_STEPS, iterations);
  for (const count of usableCounts(components, rows)) attempt(count, ridgeCounts[0]);
  const first = best(fits);
  for (const ridgeCount of ridgeCounts.slice(1)) {
    attempt(first.components.count, ridgeCount);
    if (best(fits) !== first) break;
  }
  const place = fits.indexOf(best(fits));
  const winner = improve(fits[place], x, held, iterations);
  fits[place] = winner;

  const candidates = fits.map((fit) => ({
    components: fit.components.count,
    ridgeCount: fit.ridgeCount,
    iterations: fit.iterations,
    validationNll: fit.heldNll - logDetWhitener,
  }));
  return {
    cols,
    chosen: candidates[place],
    candidates,
    weights: winner.components.weight,
    parts: () => mixtureParts(winner.components, prepared.whole),
    logProb(y, n) {
      checkRows("x", y, n, cols, 0);
      const log = logProbs(winner.components, whitenRows(y, n, cols, mean, whitener));
      return log.map((value) => value + logDetWhitener);
    },
    sample: (drawn, n) => sampleComponents(winner.components, prepared.whole, drawn, n),
  };
}

interface Fit {
  readonly components: Components;
  readonly ridgeCount: number;
  readonly iterations: number;
  /** In whitened units. */
  readonly heldNll: number;
}

/** The components of hard labels. */
function startComponents(
  x: Float64Array,
  labels: Int32Array,
  cols: number,
  count: number,
  ridgeCount: number,
): Components {
  const moments = emptyMoments(new Float64Array(count * cols), count, cols);
  for (let r = 0; r < labels.length; r++) addRow(moments, labels[r], 1, x, r * cols, cols);
  return maximization(moments, cols, ridgeCount);
}

/** EM steps from `from` until `iterations` in all or no gain on the held-out rows; the best step is kept. */
function improve(from: Fit, x: Float64Array, held: Float64Array, iterations: number): Fit {
  const { cols, count } = from.components;
  const ranking = createRanking(x.length / cols, count);
  let { components } = from;
  let kept = from;
  for (let step = from.iterations + 1; step <= iterations; step++) {
    // The first steps move the components far, so the ranking is trusted only after them.
    const visit = step - from.iterations <= 2 || step % RANK_EVERY === 0 ? "all" : "plausible";
    components = maximization(expectation(components, x, ranking, visit), cols, from.ridgeCount);
    if (step % CHECK_EVERY !== 0 && step !== iterations) continue;
    const heldNll = meanNll(components, held);
    const gain = kept.heldNll - heldNll;
    if (gain > 0) kept = { components, ridgeCount: from.ridgeCount, iterations: step, heldNll };
    if (gain < SMALLEST_GAIN) break;
  }
  return kept;
}

function usableCounts(counts: readonly number[], rows: number): readonly number[] {
  if (counts.length === 0 || counts.some((count) => !Number.isInteger(count) || count < 1)) {
    throw new InputError({ where: "components", came: `[${counts}]`, expected: "whole numbers of at least 1" });
  }
  const usable = counts.filter((count) => count * ROWS_PER_COMPONENT <= rows);
  // A table too small for every entry still gets a fit.
  return usable.length > 0 ? usable : [Math.max(1, Math.min(...counts, Math.floor(rows / ROWS_PER_COMPONENT)))];
}

function best(fits: readonly Fit[]): Fit {
  return fits.reduce((a, b) => (b.heldNll < a.heldNll ? b : a));
}

function meanNll(components: Components, x: Float64Array): number {
  const log = logProbs(components, x);
  return -log.reduce((sum, value) => sum + value / log.length, 0);
}

function logProbs(components: Components, x: Float64Array): Float64Array {
  const { count, cols } = components;
  const { order } = createRanking(1, count);
  const terms = new Float64Array(count);
  const out = new Float64Array(x.length / cols);
  for (let r = 0; r < out.length; r++) {
    out[r] = rowLogProb(components, x, r * cols, order, 0, count, NEGLIGIBLE_NATS, terms);
    // Neighbouring rows of a table are often alike, so the last winner is a fair first guess.
    let winner = 0;
    for (let turn = 1; turn < count; turn++) if (terms[order[turn]] > terms[order[winner]]) winner = turn;
    [order[0], order[winner]] = [order[winner], order[0]];
  }
  return out;
}
