export {
  type BlockReport,
  type Growth,
  type GrowthEvent,
  type GrowthRows,
  type GrowthSettings,
  type GrowthState,
  grow,
  type StopReason,
  type Verdict,
} from "./grow.ts";
export { energies, energyOf, type StepProgress, type StepSettings, type StepState } from "./jkoStep.ts";
export { checkStepSizes, type StepSizes, stepSize } from "./stepSizes.ts";
