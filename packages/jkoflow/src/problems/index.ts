export { type CheckedProblem, checkOwnProblem, type OwnProblem, ownDefaults, type RowFormula } from "./own.ts";
export { countSteps, type InternalEnergy, type NormalStart, parseInternal, parseStart } from "./parts.ts";
