/**
 * What theory says of runs: certificates of convergence, and intervals where parameters were estimated. Plain functions; no system is
 * needed for them.
 */
export { densityBand, type Interval, intervalOf } from "./bands.ts";
export {
  blockCount,
  type Convexity,
  certify,
  type Inequality,
  inversionBound,
  inversionDrift,
  type MeasuredInverse,
  type MeasuredStep,
  type StepBounds,
  violation,
} from "./convergence.ts";
export {
  estimateFactor,
  estimatePath,
  estimateRows,
  type FactorEstimate,
  type PathEstimate,
  type RowMoments,
} from "./estimators.ts";
export { gaussianDistance, gaussianResidual, inexactStep, type LineNormal } from "./gaussianResidual.ts";
export {
  type LineSensitivity,
  lineSensitivity,
  type MomentSlopes,
  momentSlopes,
  type ScaledPotential,
} from "./linePlugIn.ts";
export { type EstimatedLaw, estimatedLaw, lowerPairs, type SteadyState, type Way } from "./matrixPlugIn.ts";
export {
  flowLaw,
  type InputErrors,
  jkoLaw,
  type LineErrors,
  type LineLaw,
  type LineModel,
  type LineSlopes,
  offlineErrors,
  onlineErrors,
  onlineLimit,
} from "./plugIn.ts";
export { type PushedScore, pushScore, scoreAt } from "./pushedScore.ts";
export { type SeenResidual, type SteppedRows, seenResidual } from "./residual.ts";
export {
  createResidualMeter,
  type MovedRows,
  type ResidualMeter,
  type ScoredResidual,
  type ScoredStep,
} from "./residualMeter.ts";
