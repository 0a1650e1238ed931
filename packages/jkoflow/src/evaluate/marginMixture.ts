/**
 * A mixture of Gaussians behind kernel margins: each column is mapped by a kernel estimate of its own distribution
 * (kernelMargin.ts), and a mixture is fitted to the mapped rows (mixture.ts).
 *
 *   log p(x) = log sum_k w_k N(T(x); m_k, S_k) + sum_j log T_j'(x_j)
 *
 * With normal scores for T and a single component this is the Gaussian copula (nonparanormal: H. Liu, J. Lafferty, L.
 * Wasserman, JMLR 10 (2009), 2295-2328); with more, the mixture copula of A. Tewari, M. Giering, A. Raghunathan (ICDM
 * workshops 2011), fitted in two steps, and free to leave the margins where rows say so. Which of the two targets T has, held-out
 * rows choose by small mixtures of some of the rows.
 */
import {
  applyMargin,
  fitKernelMargin,
  invertMargin,
  type KernelMargin,
  type MarginTarget,
  marginLogSlope,
} from "../data/index.ts";
import type { MixtureBase } from "../distributions/index.ts";
import { fold, type Key } from "../random/index.ts";
import {
  fitMixture,
  type Mixture,
  type MixtureOptions,
  type MixtureRows,
  mixtureDefaults,
  mixtureRows,
} from "./mixture.ts";
import { checkRows } from "./rows.ts";

/** A fitted model. Log-densities are in nats, in the units of the rows it was fitted on. */
export interface MarginMixture {
  readonly cols: number;
  readonly target: MarginTarget;
  /** Of each column. */
  readonly margins: readonly KernelMargin[];
  /** Of the mapped rows. */
  readonly mixture: Mixture;
  /** All of it, as a flow takes it for its base. */
  parts(): MixtureBase;
  /** log p of `rows` rows [rows, d]: one number per row, nats. Throws InputError on a shape that does not fit. */
  logProb(x: Float32Array, rows: number): Float64Array;
  /** `rows` rows [rows, d], by key. */
  sample(key: Key, rows: number): Float32Array;
}

const TARGETS: readonly MarginTarget[] = ["smooth", "normal"];
/** By what the target is chosen. */
const PROBE = { components: [1, 3, 8], maxRows: 5000, passes: 4 } as const;

/**
 * Fits margins and mixture to `train` [n, cols], or to what `mixtureRows` took of it; widths, target, size and shrinkage are those
 * of the least NLL on `validation` [m, cols]. Throws InputError where a shape does not fit or a value is not finite.
 *
 * @example
 * ```ts
 * import { createKey, random } from "jkoflow";
 * import { fitMarginMixture, scoreLogProb } from "jkoflow/evaluate";
 *
 * const rows = (name: string, n: number) => random.uniform32(createKey(name), n); // [n, 1], with two sharp edges
 * const mixture = fitMarginMixture(rows("train", 500), rows("validation", 100), 1, createKey(0), { components: [1] });
 * // the best is 0
 * console.log(scoreLogProb(mixture.logProb(rows("test", 100), 100)).nll < 0.2); // true
 * ```
 */
export function fitMarginMixture(
  train: Float32Array | Pick<MixtureRows, "rows">,
  validation: Float32Array,
  cols: number,
  key: Key,
  options: MixtureOptions = {},
): MarginMixture {
  const { rows } = train instanceof Float32Array ? mixtureRows(train, cols, key, options) : train;
  checkRows("rows", rows, rows.length / cols, cols, 2);
  checkRows("validation", validation, validation.length / cols, cols, 1);
  const column = (values: Float32Array, j: number): Float64Array =>
    Float64Array.from({ length: values.length / cols }, (_, i) => values[i * cols + j]);
  const fitted = Array.from({ length: cols }, (_, j) =>
    fitKernelMargin(column(rows, j), column(validation, j), TARGETS),
  );
  const ways = TARGETS.map((target, way) => {
    const margins = fitted.map((ofColumn) => ofColumn[way]);
    const slopes = logSlopes(margins, validation);
    return { target, margins, mapped: mapRows(margins, rows), held: mapRows(margins, validation), slopes };
  });
  const limit = { ...mixtureDefaults, ...options };
  const probe = {
    ...PROBE,
    ridgeCounts: limit.ridgeCounts,
    components: PROBE.components.filter((k) => k <= Math.max(...limit.components)),
  };
  const costs = ways.map(({ mapped, held, slopes }) => {
    const scores = fitMixture(mapped, held, cols, fold(key, "probe"), probe).logProb(held, held.length / cols);
    return scores.reduce((sum, score, i) => sum - score - slopes[i], 0);
  });
  const { target, margins, mapped, held } = ways[costs[1] < costs[0] ? 1 : 0];
  const mixture = fitMixture(mapped, held, cols, fold(key, "margins"), options);
  return {
    cols,
    target,
    margins,
    mixture,
    parts: () => ({ ...mixture.parts(), margins }),
    logProb(x, n) {
      checkRows("x", x, n, cols, 0);
      const slopes = logSlopes(margins, x);
      return mixture.logProb(mapRows(margins, x), n).map((score, i) => score + slopes[i]);
    },
    sample: (drawn, n) => mixture.sample(drawn, n).map((u, at) => invertMargin(margins[at % cols], u)),
  };
}

const mapRows = (margins: readonly KernelMargin[], x: Float32Array): Float32Array =>
  x.map((value, at) => applyMargin(margins[at % margins.length], value));

/** sum_j log T_j' of each row. */
function logSlopes(margins: readonly KernelMargin[], x: Float32Array): Float64Array {
  const d = margins.length;
  const out = new Float64Array(x.length / d);
  for (let at = 0; at < x.length; at++) out[Math.floor(at / d)] += marginLogSlope(margins[at % d], x[at]);
  return out;
}
