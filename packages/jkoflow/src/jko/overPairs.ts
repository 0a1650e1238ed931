/**
 * Means over pairs of independent rows, (x_i, x'_i+s): several partners for each row, s = 0, 1, ..., and the standard error.
 *
 *   mean = 1/B sum_b m_b,   m_b over the rows of block b, each with S partners of that block;   error = sd(m_b) / sqrt(B)
 *
 * One partner each leaves the spread of a single pair in the mean; with S of them its part falls to 1/S (W. Hoeffding, Ann. Math.
 * Stat. 19 (1948), 293-325, on such averages). Pairs that share a row are not independent, blocks are.
 */
import type { Values } from "../engine/index.ts";

const BLOCKS = 16;
const PARTNERS = 64;

/** Rows `from`, ..., with partners from `from + beside` on. */
export interface PairPlace {
  readonly from: number;
  readonly rows: number;
  readonly beside: number;
}

/** The named means of `run` over places in n rows, and the standard error of the one called `total`. */
export function overPairs(
  n: number,
  run: (place: PairPlace) => Values,
): { readonly values: Readonly<Record<string, number>>; readonly error: number } {
  const count = Math.min(BLOCKS, n);
  const size = Math.floor(n / count);
  const partners = Math.min(PARTNERS, Math.ceil(size / 2));
  const rows = size - partners + 1;
  const blocks = Array.from({ length: count }, (_, b) => {
    const found = Array.from({ length: partners }, (_, beside) => run({ from: b * size, rows, beside }));
    return Object.fromEntries(
      Object.keys(found[0]).map((name) => [name, meanOf(found.map((values) => values[name][0]))]),
    );
  });
  const values = Object.fromEntries(
    Object.keys(blocks[0]).map((name) => [name, meanOf(blocks.map((block) => block[name]))]),
  );
  const squares = blocks.reduce((sum, { total }) => sum + (total - values.total) ** 2, 0);
  return { values, error: Math.sqrt(squares / Math.max(1, count - 1) / count) };
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
