export { type AdaptiveFlow, createAdaptiveFlow, SMALLEST_FLOAT32_RTOL, type Tolerance } from "./adaptiveFlow.ts";
export {
  type Accuracy,
  type AdaptiveGradient,
  type AdaptiveTraining,
  createAdaptiveTraining,
} from "./adaptiveTraining.ts";
export {
  type BlockConfig,
  type Direction,
  fieldProgram,
  type Gathered,
  pushProgram,
  trainingProgram,
} from "./blockPrograms.ts";
export {
  type BlockRunner,
  type Covariates,
  createBlockRunner,
  createParticles,
  disposeParticles,
  type Motion,
  type Particles,
} from "./blockRunner.ts";
export { blockSize, initBlock, linksOf } from "./chain.ts";
export { besideCells } from "./drawGiven.ts";
export {
  type Divergence,
  divergenceByUnitVectors,
  type Field,
  type FieldInputs,
  type FieldValue,
  graphField,
  mlpField,
  potentialField,
} from "./field.ts";
export {
  checkField,
  createField,
  type Fail,
  type FieldConfig,
  fieldSize,
  fieldTitle,
  initField,
  restartScale,
  splitField,
} from "./fieldKinds.ts";
export { type Finished, finishModel, type GivenRows } from "./finishModel.ts";
export {
  createFlow,
  type Flow,
  type FlowBlock,
  type FlowConfig,
  type Integration,
  logDensity,
  type Pushed,
} from "./flow.ts";
export { type Kernels, kernelLogDensity } from "./kernelDensity.ts";
export type { MixtureBase } from "./mixtureBase.ts";
export { type MixtureGiven, type MixtureParts, mixtureModel } from "./mixtureModel.ts";
export { type Model, type OpenModel, openModel } from "./model.ts";
export type { Conditions, ModelCondition } from "./modelCondition.ts";
export { decodeModel, encodeModel, modelFormat } from "./modelFile.ts";
export { type Term, termNames, type Weights, weightScalars } from "./objective.ts";
export { type DrawnRows, type OpenTable, openTable, type ScoreOptions } from "./openTable.ts";
export { scoreQuantiles, scoreThreshold } from "./scoreQuantiles.ts";
export { type EncodedRows, withSchema } from "./withSchema.ts";
