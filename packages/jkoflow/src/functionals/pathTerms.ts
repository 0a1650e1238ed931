/**
 * The terms of flows of tables: where a row ends, and integrals along its way x(s), s in [0, 1], x' = v.
 *
 *   likelihood   |x(1) - mean|^2 / 2 - log det      -ln p(x) up to (d/2) log 2 pi, nats, for the base N(mean, I), mean 0 by default
 *   movement     |x(1) - x(0)|^2 / 2
 *   transport    int |v|^2 / 2 ds                   the path's cost (OT-Flow, arXiv:2006.00104)
 *   hjb          int |-dPhi/dt + alpha |v|^2 / 2| ds   how far a potential is from the Hamilton-Jacobi-Bellman equation,
 *                                                   v = -grad Phi / alpha (OT-Flow)
 *   kinetic      int |v|^2 / (2 d) ds               the two of RNODE (arXiv:2002.02798), over [0, T] where T is learned;
 *   jacobian     int |e^T dv/dx|^2 / d ds           e the probe
 *
 * A JKO step has the likelihood with 1 and the movement with 1/h (Xu, Cheng, Xie, NeurIPS 2023, arXiv:2212.14424, the block
 * objective of section 3): the likelihood is KL(rho | N(0, I)) less the entropy of the rows, which no map changes.
 */
import { standardEnergy } from "../distributions/index.ts";
import { scale, squaredNorm, sub } from "../graph/index.ts";
import { functionalOf, given } from "./build.ts";
import type { Functional, PathIntegral, Term } from "./functional.ts";

// Functions of their own: programs of equal terms are one program.
const negativeLogLikelihood: Term["perRow"] = ({ y, logDet }, { mean }) =>
  sub(standardEnergy(mean ? sub(y, mean) : y), given(logDet, "a map that knows its log-determinant"));
const halfSquareMoved: Term["perRow"] = ({ x, y }) => scale(squaredNorm(sub(y, x)), 1 / 2);
const along = (name: PathIntegral): Term["perRow"] => {
  const what = `a map with the integral "${name}" along its way`;
  return ({ path }) => given(path?.[name], what);
};

const term = (name: string, needs: Term["needs"], perRow: Term["perRow"]): Term => ({ name, weight: 1, needs, perRow });
const terms = {
  likelihood: term("likelihood", [], negativeLogLikelihood),
  movement: term("movement", [], halfSquareMoved),
  transport: term("transport", ["transport"], along("transport")),
  hjb: term("hjb", ["hjb"], along("hjb")),
  kinetic: term("kinetic", ["kinetic"], along("kinetic")),
  jacobian: term("jacobian", ["jacobian"], along("jacobian")),
};

/**
 * -ln p of the rows under the map and the base N(0, I), or N(mean, I) with the mean of each row; nats up to a constant.
 *
 * @example
 * ```ts
 * import { hjb, jacobian, kinetic, likelihood, movement, pathIntegrals, sum, transport } from "jkoflow/functionals";
 *
 * const jkoStep = sum([1, likelihood()], [1 / 4, movement()]); // the objective of a block with h = 4
 * const otFlow = sum([1, transport()], [100, likelihood()], [15, hjb()]);
 * const rnode = sum([1, likelihood()], [0.01, kinetic()], [0.01, jacobian()]);
 * console.log([jkoStep, otFlow, rnode].map(({ terms }) => terms.length), pathIntegrals.length); // [ 2, 3, 3 ] 4
 * ```
 */
export const likelihood = (): Functional => functionalOf("the negative log-likelihood", [terms.likelihood]);
/** Half the mean squared distance that rows go: with weight 1/h the movement term of a JKO step. */
export const movement = (): Functional => functionalOf("the movement", [terms.movement]);
/** The cost of the path, of which the movement is the least for given ends. */
export const transport = (): Functional => functionalOf("the transport cost", [terms.transport]);
/** How far a potential is from solving the Hamilton-Jacobi-Bellman equation. */
export const hjb = (): Functional => functionalOf("the HJB residual", [terms.hjb]);
/** Mean kinetic energy per column. */
export const kinetic = (): Functional => functionalOf("the kinetic energy", [terms.kinetic]);
/** Mean squared Frobenius norm of the Jacobian per column, as probes estimate it. */
export const jacobian = (): Functional => functionalOf("the Jacobian norm", [terms.jacobian]);
