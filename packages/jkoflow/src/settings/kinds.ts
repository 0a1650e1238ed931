/** Kinds of settings: what a value may be, as a sentence, as a check, and as a type that follows from the check. */

/** Settings are flat JSON: numbers, words, and lists of numbers; a number may be null for "no limit". */
export type SettingValue = number | string | boolean | null | readonly number[];
/**
 * Values of settings by name, as a system's `check` takes them and a run stores them.
 *
 * @example
 * ```ts
 * import { otFlow, createKey, data, type Settings } from "jkoflow";
 *
 * const rows = (name: string, n: number) => data.createTable(data.toys.moons.sample(createKey(name), n), 2);
 * const problem = { train: rows("train", 500), validation: rows("validation", 100) };
 * const settings: Settings = { ...otFlow.defaults(problem, createKey(0)), updates: 500 };
 * console.log(otFlow.check(settings).updates); // 500
 * ```
 */
export type Settings = Readonly<Record<string, SettingValue>>;

export interface Kind<T> {
  /** Completes "expected ...". */
  readonly expected: string;
  readonly accepts: (value: unknown) => value is T;
}

const isWhole = (x: unknown, least: number): x is number => typeof x === "number" && Number.isInteger(x) && x >= least;
const isAbove = (x: unknown, least: number): x is number => typeof x === "number" && Number.isFinite(x) && x > least;

const listOf = (expected: string, fits: (list: readonly unknown[]) => boolean): Kind<readonly number[]> => ({
  expected,
  accepts: (x): x is readonly number[] => Array.isArray(x) && fits(x),
});

/** A whole number, at least that. */
export const whole = (least: number): Kind<number> => ({
  expected: `a whole number of at least ${least}`,
  accepts: (x) => isWhole(x, least),
});
/** A number above that. */
export const above = (least: number): Kind<number> => ({
  expected: `a number above ${least}`,
  accepts: (x) => isAbove(x, least),
});
/** A number, at least that. */
export const atLeast = (least: number): Kind<number> => ({
  expected: `a number of at least ${least}`,
  accepts: (x): x is number => isAbove(x, least) || x === least,
});
/** A part of a whole, without its ends. */
export const share: Kind<number> = {
  expected: "a number above 0 and below 1",
  accepts: (x): x is number => isAbove(x, 0) && x < 1,
};
/** How much of an average of weights stays at an update. */
export const decay: Kind<number> = {
  expected: "a number from 0 to below 1",
  accepts: (x): x is number => typeof x === "number" && x >= 0 && x < 1,
};
/** One of the words. */
export const oneOf = <const Word extends string>(...words: readonly Word[]): Kind<Word> => ({
  expected: words.join(" | "),
  accepts: (x): x is Word => words.some((word) => word === x),
});
/** Words with commas between, which may occur again; or the word for none of them. */
export const someOf = (none: string, words: readonly string[]): Kind<string> => ({
  expected: `${none}, or some of ${words.join(", ")} with commas between`,
  accepts: (x): x is string =>
    typeof x === "string" && (x === none || x.split(",").every((word) => words.includes(word))),
});
/** null is taken too. */
export const orNull = <T>({ expected, accepts }: Kind<T>): Kind<T | null> => ({
  expected: `${expected}, or null`,
  accepts: (x): x is T | null => x === null || accepts(x),
});
/**
 * Whole numbers above 0, one at least.
 *
 * @example
 * ```ts
 * import { alphaTriple, decay, pairList, share, stepSizeList, wholeList } from "jkoflow/settings";
 *
 * console.log(wholeList.accepts([64, 64]), pairList.accepts([1, 2, 2, 3]), stepSizeList.accepts([1, 2])); // true true true
 * console.log(share.accepts(0.5), decay.accepts(1), alphaTriple.expected);
 * ```
 */
export const wholeList: Kind<readonly number[]> = listOf(
  "a list of whole numbers above 0, such as [128,128]",
  (list) => list.length > 0 && list.every((item) => isWhole(item, 1)),
);
/** Pairs of whole numbers above 0, one after the other. */
export const pairList: Kind<readonly number[]> = listOf(
  "pairs of whole numbers from 1, one behind the other, such as [1,2,2,3]",
  (list) => list.length % 2 === 0 && list.every((item) => isWhole(item, 1)),
);
/** Step sizes. */
export const stepSizeList: Kind<readonly number[]> = listOf(
  "a list of numbers above 0, such as [1,2,4,8]",
  (list) => list.length > 0 && list.every((item) => isAbove(item, 0)),
);
/** Weights of OT-Flow's terms: transport, likelihood, Hamilton-Jacobi-Bellman. */
export const alphaTriple: Kind<readonly number[]> = listOf(
  "three numbers alpha_L > 0, alpha_C > 0, alpha_R >= 0, such as [1,100,15]",
  (list) => list.length === 3 && isAbove(list[0], 0) && isAbove(list[1], 0) && (isAbove(list[2], 0) || list[2] === 0),
);
