/**
 * Kernel Stein discrepancy of rows to a target of which only the score s = grad log q is needed:
 *
 *   KSD^2 = E u(x, x'),   u(x, y) = k(x, y) ( s(x).s(y) + 2 b (s(x) - s(y)).(x - y) + 2 b d - 4 b^2 |x - y|^2 )
 *   k(x, y) = exp(-b |x - y|^2),   b = 1 / (2 median^2)
 *
 * Q. Liu, J. Lee, M. Jordan, "A kernelized Stein discrepancy for goodness-of-fit tests", ICML 2016, arXiv:1602.03253, with the kernel
 * of J. Fan et al., arXiv:2112.02424. It sees weights of far modes hardly: between them u is next to 0.
 */
import { InputError } from "../errors/index.ts";

export interface KernelStein {
  /** KSD^2 without the pairs of a row with itself; its mean is 0 for rows of the target, so it may be negative. */
  readonly unbiased: number;
  /** With them, as papers report it. */
  readonly biased: number;
}

/** Of rows [n, d] with scores [n, d] and a bandwidth, the median distance of rows of the target. @throws InputError for one row, or shapes that differ. */
export function kernelStein(
  rows: ArrayLike<number>,
  scores: ArrayLike<number>,
  d: number,
  bandwidth: number,
): KernelStein {
  const n = rows.length / d;
  if (!(Number.isInteger(n) && n >= 2 && scores.length === rows.length)) {
    const came = `${rows.length} numbers with ${scores.length} of scores`;
    throw new InputError({ where: "rows", came, expected: `two or more rows of ${d}, and as many scores` });
  }
  const b = 1 / (2 * bandwidth ** 2);
  let [pairs, own] = [0, 0];
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < d; k++) own += scores[i * d + k] ** 2 + 2 * b;
    for (let j = 0; j < i; j++) {
      let [dot, slope, squares] = [0, 0, 0];
      for (let k = 0; k < d; k++) {
        const [s, t] = [scores[i * d + k], scores[j * d + k]];
        const way = rows[i * d + k] - rows[j * d + k];
        dot += s * t;
        slope += (s - t) * way;
        squares += way * way;
      }
      pairs += Math.exp(-b * squares) * (dot + 2 * b * slope + 2 * b * d - 4 * b * b * squares);
    }
  }
  return { unbiased: (2 * pairs) / (n * (n - 1)), biased: (2 * pairs + own) / (n * n) };
}
