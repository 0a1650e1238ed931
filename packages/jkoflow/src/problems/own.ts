/**
 * A problem of one's own, checked where it comes in: from flags of the command, or from a module file that exports one.
 *
 *     F(rho) = int V rho + D int rho log rho + 1/2 int int W(x - y) rho rho + int f(rho),    f = c rho^m
 *
 * or a divergence to rows (targetRows.ts), or by collisions, with F = int rho log rho.
 */
import type { Distribution } from "../distributions/index.ts";
import { entropy, type Functional, interaction, internalEnergy, sum } from "../functionals/index.ts";
import type { EvolutionProblem } from "../systems/index.ts";
import { checkOwnProblem, type OwnProblem } from "./checkOwn.ts";
import { equilibriumOf } from "./landau.ts";

/**
 * A problem of one's own from its parts. `where` names the whole problem; `name` its parts, such as flags of a command.
 *
 * @throws InputError with the part that is wrong.
 *
 * @example
 * ```ts
 * import { ownProblem } from "jkoflow/problems";
 *
 * const { dimension, functional } = ownProblem({ start: "normal:2", potential: "x^2/2 + 2*y^2" });
 * console.log(dimension, functional.terms.map(({ name }) => name).join(", ")); // 2 entropy, potential
 * ```
 */
export function ownProblem(
  value: unknown,
  where = "problem",
  name?: (part: keyof OwnProblem) => string,
): EvolutionProblem {
  const { title, columns, start, time, step, ...parts } = checkOwnProblem(value, where, name);
  const d = columns.length;
  const terms: (readonly [number, Functional])[] = [];
  if (parts.diffusion > 0) terms.push([parts.diffusion, entropy()]);
  if (parts.potential) terms.push([1, parts.potential]);
  if (parts.interaction) terms.push([1, interaction(parts.interaction)]);
  if (parts.target) terms.push([1, parts.target.functional]);
  if (parts.collisions) terms.push([1, entropy()]);
  if (parts.internal) terms.push([1, internalEnergy(parts.internal.power, parts.internal.weight)]);
  return {
    title,
    dimension: d,
    columns,
    start,
    functional: sum(...terms),
    time,
    step,
    ...(parts.collisions ? { collisions: parts.collisions, ...leastOf(start) } : {}),
    ...(parts.target ? { target: { rows: parts.target.train, heldOut: parts.target.heldOut } } : {}),
  };
}

/** Collisions end in the Gaussian that has the mean and the energy of the start. */
function leastOf({ moments, dimension: d }: Distribution): Pick<EvolutionProblem, "exact"> {
  if (moments === undefined) return {};
  let trace = 0;
  for (let k = 0; k < d; k++) trace += moments.covariance[k * (d + 1)];
  return { exact: { leastEnergy: equilibriumOf(d, trace / d) } };
}
