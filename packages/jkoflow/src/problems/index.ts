/**
 * Flows by name, with closed forms where there are some, and flows from formulas.
 *
 * @example
 * ```ts
 * import { createKey } from "jkoflow";
 * import { namedProblem, namedProblems, namedTargets, publishedOf } from "jkoflow/problems";
 *
 * console.log("porous" in namedProblems, "banana" in namedTargets); // true true
 * console.log(namedProblem("banana", createKey(0), {}, undefined, namedTargets).dimension, publishedOf("ou:2").length); // 2 2
 * ```
 *
 * @example
 * ```ts
 * import { checkOwnProblem } from "jkoflow/problems";
 *
 * const { columns, diffusion } = checkOwnProblem({ columns: ["a"], logDensity: "-a^4/4" }, "problem");
 * console.log(columns, diffusion); // [ 'a' ] 1
 * ```
 */

export { namedProblem, namedProblems, publishedOf } from "./named.ts";
export type { NamedProblem, Published, Times } from "./namedProblem.ts";
export {
  type CheckedProblem,
  checkOwnProblem,
  type OwnProblem,
  ownDefaults,
  ownProblem,
  type RowFormula,
} from "./own.ts";
export { countSteps, type InternalEnergy, type NormalStart, parseInternal, parseStart } from "./parts.ts";
export { type GaussianMoments, randomGaussian } from "./randomGaussian.ts";
export { namedTargets } from "./targets.ts";
