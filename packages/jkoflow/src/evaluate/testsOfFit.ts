/**
 * Every two-sample test of this folder on the same pair: rows of the data against as many of a model.
 *
 * Each looks at something else: the MMDs at the scale of their kernel, the energy distance at all scales, the classifier at
 * whatever columns and their random features tell apart, boosted trees at columns as they are (ties, atoms, skew, codes of
 * categories, gaps), sliced Wasserstein at the mass that must be moved. With k tests the smallest of k p-values is below
 * 0.05 / k with chance at most 5 % under equality (Bonferroni), which is the verdict here.
 */

import { fold, type Key } from "../random/index.ts";
import { boostedTreesTest } from "./boostedTreesTest.ts";
import { classifierTest } from "./classifierTest.ts";
import { detectableAccuracy } from "./detectable.ts";
import { type Bandwidth, resolveBandwidth } from "./mmd.ts";
import { slicedWassersteinTest } from "./slicedWasserstein.ts";
import type { Cells } from "./treeBins.ts";
import { type Kernel, type TwoSampleOptions, twoSampleTests } from "./twoSample.ts";

export type FitTestName =
  | "MMD, median bandwidth"
  | "MMD, unit bandwidth"
  | "MMD, 0.1-median bandwidth"
  | "energy distance"
  | "classifier"
  | "boosted trees"
  | "sliced Wasserstein";

export interface FitTest {
  readonly name: FitTestName;
  /** MMD^2 and energy distance as V-statistics; the classifier's accuracy; the trees' belief in the true origin, in deviations; SW2. */
  readonly statistic: number;
  /** U-statistic of MMD^2 and energy distance, else null. */
  readonly unbiased: number | null;
  /** The 95 % point of the statistic under permutation. */
  readonly threshold: number;
  readonly pValue: number;
  /** gamma of an MMD, in the units of the columns, else null. */
  readonly bandwidth: number | null;
  /** Share of held-out rows whose origin classifier or trees told correctly, else null. */
  readonly accuracy: number | null;
  readonly rows: readonly [number, number];
}

export interface TestsOfFit {
  readonly tests: readonly FitTest[];
  /** min(1, k * smallest p-value): chance of so small a p-value in any of the k tests under equality, at most. */
  readonly pValue: number;
  /**
   * What so many rows can show: had trees told this share of the rows apart, the joint p-value would have been below 5 %
   * with a chance of 80 %.
   */
  readonly detectable: number;
}

/** Both samples as their owner sees them: whole numbers whole, categories as codes, decimals as written, NaN for a gap. */
export interface RawRows {
  /** True rows [n, cols]. */
  readonly rows: Cells;
  /** Generated rows [m, cols]. */
  readonly samples: Cells;
  readonly cols: number;
}

export interface FitTestOptions extends Pick<TwoSampleOptions, "permutations" | "maxRows"> {
  /** What the trees see; by default the same rows as the other tests. */
  readonly raw?: RawRows;
}

/** Of the joint p-value. */
const LEVEL = 0.05;
const POWER = 0.8;

const BANDWIDTHS: readonly (readonly [FitTestName, Bandwidth])[] = [
  ["MMD, median bandwidth", "median"],
  ["MMD, unit bandwidth", "unit"],
  ["MMD, 0.1-median bandwidth", "tenth"],
];

/**
 * All tests of true rows x [n, cols] against generated rows y [m, cols]: at most 10,000 rows of each and 1,000 permutations;
 * classifier and sliced Wasserstein, which cost more a permutation, take at most 5,000 and 200. Below 139 permutations the
 * joint p-value cannot come below 5 %, whatever the samples.
 *
 * Throws InputError where a shape does not fit, a value is not finite (in `raw` NaN is a gap), a sample has fewer than ten
 * rows, or more than half of the rows are equal.
 *
 * @example
 * ```ts
 * import { createKey, random } from "jkoflow";
 * import { testsOfFit } from "jkoflow/evaluate";
 *
 * const [x, y] = [random.normal(createKey(0), 200), random.normal(createKey(1), 200).map((value) => value + 2)]; // [100, 2]
 * const { tests, pValue } = testsOfFit(x, y, 2, createKey(2), { permutations: 99 });
 * console.log(tests.length, pValue < 0.1); // 7 true
 * ```
 */
export function testsOfFit(
  x: Float32Array,
  y: Float32Array,
  cols: number,
  key: Key,
  { permutations = 1000, maxRows = 10_000, raw = { rows: x, samples: y, cols } }: FitTestOptions = {},
): TestsOfFit {
  const gammas = BANDWIDTHS.map(([, bandwidth]) => resolveBandwidth(x, cols, key, bandwidth));
  const kernels = gammas.map((gamma): Kernel => ({ kind: "gaussian", alpha: 1 / (2 * gamma ** 2) }));
  const quadratic = twoSampleTests(x, y, cols, [...kernels, { kind: "distance" }], key, { permutations, maxRows });
  const fewer = { permutations: Math.min(permutations, 200), maxRows: Math.min(maxRows, 5000) };
  const classifier = classifierTest(x, y, cols, fold(key, "classifier"), fewer);
  const sliced = slicedWassersteinTest(x, y, cols, fold(key, "sliced"), { ...fewer, projections: 100 });
  const trees = boostedTreesTest(raw.rows, raw.samples, raw.cols, fold(key, "trees"), { permutations, maxRows });
  const tests: readonly FitTest[] = [
    ...quadratic.map(
      ({ biased, unbiased, threshold, pValue, rows }, k): FitTest => ({
        name: k < BANDWIDTHS.length ? BANDWIDTHS[k][0] : "energy distance",
        statistic: biased,
        unbiased,
        threshold,
        pValue,
        bandwidth: gammas[k] ?? null,
        accuracy: null,
        rows,
      }),
    ),
    {
      name: "classifier",
      statistic: classifier.accuracy,
      unbiased: null,
      threshold: classifier.threshold,
      pValue: classifier.pValue,
      bandwidth: null,
      accuracy: classifier.accuracy,
      rows: [classifier.rows, classifier.rows],
    },
    {
      name: "boosted trees",
      statistic: trees.statistic,
      unbiased: null,
      threshold: trees.threshold,
      pValue: trees.pValue,
      bandwidth: null,
      accuracy: trees.accuracy,
      rows: [trees.rows, trees.rows],
    },
    {
      name: "sliced Wasserstein",
      statistic: sliced.distance,
      unbiased: null,
      threshold: sliced.threshold,
      pValue: sliced.pValue,
      bandwidth: null,
      accuracy: null,
      rows: sliced.rows,
    },
  ];
  return {
    tests,
    pValue: Math.min(1, tests.length * Math.min(...tests.map(({ pValue }) => pValue))),
    detectable: detectableAccuracy(trees.judged, LEVEL / tests.length, POWER),
  };
}
