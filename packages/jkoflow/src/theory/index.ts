/** What theory says of runs: certificates of convergence. Plain functions; no system is needed for them. */
export {
  blockCount,
  type Convexity,
  certify,
  type Inequality,
  inversionBound,
  type MeasuredStep,
  type StepBounds,
  violation,
} from "./convergence.ts";
export { gaussianDistance, gaussianResidual, inexactStep, type LineNormal } from "./gaussianResidual.ts";
export { type SeenResidual, type SteppedRows, seenResidual } from "./residual.ts";
export { createResidualMeter, type MovedRows, type ResidualMeter } from "./residualMeter.ts";
