/**
 * A plain multilayer perceptron with as many outputs as are asked for.
 *
 *   h_l = silu(h_{l-1} W_l + b_l),   silu(u) = u sigmoid(u),   the last layer without it
 *
 * S. Elfwing, E. Uchibe, K. Doya, "Sigmoid-weighted linear units for neural network function approximation", Neural Networks
 * 107 (2018), arXiv:1702.03118. It is smooth, so that the Jacobian of a map made of it is continuous.
 */
import { add, type Graph, matmul, mul, type Node, sigmoid } from "../graph/index.ts";
import { exp, fold, type Key, uniform } from "../random/index.ts";

/** The shape of a network. */
export interface DenseConfig {
  readonly inputs: number;
  /** Widths of the hidden layers. */
  readonly hidden: readonly number[];
  readonly outputs: number;
}

/** A network in a graph. */
export interface DenseNet {
  /** In the order of the flat array: W and b of each layer. */
  readonly parameters: readonly Node[];
  /** Rows [B, inputs] -> [B, outputs]. */
  at(x: Node): Node;
}

/** Inputs and outputs of each layer. */
const layersOf = ({ inputs, hidden, outputs }: DenseConfig): readonly (readonly [from: number, to: number])[] =>
  [...hidden, outputs].map((to, l) => [l === 0 ? inputs : hidden[l - 1], to]);

/** Numbers in the flat array. */
export const denseSize = (config: DenseConfig): number =>
  layersOf(config).reduce((sum, [from, to]) => sum + (from + 1) * to, 0);

/** u sigmoid(u) */
export const silu = (u: Node): Node => mul(u, sigmoid(u));

/**
 * `name` goes before the names of the parameters, which are unique in a graph.
 *
 * @example
 * ```ts
 * import { createKey, graph } from "jkoflow";
 * import { createDense, denseSize, initDense, openDense, silu } from "jkoflow/nn";
 *
 * const config = { inputs: 2, hidden: [8], outputs: 3 };
 * const g = graph.createGraph();
 * const x = g.rows("x", 2);
 * console.log(createDense(g, config).at(x).cols, silu(x).cols); // 3 2
 *
 * const out = new Float64Array(3);
 * openDense(config, initDense(config, createKey(0), 0)).at([1, 2], out);
 * console.log(denseSize(config), out); // 51 Float64Array(3) [ 0, 0, 0 ]
 * ```
 */
export function createDense(graph: Graph, config: DenseConfig, name = ""): DenseNet {
  const layers = layersOf(config).map(([from, to], l) => ({
    weight: graph.parameter(`${name}W${l}`, from, to),
    bias: graph.parameter(`${name}b${l}`, 1, to),
  }));
  return {
    parameters: layers.flatMap(({ weight, bias }) => [weight, bias]),
    at: (x) =>
      layers.reduce((h, { weight, bias }, l) => {
        const u = add(matmul(h, weight), bias);
        return l < layers.length - 1 ? silu(u) : u;
      }, x),
  };
}

/** Uniform in +-1/sqrt(inputs of the layer), biases too; the last layer times `outputScale`: 0 makes the network 0. */
export function initDense(config: DenseConfig, key: Key, outputScale: number): Float32Array {
  const weights = new Float32Array(denseSize(config));
  const layers = layersOf(config);
  let at = 0;
  layers.forEach(([from, to], l) => {
    const bound = (l === layers.length - 1 ? outputScale : 1) / Math.sqrt(from);
    for (const u of uniform(fold(key, "dense", l), (from + 1) * to)) weights[at++] = bound * (2 * u - 1);
  });
  return weights;
}

/** A network with fixed weights in float64, one row at a time. */
export interface HostDense {
  /** Outputs into `out` [outputs]; their Jacobian [outputs, inputs] into `jacobian`, where it is given. */
  at(x: ArrayLike<number>, out: Float64Array, jacobian?: Float64Array): void;
}

/** The derivative of silu is sigmoid(u) (1 + u (1 - sigmoid(u))). */
export function openDense(config: DenseConfig, weights: ArrayLike<number>): HostDense {
  const layers = layersOf(config);
  const { inputs } = config;
  const widest = Math.max(...layers.flat());
  // Row 0 holds the values, rows 1 ... inputs the derivatives by each input.
  let [h, u] = [new Float64Array((inputs + 1) * widest), new Float64Array((inputs + 1) * widest)];
  return {
    at: (x, out, jacobian) => {
      const rows = jacobian ? inputs + 1 : 1;
      h.fill(0, 0, rows * widest);
      for (let k = 0; k < inputs; k++) {
        h[k] = x[k];
        if (jacobian) h[(k + 1) * widest + k] = 1;
      }
      let at = 0;
      layers.forEach(([from, to], l) => {
        for (let r = 0; r < rows; r++) {
          const place = r * widest;
          for (let j = 0; j < to; j++) u[place + j] = r === 0 ? weights[at + from * to + j] : 0;
          for (let i = 0; i < from; i++) {
            const value = h[place + i];
            if (value === 0) continue;
            for (let j = 0; j < to; j++) u[place + j] += value * weights[at + i * to + j];
          }
        }
        at += (from + 1) * to;
        if (l < layers.length - 1) {
          for (let j = 0; j < to; j++) {
            const open = 1 / (1 + exp(-u[j]));
            const slope = open * (1 + u[j] * (1 - open));
            u[j] *= open;
            for (let r = 1; r < rows; r++) u[r * widest + j] *= slope;
          }
        }
        [h, u] = [u, h];
      });
      for (let j = 0; j < config.outputs; j++) {
        out[j] = h[j];
        if (jacobian) for (let k = 0; k < inputs; k++) jacobian[j * inputs + k] = h[(k + 1) * widest + j];
      }
    },
  };
}
