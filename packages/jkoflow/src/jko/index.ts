export { grow } from "./grow.ts";
export type {
  BlockReport,
  Growth,
  GrowthEvent,
  GrowthRows,
  GrowthSettings,
  GrowthState,
  StopReason,
} from "./growth.ts";
export { type Check, checkBlock, judge, type Verdict } from "./heldOut.ts";
export { energies, energyOf, type StepProgress, type StepSettings, type StepState, trainStep } from "./jkoStep.ts";
export { checkStepSizes, type StepSizes, stepSize } from "./stepSizes.ts";
export {
  type FlowPlan,
  type Problem,
  type Setting,
  type Settings,
  type Trained,
  type TrainingEvent,
  type TrainingState,
  trainFlow,
} from "./trainFlow.ts";
