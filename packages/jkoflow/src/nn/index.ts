/**
 * Networks as graph nodes: velocities, potentials, convex potentials, graph layers.
 *
 * @example
 * ```ts
 * import { createKey, graph } from "jkoflow";
 * import { createPotential, initPotential, potentialSize, splitPotential } from "jkoflow/nn";
 *
 * const config = { kind: "potential", dimension: 2, width: 8 } as const;
 * const g = graph.createGraph();
 * const { gradient, laplacian } = createPotential(g, config).at(g.rows("x", 2), 0.5);
 * console.log(gradient.cols, laplacian.cols); // 2 1
 * console.log(splitPotential(config, initPotential(config, createKey(0)), 2)[0].length === potentialSize(config)); // true
 * ```
 */

export { type Activated, type Activation, activate, namedActivation } from "./activation.ts";
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
export {
  createDense,
  type DenseConfig,
  type DenseNet,
  denseSize,
  type HostDense,
  initDense,
  openDense,
  silu,
} from "./denseNet.ts";
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
