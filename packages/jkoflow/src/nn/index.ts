export { type Activated, type Activation, activate } from "./activation.ts";
export { createGraphNetwork, type GraphConfig, graphSize, initGraph, neighbourMask, splitGraph } from "./graphLayer.ts";
export {
  createMlp,
  type Evaluation,
  evaluateMlp,
  initMlp,
  type Layer,
  type Mlp,
  type MlpConfig,
  mlpSize,
} from "./mlp.ts";
export { splitMlp } from "./split.ts";
