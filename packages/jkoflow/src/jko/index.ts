export { type Assessment, assess, pairedChange, unevenness } from "./assess.ts";
export { checkBlock } from "./checkBlock.ts";
export type { CollidingRows, CollisionMeasures } from "./collidingRows.ts";
export {
  type CollisionPrograms,
  createCollisionPrograms,
} from "./collisionPrograms.ts";
export { controlledSteps } from "./controlledSteps.ts";
export { type Critic, type CriticConfig, createCritic, criticSize, initCritic, withReference } from "./critic.ts";
export { energyToNll } from "./energyToNll.ts";
export {
  createFieldSteps,
  type FieldStepSettings,
  type FieldStepState,
  type FieldSteps,
  type FieldStepUpdate,
  playedSteps,
} from "./fieldStep.ts";
export type { Base } from "./givenRows.ts";
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
export { type Acceptance, type Check, judge, type Verdict } from "./heldOut.ts";
export { type Improved, improve } from "./improve.ts";
export { createMapPrograms, type MapPrograms, type Measured } from "./mapPrograms.ts";
export { type EvolutionState, type MapScheme, mapSteps, type Phase, type Step, type StepReport } from "./mapSteps.ts";
export { moveToEngine } from "./moveToEngine.ts";
export { createReference, drawReference, type ReferenceRows, type Units, unitsOf } from "./reference.ts";
export { refine } from "./refine.ts";
export { remove } from "./remove.ts";
export { reparameterise } from "./reparameterise.ts";
export { createRowMover, type RowMover } from "./rowMover.ts";
export { disposeRows, type RowDraw, type Rows } from "./rowSet.ts";
export { type Bounded, createSaddle, type Saddle } from "./saddle.ts";
export { exactMeter, type RivalTraining, rivalMeter, type SaddleMeter } from "./saddleMeter.ts";
export { type SaddleTurns, saddlePhase } from "./saddlePhases.ts";
export { disposeSaddleRows, type SaddleDraw, type SaddleRows, scored } from "./saddleRows.ts";
export { type Attempt, type Passed, type Plan, scheme } from "./scheme.ts";
export { sharedGrowth } from "./sharedGrowth.ts";
export {
  type BlockStack,
  type ImproveState,
  isStage,
  type StageEvent,
  type StageName,
  type StageReport,
  type StageSettings,
  type StageVerdict,
  stageNames,
} from "./stages.ts";
export { createStageWorkspace, type StageWorkspace } from "./stageWorkspace.ts";
export { checkGrowthState, STATE as trainingState } from "./stateCheck.ts";
export type { StepProgress, StepSettings, StepState } from "./step.ts";
export { type StepSizes, stepSize } from "./stepSizes.ts";
export { createStopwatch, type Pace, type Stopwatch, type TimeLimit, unlimited } from "./timeLimit.ts";
export { type TrainedBlock, trainBlock } from "./trainBlock.ts";
export {
  type FlowEvent,
  type FlowPlan,
  type FlowState,
  type TrainedFlow,
  trainFlow,
} from "./trainFlow.ts";
export { createWorkspace, type Workspace } from "./workspace.ts";
