/**
 * Classifier two-sample test with boosted trees: can trees tell generated rows from true ones?
 *
 * Sources: D. Lopez-Paz and M. Oquab, "Revisiting classifier two-sample tests", ICLR 2017, arXiv:1610.06545; the order of
 * learning and judging is that of A. Lheritier and F. Cazals, "A sequential non-parametric multivariate two-sample test",
 * IEEE Trans. Inf. Theory 64 (2018), 3361-3370.
 *
 * Both samples are dealt into folds, equally many rows of each in every fold. The trees that judge fold k have learnt from
 * folds 1 .. k - 1, and are asked for the probability p_r that row r of fold k is of y. With labels permuted inside of the fold,
 *
 *   T_kj = sum of p_r over the rows that permutation j calls rows of y,    j = 0 .. P, j = 0 the true labels,
 *   R_kj = rank of T_kj among T_k0 .. T_kP, from 1, ties in an order drawn by key,
 *   S_j  = sum_k Phi^-1((R_kj - 1/2) / (P + 1)) / sqrt(number of judged folds),
 *   p    = #{ j : S_j >= S_0 } / (P + 1).
 *
 * Exact by construction: under equality the true labels of fold k are one more random choice, whatever came before, so the
 * ranks R_k0 .. R_kP are a random order of 1 .. P + 1 given the folds before. They are independent from fold to fold, and S_0 is equally
 * likely at any place among the S_j. No tree is grown again. Where no fold has an opinion p is 1.
 *
 * Tried and left:
 * - Ordinary cross-validation, in which each pair of rows counts twice, once each way: under equality the deviation is up to
 *   sqrt(2) of what the folds suggest (1.44 measured for the area under the ROC curve on 2 x 200 normal rows: 16 % of alarms). Folds in order
 *   leave a fifth of the rows unjudged and keep the level.
 * - The sum of the T_k0 as they are: trees that were lucky with a fold are surer of the next, so that spread and sign go together:
 *   7.0 % of alarms at 5 % (600 draws of 2 x 100 normal rows). Each in its standard deviations is better, but skew and luck may still
 *   go together; ranks have the same law in every fold, and find as much (61 of 98 differences of four kinds, 55 with those).
 * - Accuracy and the area under the ROC curve: 0.9 and 1.6 deviations above chance where the probabilities have 3.0 (means of 12 draws of
 *   2 x 600 normal rows, one in twenty with an impossible value). How sure the trees are of a few rows counts in those alone.
 * - Other trees than 100 of 16 leaves of at least 5 rows. Samples of a Gaussian copula against 1,000 held-out rows of abalone,
 *   white wine and California houses: 18, 14 and 18 deviations of T; 50 trees of 8 leaves 14, 8 and 11, 25 of 4 leaves 11, 5 and
 *   7, those of a default classifier (31 leaves of at least 20 rows) 18, 13 and 17, but 3, 3 and 1 with 200 rows in place of
 *   4, 3 and 2. A mere shift of normal rows is better seen by smaller trees, and by the energy distance anyway.
 */

import { normalQuantile } from "../data/normalQuantile.ts";
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
  /** S_0: standard normal where the samples are alike; at most 6.6 with 5 folds and 1,000 permutations. */
  readonly statistic: number;
  /** The mean probability of a judged row's true origin: 0.5 or below where the samples are alike, 1 where they are apart. */
  readonly probability: number;
  /** 95th percentile of S with permuted labels. */
  readonly threshold: number;
  /** (1 + number of permutations with at least this S) / (1 + permutations). */
  readonly pValue: number;
  /** Share of judged rows whose origin was told correctly. */
  readonly accuracy: number;
  /** Rows used of each sample. */
  readonly rows: number;
  /** Rows of both samples that were judged. */
  readonly judged: number;
}

/** Sums of probabilities that differ by less differ by rounding alone. */
const ROUNDING = 1e-9;
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
  let told = 0;
  for (const own of beliefs) for (const [i, p] of own.entries()) told += i % 2 === 1 ? p : 1 - p;
  const scores = Float64Array.from({ length: 1 + permutations }, (_, rank) =>
    normalQuantile((rank + 0.5) / (1 + permutations)),
  );
  const sums = new Float64Array(scores.length); // S_j
  beliefs.forEach((own, k) => {
    labellingRanks(own, permutations, fold(key, "permutations", k)).forEach((rank, j) => {
      sums[j] += scores[rank] / Math.sqrt(beliefs.length);
    });
  });
  const silent = beliefs.every((own) => own.every((p) => p === own[0]));
  const statistic = silent ? 0 : sums[0];
  const permuted = sums.slice(1).sort();
  return {
    statistic,
    probability: told / judged,
    threshold: permuted[Math.ceil(0.95 * permutations) - 1],
    pValue: silent ? 1 : (1 + permuted.filter((value) => value >= statistic).length) / (1 + permutations),
    accuracy: correct / judged,
    rows,
    judged,
  };
}

/**
 * Ranks from 0 of the true labels, which call every second row one of y, and after them of permuted ones, by the sum of the
 * beliefs in the rows that they call so; ties in an order by key. [1 + permutations]
 */
function labellingRanks(beliefs: Float64Array, permutations: number, key: Key): Int32Array {
  const sums = Float64Array.from({ length: 1 + permutations }, (_, j) => {
    const order = permutation(fold(key, j), beliefs.length);
    let sum = 0;
    for (let i = 1; i < order.length; i += 2) sum += beliefs[j === 0 ? i : order[i]];
    return Math.round(sum / ROUNDING);
  });
  const ranks = new Int32Array(sums.length);
  permutation(fold(key, "ties"), sums.length)
    .sort((a, b) => sums[a] - sums[b]) // stable
    .forEach((labelling, rank) => {
      ranks[labelling] = rank;
    });
  return ranks;
}
