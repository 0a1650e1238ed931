/**
 * What the two-sample tests find: draws without a difference, draws with a known one, and the best that any test could do.
 */
import {
  boostedTreesTest,
  classifierTest,
  energyDistance,
  mmdTest,
  slicedWassersteinTest,
} from "../../packages/jkoflow/src/evaluate/index.ts";
import { categorical, fold, type Key, normal, uniform } from "../../packages/jkoflow/src/random/index.ts";

export const testNames = [
  "MMD median",
  "MMD unit",
  "MMD 0.1 median",
  "energy distance",
  "classifier",
  "sliced Wasserstein",
  "boosted trees",
] as const;
export type TestName = (typeof testNames)[number];

/** As options name them. */
export const testWords: Readonly<Record<string, TestName>> = Object.fromEntries(
  testNames.map((name) => [name.toLowerCase().replaceAll(" ", "-"), name]),
);

/** With p = (1 + k) / (1 + 199) the event p <= 0.05 has chance 10 / 200 exactly under equality (without ties). */
export const PERMUTATIONS = 199;

/** p-value of x [n, cols] against y [m, cols]. */
export const tests: Readonly<Record<TestName, (x: Float32Array, y: Float32Array, cols: number, key: Key) => number>> = {
  "MMD median": (x, y, cols, key) =>
    mmdTest(x, y, cols, key, { bandwidth: "median", permutations: PERMUTATIONS }).pValue,
  "MMD unit": (x, y, cols, key) => mmdTest(x, y, cols, key, { bandwidth: "unit", permutations: PERMUTATIONS }).pValue,
  "MMD 0.1 median": (x, y, cols, key) =>
    mmdTest(x, y, cols, key, { bandwidth: "tenth", permutations: PERMUTATIONS }).pValue,
  "energy distance": (x, y, cols, key) => energyDistance(x, y, cols, key, { permutations: PERMUTATIONS }).pValue,
  classifier: (x, y, cols, key) => classifierTest(x, y, cols, key, { permutations: PERMUTATIONS, features: 32 }).pValue,
  "sliced Wasserstein": (x, y, cols, key) =>
    slicedWassersteinTest(x, y, cols, key, { permutations: PERMUTATIONS, projections: 50 }).pValue,
  "boosted trees": (x, y, cols, key) => boostedTreesTest(x, y, cols, key, { permutations: PERMUTATIONS }).pValue,
};

/**
 * Rows such as tables have: a skewed number with one decimal, a whole number of few values that depends on it, a category of
 * four levels, and a rare 0/1 column: [rows, 4].
 */
export function mixedRows(key: Key, rows: number): Float32Array {
  const z = normal(fold(key, "normal"), 2 * rows);
  const level = categorical(fold(key, "level"), rows, [0.5, 0.3, 0.15, 0.05]);
  const rare = uniform(fold(key, "rare"), rows);
  const out = new Float32Array(4 * rows);
  for (let i = 0; i < rows; i++) {
    const skewed = Math.round(10 * Math.exp(z[2 * i])) / 10;
    out.set([skewed, Math.round(skewed + z[2 * i + 1]), level[i], rare[i] < 0.02 ? 1 : 0], 4 * i);
  }
  return out;
}

/** Rows of N(0, I), the first column shifted: [rows, cols]. */
export const shifted = (key: Key, rows: number, cols: number, delta: number): Float32Array =>
  normal(key, rows * cols).map((value, i) => (i % cols === 0 ? value + delta : value));

/** How many of `draws` pairs a test finds different at level 0.05, for each test. */
export function rejections(
  names: readonly TestName[],
  key: Key,
  draws: number,
  pair: (key: Key) => { readonly x: Float32Array; readonly y: Float32Array; readonly cols: number },
): Partial<Record<TestName, number>> {
  const counts = Object.fromEntries(names.map((name) => [name, 0])) as Record<TestName, number>;
  for (let draw = 0; draw < draws; draw++) {
    const own = fold(key, draw);
    const { x, y, cols } = pair(own);
    for (const name of names) if (tests[name](x, y, cols, fold(own, name)) <= 0.05 + 1e-12) counts[name]++;
  }
  return counts;
}
