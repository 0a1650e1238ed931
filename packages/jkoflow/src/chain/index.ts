export { type AdaptiveFlow, createAdaptiveFlow, SMALLEST_FLOAT32_RTOL } from "./adaptiveFlow.ts";
export { type Chain, type OpenChain, openChain, partsTo } from "./chain.ts";
export { decodeChain, encodeChain, holdsChain } from "./chainFile.ts";
export {
  type CorrectedGiven,
  type CorrectedModel,
  type CorrectedPart,
  type OpenCorrected,
  openCorrected,
} from "./corrected.ts";
export { decodeCorrected, encodeCorrected, holdsCorrected } from "./correctedFile.ts";
export { chainFormat, modelKind, tableFormats } from "./fileFormats.ts";
export { createFlow, type Flow, logDensity, type Pushed } from "./flow.ts";
export type { FlowBlock, FlowConfig, Integration } from "./flowConfig.ts";
export {
  type Ability,
  type Able,
  abilities,
  type Beside,
  type Conditions,
  checkBeside,
  type NamedRows,
  need,
  type Opened,
  type ScoredRows,
} from "./opened.ts";
export { type BlockPart, openPart } from "./part.ts";
export type { MovedRows, OpenPart, Part } from "./partTypes.ts";
export {
  type CorrectedChain,
  type CorrectedRows,
  type CorrectedTarget,
  type Draws,
  drawsOf,
  logProbOf,
  logWeightsOf,
} from "./prefix.ts";
export { acceptance, fitRejection, isRejection, logDensityAfter, passesPerRow, type Rejection } from "./rejection.ts";
export type { StandardizerPart } from "./standardizerPart.ts";
