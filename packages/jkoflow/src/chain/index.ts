export { type Ability, type Able, abilities, need } from "./abilities.ts";
export { type AdaptiveFlow, createAdaptiveFlow, SMALLEST_FLOAT32_RTOL, type Tolerance } from "./adaptiveFlow.ts";
export { type At, type Chain, type OpenChain, openChain, partsTo } from "./chain.ts";
export { decodeChain, encodeChain } from "./chainFile.ts";
export { chainFormat, modelKind, tableFormats } from "./fileFormats.ts";
export {
  createFlow,
  type Flow,
  type FlowBlock,
  type FlowConfig,
  type Integration,
  logDensity,
  type Pushed,
} from "./flow.ts";
export type { BlockPart, MovedRows, OpenPart, Part } from "./part.ts";
