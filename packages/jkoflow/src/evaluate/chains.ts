/**
 * Do Markov chains agree, and how many independent draws are they worth: rank-normalised split R-hat, bulk and tail effective
 * sample size.
 *
 * A. Vehtari, A. Gelman, D. Simpson, B. Carpenter, P.-C. Buerkner, "Rank-normalization, folding, and localization: an improved R-hat
 * for assessing convergence of MCMC", Bayesian Analysis 16 (2021), 667-718. Each chain is cut in two. With m chains of n draws, W the
 * mean of their variances, B / n the variance of their means:
 *
 *   var+ = (n - 1) / n W + B / n,     R-hat = sqrt(var+ / W)                                            (eqs. 1 to 4)
 *   rho_t = 1 - (W - mean_j s_j^2 rho_{t,j}) / var+,     ESS = m n / (1 + 2 sum_t rho_t)                 (eqs. 10 to 13)
 *
 * over z = Phi^-1((rank - 3/8) / (m n + 1/4)) (eq. 14); R-hat is the larger of that of z and that of the ranks of |x - median|, which
 * sees chains that differ in spread. The sum stops by C. Geyer's initial monotone sequence (Statist. Sci. 7 (1992), 473-483).
 * Rows drawn independently need none of it.
 */
import { normalQuantile } from "../data/normalQuantile.ts";
import { InputError } from "../errors/index.ts";
import { medianOf } from "./score.ts";

export interface ChainDiagnostics {
  /** 1 where the chains agree; above 1.01 they should be run for longer. NaN where all draws are equal. */
  readonly rHat: number;
  /** Independent draws that means and medians are worth. */
  readonly bulkEss: number;
  /** The smaller one of those that the quantiles at 5 and 95 % are worth; NaN where no draw is beyond one of them. */
  readonly tailEss: number;
}

/** Half a chain of fewer draws has no autocorrelation worth the name. */
const FEWEST = 8;

/**
 * Of one quantity: its draws [n] in each of the chains.
 * @throws InputError for no chain, chains of fewer than eight draws or of different lengths, and draws that are not finite.
 *
 * @example
 * ```ts
 * import { createKey, fold } from "jkoflow";
 * import { diagnoseChains } from "jkoflow/evaluate";
 * import { normal } from "jkoflow/random";
 *
 * const chains = [0, 1, 2, 3].map((chain) => normal(fold(createKey(0), "chain", chain), 1000));
 * const { rHat, bulkEss, tailEss } = diagnoseChains(chains);
 * console.log(rHat < 1.01, bulkEss > 3000, tailEss > 3000); // true true true
 * ```
 */
export function diagnoseChains(chains: readonly ArrayLike<number>[]): ChainDiagnostics {
  const draws = chains.length > 0 ? chains[0].length : 0;
  const uneven = chains.findIndex(({ length }) => length !== draws);
  if (!(draws >= FEWEST) || uneven >= 0) {
    const came =
      uneven >= 0 ? `${draws} and ${chains[uneven].length} draws` : `${chains.length} chains of ${draws} draws`;
    throw new InputError({ where: "chains", came, expected: `chains of equally many draws, ${FEWEST} or more` });
  }
  const halves = chains.flatMap(halved);
  const odd = halves.find((half) => !half.every(Number.isFinite));
  if (odd) {
    const came = String(odd.find((value) => !Number.isFinite(value)));
    throw new InputError({ where: "chains", came, expected: "draws that are finite" });
  }
  const all = Float64Array.from(halves.flatMap((half) => Array.from(half)));
  const middle = medianOf(all);
  const quantile = quantilesOf(all.length);
  const scores = normalScores(halves, quantile);
  const folded = normalScores(
    halves.map((half) => half.map((x) => Math.abs(x - middle))),
    quantile,
  );
  const sorted = all.slice().sort();
  const below = (share: number): number => {
    const bound = sorted[Math.ceil(share * sorted.length) - 1];
    return essOf(halves.map((half) => half.map((x) => (x <= bound ? 1 : 0))));
  };
  return {
    rHat: Math.max(reductionOf(scores), reductionOf(folded)),
    bulkEss: essOf(scores),
    tailEss: Math.min(below(0.05), below(0.95)),
  };
}

/** Both halves; of an odd number the one in the middle belongs to neither. */
function halved(chain: ArrayLike<number>): Float64Array[] {
  const all = Float64Array.from(chain);
  const size = Math.floor(all.length / 2);
  return [all.slice(0, size), all.slice(all.length - size)];
}

/** Normal scores of the ranks among all draws; equal ones share the mean of their ranks. */
function normalScores(chains: readonly Float64Array[], quantile: (rank: number) => number): Float64Array[] {
  const n = chains[0].length;
  const all = Float64Array.from({ length: chains.length * n }, (_, at) => chains[Math.floor(at / n)][at % n]);
  const order = Int32Array.from(all, (_, at) => at).sort((a, b) => all[a] - all[b]);
  const scores = new Float64Array(all.length);
  for (let first = 0; first < order.length; ) {
    let end = first + 1;
    while (end < order.length && all[order[end]] === all[order[first]]) end++;
    const rank = (first + 1 + end) / 2;
    const score = quantile(rank);
    for (; first < end; first++) scores[order[first]] = score;
  }
  return chains.map((_, chain) => scores.subarray(chain * n, (chain + 1) * n));
}

/** Normal scores by rank among n, each computed once: they are most of the time, and those of both ends are opposite. */
function quantilesOf(n: number): (rank: number) => number {
  const found = new Map<number, number>();
  const upper = (rank: number): number => {
    const score = found.get(rank) ?? normalQuantile((rank - 3 / 8) / (n + 1 / 4));
    found.set(rank, score);
    return score;
  };
  return (rank) => (2 * rank > n ? upper(rank) : -upper(n + 1 - rank));
}

/** W and var+ of chains, and the mean of each. */
function variancesOf(chains: readonly Float64Array[]) {
  const n = chains[0].length;
  const means = chains.map((chain) => chain.reduce((sum, x) => sum + x, 0) / n);
  const within =
    chains.reduce(
      (sum, chain, j) => sum + chain.reduce((squares, x) => squares + (x - means[j]) ** 2, 0) / (n - 1),
      0,
    ) / chains.length;
  const mean = means.reduce((sum, x) => sum + x, 0) / chains.length;
  const between = means.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (chains.length - 1);
  return { within, total: ((n - 1) / n) * within + between, means };
}

function reductionOf(chains: readonly Float64Array[]): number {
  const { within, total } = variancesOf(chains);
  return Math.sqrt(total / within);
}

/** ESS of the mean over all chains; NaN where nothing varies. */
function essOf(chains: readonly Float64Array[]): number {
  const n = chains[0].length;
  const count = chains.length * n;
  const { within, total, means } = variancesOf(chains);
  if (!(total > 0)) return Number.NaN;
  const centred = chains.map((chain, j) => chain.map((x) => x - means[j]));
  /** Autocovariances with divisor n, averaged over chains: they shrink with the lag as their noise grows. */
  const correlation = (lag: number): number => {
    let sum = 0;
    for (const chain of centred) for (let i = lag; i < n; i++) sum += chain[i] * chain[i - lag];
    return 1 - (within - sum / n / chains.length) / total;
  };
  // Sums of neighbours are positive and fall for any reversible chain: where they do not, all that is left is noise.
  let pair = 1 + correlation(1);
  let sum = 0;
  let even = 1;
  for (let lag = 2; ; lag += 2) {
    sum += pair;
    if (lag + 1 >= n) break;
    even = correlation(lag);
    const next = even + correlation(lag + 1);
    if (!(next > 0)) break;
    pair = Math.min(pair, next);
    even = 0;
  }
  // 1 + 2 sum rho = 2 sum of pairs - 1, and half of the pair that was cut off where its even lag is positive.
  const time = Math.max(2 * sum - 1 + Math.max(even, 0), 1 / Math.log10(count));
  return count / time;
}
