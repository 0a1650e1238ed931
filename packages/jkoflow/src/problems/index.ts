export { type CheckedProblem, checkOwnProblem, type OwnProblem, ownDefaults } from "./checkOwn.ts";
export type { RowFormula } from "./formula.ts";
export { namedProblem, namedProblems, publishedOf } from "./named.ts";
export type { NamedProblem, Published, Times } from "./namedProblem.ts";
export { ownProblem } from "./own.ts";
export { countSteps, type InternalEnergy, type NormalStart, parseInternal, parseStart } from "./parts.ts";
export { type GaussianMoments, randomGaussian } from "./randomGaussian.ts";
export { type RowsStart, startOfRows } from "./rowsStart.ts";
export { namedTargets } from "./targets.ts";
