/**
 * Lower bounds of int f(rho) dx, f convex, from rows of rho alone: a critic v looks for the density in place of a
 * log-determinant (Fenchel's inequality; X. Nguyen, M. Wainwright, M. Jordan, IEEE Trans. Inf. Theory 56 (2010)).
 *
 *   int f(rho) dx = sup over s > 0 of  E_rho[f'(s)] - int (s f'(s) - f(s)) dx,       attained at s = rho
 *
 * The integral is a mean over rows of a reference of density gamma, which has to cover rho. With s = gamma h:
 *
 *   entropy  f = r log r   E_rho[log gamma + v] - log E_gamma[h],                          h = e^v
 *   c rho^m                c m E_rho[(gamma h)^(m-1)] - c (m-1) E_gamma[gamma^(m-1) h^m],  h = softplus(v)
 *
 * J. Fan, Q. Zhang, A. Taghvaei, Y. Chen, "Variational Wasserstein gradient flow", ICML 2022, arXiv:2112.02424. The first is
 * the bound of M. Donsker and S. Varadhan (Comm. Pure Appl. Math. 36 (1983)), tighter for every v than E[h] - 1 in the place
 * of log E[h]. A softplus can fall to 0 at the edge of a support, as the densities of porous media do.
 */
import { add, affine, exp, log, type Node, scale, softplus } from "../graph/index.ts";

/**
 * What rows of the reference are, in the units of the rows whose moments it has: N(0, I), or uniform on a ball around them; or given,
 * where the functional is a divergence to rows (fromRows.ts).
 */
export type Reference = "normal" | "ball" | "rows";

/** A lower bound of one term; v and log gamma (nats) are [B, 1]. */
export interface Bound {
  readonly reference: Reference;
  /** Of the weights with which the term is convex. */
  readonly sign: 1 | -1;
  /** Of rows of rho: [B, 1] */
  ofRows(v: Node, logGamma: Node): Node;
  /** Of rows of the reference: [B, 1] */
  ofReference(v: Node, logGamma: Node): Node;
  /** mean of rows - mean of the reference, or its logarithm. */
  readonly less: "mean" | "log mean";
  /** Of a reference that is given: its rows, [n, d]. */
  readonly target?: Float32Array;
}

export const entropyBound: Bound = {
  reference: "normal",
  sign: 1,
  ofRows: (v, logGamma) => add(logGamma, v),
  ofReference: (v) => exp(v),
  less: "log mean",
};

/** Of rho^m with the sign of m - 1, which makes it convex. */
export function powerBound(m: number): Bound {
  const sign = m > 1 ? 1 : -1;
  /** log s = log gamma + log h */
  const power = (v: Node, logGamma: Node, ofGamma: number, ofH: number): Node =>
    exp(add(scale(logGamma, ofGamma), scale(log(affine(softplus(v), 1, LEAST)), ofH)));
  return {
    reference: "ball",
    sign,
    ofRows: (v, logGamma) => scale(power(v, logGamma, m - 1, m - 1), sign * m),
    ofReference: (v, logGamma) => scale(power(v, logGamma, m - 1, m), sign * (m - 1)),
    less: "mean",
  };
}

/** Of h, so that its logarithm exists where a softplus is 0 in float32. */
const LEAST = 1e-6;
