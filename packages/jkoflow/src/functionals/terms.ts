/**
 * The functionals of the literature, each an average over rows (f(r)/r of a density r that the map has made):
 *
 *   potential         F = int V rho                    V(y)
 *   entropy           F = int rho log rho              log r,  r = rho(x) / det DT(x)
 *   KL to q           F = int rho log (rho / q)        log r - log q(y)
 *   internal energy   F = c int rho^m                  c r^(m-1)
 *   interaction       F = 1/2 int int W(x - y) rho rho W(y - y') / 2 of independent rows
 *
 * R. McCann, "A convexity principle for interacting gases", Adv. Math. 128 (1997); D. Alvarez-Melis, Y. Schiff, Y. Mroueh,
 * "Optimizing functionals on the space of probabilities with input convex neural networks", TMLR 2022, arXiv:2106.00774,
 * section 4. Its surrogate for internal energies, whose value means nothing, is not needed where the log-determinant is a
 * node of the graph: the gradient of c r^(m-1) is the surrogate's, and its mean is F itself.
 */
import type { Distribution } from "../distributions/index.ts";
import { InputError } from "../errors/index.ts";
import { add, broadcast, exp, type Node, negate, scale, sub } from "../graph/index.ts";
import { entropyBound, powerBound } from "./bound.ts";
import { functionalOf, given } from "./build.ts";
import type { Also, Functional, HostFunction, HostTogether, Moved } from "./functional.ts";
import { hostTerm } from "./host.ts";

/** int V rho, V from rows [B, d] to [B, 1]; its flow is dx/dt = -grad V(x). */
export const potential = (v: (x: Node) => Node): Functional =>
  functionalOf("a potential", [
    { name: "potential", weight: 1, needs: [], perRow: ({ y }) => broadcast(v(y), "B", 1) },
  ]);

/** int V rho with a V that JavaScript computes, row by row. */
export const hostPotential = (v: HostFunction): Functional => functionalOf("a potential of the host", [hostTerm(v)]);

/**
 * The same with a V that answers for many rows at a time, each for itself, as another process does.
 *
 * @example
 * ```ts
 * import { hostBatchPotential } from "jkoflow/functionals";
 *
 * const well = hostBatchPotential({ together: (rows) => ({ values: rows.map((x) => (x * x) / 2), slopes: rows }) });
 * console.log(well.needs); // [ 'host' ]
 * ```
 */
export const hostBatchPotential = (v: HostTogether): Functional =>
  functionalOf("a potential of the host", [{ ...hostTerm(v), needs: ["host"] }]);

/** int rho log rho; its flow is the heat equation. */
export const entropy = (): Functional =>
  functionalOf("the entropy", [
    { name: "entropy", weight: 1, needs: ["logDensity"], perRow: logDensityAfter, bound: entropyBound },
  ]);

/** KL(rho | q), up to a constant where ln Z of q is not known; its flow is the Fokker-Planck equation. */
export const kl = (to: Distribution): Functional =>
  functionalOf(`KL to ${to.title}`, [
    { name: "entropy", weight: 1, needs: ["logDensity"], perRow: logDensityAfter, bound: entropyBound },
    {
      name: "potential",
      weight: 1,
      needs: [],
      perRow: ({ y }) => add(negate(to.logDensity(y)), y.graph.constant(to.logZ ?? 0)),
    },
  ]);

/**
 * c int rho^m; with c = 1 / (m - 1) its flow is the porous medium equation d rho / dt = Laplacian rho^m.
 * @throws InputError for m = 1, which is a constant, and for powers without a flow in d dimensions (McCann's condition: c > 0
 * and m > 1, or c < 0 and m < 1).
 */
export function internalEnergy(m: number, c = 1): Functional {
  if (!(Number.isFinite(m) && m > 0 && Number.isFinite(c) && c * (m - 1) > 0)) {
    const expected = "c above 0 with m above 1, or c below 0 with m below 1";
    throw new InputError({ where: "internal energy", came: `${c} rho^${m}`, expected, fix: "others have no flow" });
  }
  const perRow = (moved: Moved, also: Also): Node => exp(scale(logDensityAfter(moved, also), m - 1));
  return functionalOf(`the internal energy ${c === 1 ? "" : `${c} `}rho^${m}`, [
    { name: "internal", weight: c, needs: ["logDensity"], perRow, bound: powerBound(m) },
  ]);
}

/**
 * 1/2 int int W(x - y) rho rho, W even, from rows [B, d] to [B, 1].
 *
 * @example
 * ```ts
 * import { squaredNorm } from "jkoflow/graph";
 * import { interaction, internalEnergy, potential, sum } from "jkoflow/functionals";
 *
 * const energy = sum([1, potential(squaredNorm)], [0.5, interaction(squaredNorm)], [1, internalEnergy(2)]);
 * console.log(energy.terms.map(({ name, weight }) => `${weight} ${name}`).join(" + "));
 * console.log(energy.needs); // [ 'pair', 'logDensity' ]
 * ```
 */
export const interaction = (w: (z: Node) => Node): Functional =>
  functionalOf("an interaction", [
    {
      name: "interaction",
      weight: 1,
      needs: ["pair"],
      perRow: ({ y }, { pair }) => scale(broadcast(w(sub(y, given(pair, "a second row").y)), "B", 1), 1 / 2),
    },
  ]);

/** log r of the moved row. */
const logDensityAfter = ({ logDet }: Moved, { logDensity }: Also): Node =>
  sub(given(logDensity, "the density of the rows"), given(logDet, "a map that knows its log-determinant"));
