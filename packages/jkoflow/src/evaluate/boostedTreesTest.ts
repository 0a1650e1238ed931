/**
 * Classifier two-sample test with boosted trees: can trees tell generated rows from true ones?
 *
 * Sources: D. Lopez-Paz and M. Oquab, "Revisiting classifier two-sample tests", ICLR 2017, arXiv:1610.06545; the order of
 * learning and judging is that of A. Lheritier and F. Cazals, "A sequential non-parametric multivariate two-sample test",
 * IEEE Trans. Inf. Theory 64 (2018), 3361-3370.
 *
 * Both samples are dealt into folds, equally many rows of each in every fold. The trees that judge fold k have learnt from
 * folds 1 .. k - 1, and are asked for the probability that they give to the true origin of its rows,
 *
 *   T_k = mean over the rows of fold k of { p_r for a row of y, 1 - p_r for a row of x },    p_r = P(row r is of y | trees),
 *   T = sum_k (T_k - E T_k) / sd(T_k) / sqrt(number of judged folds),    moments over the labels of the fold.
 *
 * Under equality the labels in fold k are a random choice whatever the trees learnt before. So each term has mean 0 and variance 1
 * given the folds before it, and permuting labels inside of each fold, with the p_r fixed, gives the null distribution; no tree is
 * grown again.
 *
 * Tried and left:
 * - Ordinary cross-validation, in which each pair of rows counts twice, once each way: under equality the deviation is up to
 *   sqrt(2) of what the folds suggest (1.44 measured for the area under the ROC curve on 2 x 200 normal rows: 16 % of alarms). Folds in order
 *   leave a fifth of the rows unjudged and keep the level.
 * - The sum of the T_k as they are: trees that were lucky with a fold are surer of the next, so that spread and sign go together: 7.0 %
 *   of alarms at 5 % (600 draws of 2 x 100 normal rows).
 * - Accuracy and the area under the ROC curve: 0.9 and 1.6 deviations above chance where T has 3.0 (means of 12 draws of
 *   2 x 600 normal rows, one in twenty with an impossible value). How sure the trees are of a few rows counts in T alone.
 * - Other trees than 100 of 16 leaves of at least 5 rows. Samples of a Gaussian copula against 1,000 held-out rows of abalone,
 *   white wine and California houses: 18, 14 and 18 deviations; 50 trees of 8 leaves 14, 8 and 11, 25 of 4 leaves 11, 5 and
 *   7, those of a default classifier (31 leaves of at least 20 rows) 18, 13 and 17, but 3, 3 and 1 with 200 rows in place of
 *   4, 3 and 2. A mere shift of normal rows is better seen by smaller trees, and by the energy distance anyway.
 */

import { InputError } from "../errors/index.ts";
import { exp, fold, type Key, permutation } from "../random/index.ts";
import { type BoostedTreesOptions, checkCells, fitBoostedTrees } from "./boostedTrees.ts";
import type { Cells } from "./treeBins.ts";

/** By default 100 trees of 16 leaves of at least 5 rows. */
export interface BoostedTreesTestOptions extends BoostedTreesOptions {
  /** Default 1,000. */
  readonly permutations?: number;
  /** Most rows taken of each sample, a seeded subset; both give equally many. Default 10,000. */
  readonly maxRows?: number;
  /** Default 5; the first is only learnt from. */
  readonly folds?: number;
}

/** How well trees tell held-out rows of two samples apart, and how well permuted ones. */
export interface BoostedTreesTest {
  /** T, in standard deviations: about 0 where the samples are alike. */
  readonly statistic: number;
  /** The mean probability of a judged row's true origin: 0.5 or below where the samples are alike, 1 where they are apart. */
  readonly probability: number;
  /** 95th percentile of T with permuted labels. */
  readonly threshold: number;
  /** (1 + number of permutations with at least this T) / (1 + permutations). */
  readonly pValue: number;
  /** Share of judged rows whose origin was told correctly. */
  readonly accuracy: number;
  /** Rows used of each sample. */
  readonly rows: number;
  /** Rows of both samples that were judged. */
  readonly judged: number;
}

/** Sums in another order differ by as much. */
const ROUNDING = 1e-12;
/** Small leaves, since a rare value needs one. */
const TREES: BoostedTreesOptions = { trees: 100, leaves: 16, leafRows: 5 };

/**
 * Tests x [n, cols] against y [m, cols]. A missing cell is NaN, and codes of categories are numbers like others: the trees
 * are to see the rows as their owner does.
 *
 * Throws InputError where a shape does not fit, an option is out of its range, or a sample has fewer rows than two a fold.
 */
export function boostedTreesTest(
  x: Cells,
  y: Cells,
  cols: number,
  key: Key,
  { permutations = 1000, maxRows = 10_000, folds = 5, ...trees }: BoostedTreesTestOptions = {},
): BoostedTreesTest {
  checkCells("x", x, cols);
  checkCells("y", y, cols);
  if (!Number.isInteger(folds) || folds < 2 || !Number.isInteger(permutations) || permutations < 1) {
    throw new InputError({
      where: "options",
      came: `folds ${folds}, permutations ${permutations}`,
      expected: "at least 2 folds and 1 permutation",
    });
  }
  const rows = Math.min(Math.floor(maxRows), x.length / cols, y.length / cols);
  if (!(rows >= 2 * folds)) {
    throw new InputError({ where: "rows", came: `${rows} of each sample`, expected: `at least ${2 * folds}` });
  }
  // Rows of x and of y in turn, so that any stretch of whole pairs holds equally many of each: [2 rows, cols]
  const dealt = new Float64Array(2 * rows * cols);
  [x, y].forEach((sample, side) => {
    const order = permutation(fold(key, side === 0 ? "x" : "y"), sample.length / cols);
    for (let i = 0; i < rows; i++) {
      dealt.set(sample.subarray(order[i] * cols, (order[i] + 1) * cols), (2 * i + side) * cols);
    }
  });
  const labels = Uint8Array.from({ length: 2 * rows }, (_, i) => i % 2);
  const ends = Array.from({ length: folds }, (_, k) => 2 * Math.floor(((k + 1) * rows) / folds));
  const beliefs: Float64Array[] = []; // p of each judged fold
  let correct = 0;
  for (let k = 1; k < folds; k++) {
    const [learnt, end] = [ends[k - 1], ends[k]];
    const { logOdds } = fitBoostedTrees(dealt.subarray(0, learnt * cols), labels.subarray(0, learnt), cols, {
      ...TREES,
      ...trees,
    });
    const scores = logOdds(dealt.subarray(learnt * cols, end * cols));
    // A row of no opinion is told right half of the time.
    scores.forEach((score, i) => {
      correct += score === 0 ? 0.5 : score > 0 === (labels[i] === 1) ? 1 : 0;
    });
    beliefs.push(scores.map((score) => 1 / (1 + exp(-score))));
  }
  const judged = ends[folds - 1] - ends[0];
  const isY = (place: number): boolean => place % 2 === 1;
  let told = 0;
  for (const own of beliefs) for (const [i, p] of own.entries()) told += isY(i) ? p : 1 - p;
  const statistic = beliefs.reduce((sum, own) => sum + standardScore(own, isY), 0) / Math.sqrt(beliefs.length);
  const permuted = Float64Array.from({ length: permutations }, (_, p) => {
    const own = fold(key, "permutation", p);
    const sum = beliefs.reduce((total, belief, k) => {
      const order = permutation(fold(own, k), belief.length);
      return total + standardScore(belief, (place) => isY(order[place]));
    }, 0);
    return sum / Math.sqrt(beliefs.length);
  }).sort();
  return {
    statistic,
    probability: told / judged,
    threshold: permuted[Math.ceil(0.95 * permutations) - 1],
    pValue: (1 + permuted.filter((value) => value >= statistic - ROUNDING).length) / (1 + permutations),
    accuracy: correct / judged,
    rows,
    judged,
  };
}

/**
 * The sum of the beliefs at the places of y, less its mean, over its deviation, both over all choices of half of the places: with
 * N places the sum of N / 2 of them drawn without replacement has the variance N / (4 (N - 1)) sum (p - mean p)^2. It is the same for
 * the probabilities of the true origin, whose sum is twice that less a constant.
 */
function standardScore(beliefs: Float64Array, isY: (place: number) => boolean): number {
  const n = beliefs.length;
  const mean = beliefs.reduce((sum, p) => sum + p, 0) / n;
  let [sum, squares] = [0, 0];
  beliefs.forEach((p, i) => {
    if (isY(i)) sum += p - mean;
    squares += (p - mean) ** 2;
  });
  return squares > 0 ? sum / Math.sqrt((n / (4 * (n - 1))) * squares) : 0;
}
