/**
 * The states of all columns that may hold something other than a number, taken together as one variable: its states are the
 * patterns that occur in training rows, and last, where not all possible ones do, "another pattern", which has the
 * product of the columns' own probabilities, over those that do not occur:
 *
 *   Q(r) = prod_j q_j(r_j),   P(r | another) = Q(r) / (1 - sum of Q over the patterns that occur)
 */
import { log } from "../random/index.ts";

/** Plain data that survives JSON. */
export interface GapPatterns {
  /** States of each column. */
  readonly sizes: readonly number[];
  /** The patterns that occur, one after the other, in the order of their frequency. [seen, columns] */
  readonly seen: readonly number[];
  /** q_j: probabilities of the states of each column. */
  readonly shares: readonly (readonly number[])[];
}

/** Codes `[n, columns]` of training rows. */
export function fitPatterns(codes: Int32Array, sizes: readonly number[]): GapPatterns {
  const width = sizes.length;
  const rows = codes.length / width;
  const counts = new Map<string, number>();
  const shares = sizes.map((size) => new Array<number>(size).fill(1 / size / (rows + 1)));
  for (let at = 0; at < codes.length; at += width) {
    const row = codes.subarray(at, at + width);
    const name = row.join();
    counts.set(name, (counts.get(name) ?? 0) + 1);
    row.forEach((code, j) => {
      shares[j][code] += 1 / (rows + 1);
    });
  }
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return { sizes, seen: sorted.flatMap(([name]) => name.split(",").map(Number)), shares };
}

const seenCount = ({ sizes, seen }: GapPatterns): number => seen.length / sizes.length;

/** Whether there are patterns that do not occur. */
const hasOthers = (patterns: GapPatterns): boolean =>
  patterns.sizes.reduce((product, size) => product * size, 1) > seenCount(patterns);

/** The state of patterns that do not occur; undefined where all do. */
export const otherPattern = (patterns: GapPatterns): number | undefined =>
  hasOthers(patterns) ? seenCount(patterns) : undefined;

export const patternStates = (patterns: GapPatterns): number => seenCount(patterns) + (hasOthers(patterns) ? 1 : 0);

/** The state of a row's codes, and ln P(codes | state), nats: 0 for a pattern that occurs. */
export function patternCoder(patterns: GapPatterns): (codes: ArrayLike<number>) => readonly [number, number] {
  const { sizes, seen, shares } = patterns;
  const width = sizes.length;
  const known = new Map<string, number>();
  let taken = 0; // the sum of Q
  for (let k = 0; k < seenCount(patterns); k++) {
    const pattern = seen.slice(k * width, (k + 1) * width);
    known.set(pattern.join(), k);
    taken += pattern.reduce((product, code, j) => product * shares[j][code], 1);
  }
  const other = otherPattern(patterns);
  return (codes) => {
    const state = known.get(Array.prototype.join.call(codes));
    if (state !== undefined || other === undefined) return [state ?? 0, 0];
    return [other, shares.reduce((sum, share, j) => sum + log(share[codes[j]]), 0) - log(1 - taken)];
  };
}
