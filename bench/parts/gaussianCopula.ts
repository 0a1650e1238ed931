/**
 * A Gaussian copula with empirical margins: the standard cheap synthesiser of tables, as a rival.
 *
 * Sources: R. Nelsen, "An Introduction to Copulas", 2nd ed., 2006, section 2.9 (sampling through the margins); for tables
 * N. Patki, R. Wedge, K. Veeramachaneni, "The synthetic data vault", DSAA 2016; the ties by L. Rueschendorf, "On the
 * distributional transform, Sklar's theorem, and the empirical copula process", J. Stat. Plan. Inference 139 (2009).
 *
 *   u = F(x-) + V (F(x) - F(x-)), V ~ U(0, 1),   z = Phi^-1(u),   R = corr(z);   a sample: z ~ N(0, R), x = F^-1(Phi(z))
 *
 * with F the empirical distribution function of each column. Words stand in the order of their frequency and a gap is a value
 * of its own, after all others: both come as often as in the table.
 */
import { normalCdf, normalQuantile } from "../../packages/jkoflow/src/data/normalQuantile.ts";
import { cholesky } from "../../packages/jkoflow/src/evaluate/linalg.ts";
import { fold, type Key, normal, uniform } from "../../packages/jkoflow/src/random/index.ts";

export interface GaussianCopula {
  /** n rows [n, cols], gaps as NaN. */
  sample(key: Key, n: number): Float64Array;
}

/** To x [rows, cols]; `words` says which columns have no order of their own. */
export function fitGaussianCopula(x: Float64Array, cols: number, words: readonly boolean[], key: Key): GaussianCopula {
  const rows = x.length / cols;
  const margins: Float64Array[] = []; // the cells of each column in the order of F
  const scores: Float64Array[] = [];
  for (let c = 0; c < cols; c++) {
    const column = Float64Array.from({ length: rows }, (_, r) => x[r * cols + c]);
    const place = placesOf(column, words[c]);
    const order = Int32Array.from(column.keys()).sort((a, b) => place[a] - place[b] || a - b);
    const v = uniform(fold(key, "ties", c), rows);
    const z = new Float64Array(rows);
    for (let i = 0; i < rows; ) {
      let j = i;
      while (j < rows && place[order[j]] === place[order[i]]) j++;
      for (let k = i; k < j; k++) {
        const u = (i + v[order[k]] * (j - i)) / rows;
        z[order[k]] = normalQuantile(Math.min(1 - 1e-8, Math.max(1e-8, u)));
      }
      i = j;
    }
    margins.push(Float64Array.from(order, (r) => column[r]));
    scores.push(z);
  }
  const factor = cholesky(correlation(scores), cols)!;
  return {
    sample: (own, n) => {
      const out = new Float64Array(n * cols);
      const noise = normal(own, n * cols);
      for (let r = 0; r < n; r++) {
        for (let c = 0; c < cols; c++) {
          let z = 0;
          for (let k = 0; k <= c; k++) z += factor[c * cols + k] * noise[r * cols + k];
          const u = normalCdf(Math.min(6, Math.max(-6, z)));
          out[r * cols + c] = margins[c][Math.min(rows - 1, Math.floor(u * rows))];
        }
      }
      return out;
    },
  };
}

/** A number for each cell in whose order F is taken. */
function placesOf(column: Float64Array, isWords: boolean): Float64Array {
  const counts = new Map<number, number>();
  for (const value of column) counts.set(value, (counts.get(value) ?? 0) + 1);
  return column.map((value) => {
    if (Number.isNaN(value)) return Number.MAX_VALUE;
    return isWords ? -counts.get(value)! - value * 1e-6 : value;
  });
}

/** [cols, cols], with a little on the diagonal for columns that say the same. */
function correlation(scores: readonly Float64Array[]): Float64Array {
  const cols = scores.length;
  const unit = scores.map((z) => {
    const mean = z.reduce((sum, value) => sum + value, 0) / z.length;
    const size = Math.sqrt(z.reduce((sum, value) => sum + (value - mean) ** 2, 0));
    return z.map((value) => (size > 0 ? (value - mean) / size : 0));
  });
  const out = new Float64Array(cols * cols);
  for (let i = 0; i < cols; i++) {
    for (let j = 0; j < cols; j++) {
      if (i === j) out[i * cols + j] = 1 + 1e-9;
      else for (let r = 0; r < unit[i].length; r++) out[i * cols + j] += unit[i][r] * unit[j][r];
    }
  }
  return out;
}
