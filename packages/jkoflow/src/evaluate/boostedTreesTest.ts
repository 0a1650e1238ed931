/**
 * Classifier two-sample test with boosted trees: can trees tell generated rows from true ones?
 *
 * Sources: D. Lopez-Paz and M. Oquab, "Revisiting classifier two-sample tests", ICLR 2017, arXiv:1610.06545; the order of
 * learning and judging is that of A. Lheritier and F. Cazals, "A sequential non-parametric multivariate two-sample test",
 * IEEE Trans. Inf. Theory 64 (2018), 3361-3370.
 *
 * Both samples are dealt into folds, equally many rows of each in every fold. The trees that judge fold k have learnt from
 * folds 1 .. k - 1, and the statistic is the mean probability that they give to the true origin of a judged row,
 *
 *   T = mean over judged rows of { p_r for a row of y, 1 - p_r for a row of x },    p_r = P(row r is of y | trees).
 *
 * Under equality the labels in fold k are a random choice whatever the trees learnt before, so permuting them inside of each
 * fold, with the p_r fixed, gives the null distribution, and no tree is grown again.
 *
 * Tried and left:
 * - Ordinary cross-validation, in which each pair of rows counts twice, once each way: under equality the deviation is up to
 *   sqrt(2) of what the folds suggest (1.44 measured for the area under the ROC curve on 2 x 200 normal rows: 16 % of alarms). Folds in order
 *   leave a fifth of the rows unjudged and keep the level.
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
  /** T, the mean probability of a judged row's true origin: 0.5 or below where the samples are alike, 1 where they are apart. */
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
  const probability = sumOfTrue(beliefs, () => (i) => i % 2 === 1) / judged;
  const permuted = Float64Array.from({ length: permutations }, (_, p) => {
    const own = fold(key, "permutation", p);
    const sum = sumOfTrue(beliefs, (k, size) => {
      const order = permutation(fold(own, k), size);
      return (i) => order[i] % 2 === 1;
    });
    return sum / judged;
  }).sort();
  return {
    probability,
    threshold: permuted[Math.ceil(0.95 * permutations) - 1],
    pValue: (1 + permuted.filter((value) => value >= probability - ROUNDING).length) / (1 + permutations),
    accuracy: correct / judged,
    rows,
    judged,
  };
}

/** The sum of the probabilities of the true origins, where `choose` says which places of a fold are of y. */
function sumOfTrue(
  beliefs: readonly Float64Array[],
  choose: (fold: number, size: number) => (place: number) => boolean,
): number {
  let sum = 0;
  beliefs.forEach((own, k) => {
    const isY = choose(k, own.length);
    for (let i = 0; i < own.length; i++) sum += isY(i) ? own[i] : 1 - own[i];
  });
  return sum;
}
