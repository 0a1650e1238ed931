export { type AdaptiveBlock, copyColumns, createAdaptiveBlock, type Tolerance } from "./adaptiveBlock.ts";
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
export { blockSize, initBlock, linksOf } from "./blockWeights.ts";
export { type CollisionConfig, collisionMap, collisionWeights, scoreNetwork } from "./collisionMap.ts";
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
  type FieldConfig,
  fieldSize,
  fieldTitle,
  initField,
  restartScale,
  splitField,
} from "./fieldKinds.ts";
export { checkDimension, type GradientConfig, gradientMap, INVERSE_TOLERANCE } from "./gradientMap.ts";
export { mapKinds, openMap } from "./kinds.ts";
export type { BuiltMap, Fail, HostMap, LowerBound, MapConfig, MapKind, StoredMapKind } from "./map.ts";
export { weightScalars } from "./pathIntegrands.ts";
export { wholeRows } from "./wholeRows.ts";
