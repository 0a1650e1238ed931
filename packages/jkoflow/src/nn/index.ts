export { type Activated, type Activation, activate } from "./activation.ts";
export { type HostConvex, openConvex } from "./convexHost.ts";
export {
  type ConvexConfig,
  type ConvexPotential,
  type ConvexValue,
  convexBounds,
  convexSize,
  createConvexPotential,
  initConvex,
} from "./convexPotential.ts";
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
  type TimeMixing,
} from "./mlp.ts";
export { type HostMlp, openMlp } from "./mlpHost.ts";
export { mlpJacobian } from "./mlpJacobian.ts";
export {
  createPotential,
  initPotential,
  type Potential,
  type PotentialConfig,
  type PotentialValue,
  potentialSize,
} from "./potential.ts";
export { splitMlp } from "./split.ts";
export { splitPotential } from "./splitPotential.ts";
