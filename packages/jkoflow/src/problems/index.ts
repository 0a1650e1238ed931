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
