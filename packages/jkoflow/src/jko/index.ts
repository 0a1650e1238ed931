export { type Assessment, assess, pairedChange, unevenness } from "./assess.ts";
export { energies, energyOf } from "./energy.ts";
export { energyToNll } from "./energyToNll.ts";
export { grow } from "./grow.ts";
export type {
  BlockReport,
  Growth,
  GrowthEvent,
  GrowthRows,
  GrowthSettings,
  GrowthState,
  HeldRows,
  StopReason,
} from "./growth.ts";
export { type Acceptance, type Check, checkBlock, judge, type Verdict } from "./heldOut.ts";
export { type Improved, improve } from "./improve.ts";
export { trainStep } from "./jkoStep.ts";
export { createMapPrograms, disposeRows, type MapPrograms, type Measured, type Rows } from "./mapPrograms.ts";
export { moveToEngine } from "./moveToEngine.ts";
export { refine } from "./refine.ts";
export { remove } from "./remove.ts";
export { reparameterise } from "./reparameterise.ts";
export {
  type BlockStack,
  type ImproveState,
  type StageEvent,
  type StageName,
  type StageReport,
  type StageSettings,
  type StageVerdict,
  stageNames,
  type TimeLimit,
} from "./stages.ts";
export { createStageTools, type StageTools } from "./stageTools.ts";
export { checkGrowthState, STATE as trainingState } from "./stateCheck.ts";
export type { StepProgress, StepSettings, StepState } from "./step.ts";
export { type StepSizes, stepSize } from "./stepSizes.ts";
export { createStopwatch, growWithin, type Stopwatch } from "./timeLimit.ts";
export { type FlowPlan, trainFlow } from "./trainFlow.ts";
