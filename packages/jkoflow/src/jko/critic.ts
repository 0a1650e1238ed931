/**
 * The critic of a lower bound (functionals/bound.ts): a quadratic and a network, in units in which the rows it looks at have mean
 * 0 and covariance I. Those units are also what rows of the reference are drawn in, and with them log gamma is known.
 *
 *   v(y) = u Q u^T + w . u + N(u),   u = W (y - c);      log gamma(y) = level - |u|^2 / 2 (normal), or level (ball)
 *
 * Between Gaussians the best critic of the entropy is a quadratic. c, W and level are set, not trained.
 */
import type { Reference } from "../functionals/index.ts";
import {
  add,
  broadcast,
  detach,
  type Graph,
  matmul,
  type Node,
  rowDot,
  scale,
  squaredNorm,
  sub,
} from "../graph/index.ts";
import { createDense, type DenseConfig, denseSize, initDense } from "../nn/index.ts";
import type { Key } from "../random/index.ts";

export interface CriticConfig {
  /** Columns d. */
  readonly dimension: number;
  /** Widths of the hidden layers of N. */
  readonly hidden: readonly number[];
  readonly reference: Reference;
}

/** A critic at rows: [B, 1] each. */
export interface Criticised {
  readonly v: Node;
  readonly logGamma: Node;
}

export interface Critic {
  /** c, W, level, Q, w, then those of N. */
  readonly parameters: readonly Node[];
  /** Of rows [B, d] as they are. */
  at(y: Node): Criticised;
  /** Of rows of the reference [B, d]. */
  ofReference(u: Node): Criticised;
}

const netOf = ({ dimension: d, hidden }: CriticConfig): DenseConfig => ({ inputs: d, hidden, outputs: 1 });
const unitsSize = (d: number): number => d + d * d + 1;

export const criticSize = (config: CriticConfig): number =>
  unitsSize(config.dimension) + config.dimension * (config.dimension + 1) + denseSize(netOf(config));

/** v = 0 everywhere, in the units of rows as they are. */
export function initCritic(config: CriticConfig, key: Key): Float32Array {
  const { dimension: d } = config;
  const weights = new Float32Array(criticSize(config));
  for (let k = 0; k < d; k++) weights[d + k * (d + 1)] = 1;
  weights.set(initDense(netOf(config), key, 0), unitsSize(d) + d * (d + 1));
  return weights;
}

/** The weights for another reference: c, W and level, as `unitsOf` gives them. */
export function withReference(weights: Float32Array, units: Float32Array): Float32Array {
  const changed = weights.slice();
  changed.set(units);
  return changed;
}

export function createCritic(graph: Graph, config: CriticConfig): Critic {
  const { dimension: d, reference } = config;
  const units = [
    graph.parameter("critic.c", 1, d),
    graph.parameter("critic.W", d, d),
    graph.parameter("critic.l", 1, 1),
  ];
  const quadratic = graph.parameter("critic.Q", d, d);
  const linear = graph.parameter("critic.w", d, 1);
  const net = createDense(graph, netOf(config), "critic.");
  const [centre, whitener, level] = units.map(detach);
  const ofReference = (u: Node): Criticised => {
    const flat = broadcast(level, "B", 1);
    return {
      v: add(add(rowDot(matmul(u, quadratic), u), matmul(u, linear)), net.at(u)),
      logGamma: reference === "ball" ? flat : sub(flat, scale(squaredNorm(u), 1 / 2)),
    };
  };
  return {
    parameters: [...units, quadratic, linear, ...net.parameters],
    at: (y) => ofReference(matmul(sub(y, centre), whitener, "transposed")),
    ofReference,
  };
}
