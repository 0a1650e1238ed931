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

export { type CheckedProblem, checkOwnProblem, type OwnProblem, ownDefaults } from "./checkOwn.ts";
export { parseCollisions } from "./collisionWords.ts";
export type { RowFormula } from "./formula.ts";
export { namedProblem, namedProblems, publishedOf } from "./named.ts";
export type { NamedProblem, Published, Times } from "./namedProblem.ts";
export { ownProblem } from "./own.ts";
export { countSteps, type InternalEnergy, type NormalStart, parseInternal, parseStart } from "./parts.ts";
export { type GaussianMoments, randomGaussian } from "./randomGaussian.ts";
export { type RowsStart, startOfRows } from "./rowsStart.ts";
export { type Divergence, divergences, type RowsTarget, type TargetOptions, targetOfRows } from "./targetRows.ts";
export { namedTargets } from "./targets.ts";
