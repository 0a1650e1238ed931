/**
 * A network on the nodes of a graph: a graph layer, then dense layers, V C columns in and out.
 *
 *   T_r = 1[A + ... + A^r != 0]                 V x V, A with self-loops: who is within r edges of whom
 *   W_r = T_r o Theta_r,  r in the hop orders   V x V, node mixing
 *   u   = sum_r W_r^T X M_r + bias              X [V, C], M_r [C, G] channel mixing; then sigma, dense, sigma, dense
 *
 * Source: the graph layer of Xu, Cheng, Xie, "Invertible neural networks for graph prediction", IEEE JSAIT 2022
 * (arXiv:2206.01163), as the graph experiment of arXiv:2212.14424 takes it. On the row (X_11, ..., X_1C, X_21, ...) it is one
 * matrix sum_r W_r (x) M_r (a Kronecker product), formed once per update from the parameters: what remains is a multilayer
 * perceptron whose first matrix has that structure, so the closed form of the divergence (see maps/field.ts) holds too.
 *
 * Ours: the bias, the time and the covariates of the layer are free per node and channel instead of shared by all nodes.
 */
import { add, broadcast, concat, type Graph, matmul, mul, type Node, pad, transpose } from "../graph/index.ts";
import { fold, type Key, normal, uniform } from "../random/index.ts";
import type { Activation } from "./activation.ts";
import { createMlp, initMlp, type Layer, type Mlp, type MlpConfig, mlpSize } from "./mlp.ts";
import { splitMlp } from "./split.ts";

/** The shape of a network on a graph; its weights are apart from it. */
export interface GraphConfig {
  readonly kind: "graph";
  /** V C columns: node after node, each with its C channels. */
  readonly dimension: number;
  /** V. */
  readonly nodes: number;
  /** Pairs of nodes, counted from 0, one behind the other; without direction. */
  readonly edges: readonly number[];
  /** Hop orders r; default 1 and 2. */
  readonly hops?: readonly number[];
  /** G, the channels of the graph layer at each node. */
  readonly channels: number;
  /** Widths of the dense hidden layers after the graph layer. */
  readonly hidden: readonly number[];
  readonly activation: Activation;
  readonly time: "concat" | "none";
  /** Columns of the covariates that the field is given; default 0. */
  readonly condition?: number;
}

const hopsOf = ({ hops = [1, 2] }: GraphConfig): readonly number[] => hops;

/** The perceptron that remains when the first matrix is given. */
const perceptron = ({ dimension, nodes, channels, hidden, activation, time, condition }: GraphConfig): MlpConfig => ({
  dimension,
  hidden: [nodes * channels, ...hidden],
  activation,
  time,
  ...(condition === undefined ? {} : { condition }),
});

/** Parameters of the first matrix: Theta_r and M_r of every order. */
const structured = (config: GraphConfig): number =>
  hopsOf(config).length * (config.nodes ** 2 + (config.dimension / config.nodes) * config.channels);

/** Numbers in the flat parameter array. */
export const graphSize = (config: GraphConfig): number =>
  structured(config) + mlpSize(perceptron(config)) - config.dimension * config.nodes * config.channels;

/** T_r, row by row: whether node j is within `order` edges of node i. [V, V] of 0 and 1. */
export function neighbourMask({ nodes, edges }: Pick<GraphConfig, "nodes" | "edges">, order: number): Uint8Array {
  const adjacency = new Uint8Array(nodes * nodes);
  for (let i = 0; i < nodes; i++) adjacency[i * nodes + i] = 1;
  for (let e = 0; e + 1 < edges.length; e += 2) {
    adjacency[edges[e] * nodes + edges[e + 1]] = adjacency[edges[e + 1] * nodes + edges[e]] = 1;
  }
  let reached = adjacency;
  for (let r = 1; r < order; r++) {
    const next = reached.slice();
    for (let i = 0; i < nodes; i++) {
      for (let k = 0; k < nodes; k++) {
        if (reached[i * nodes + k] === 0) continue;
        for (let j = 0; j < nodes; j++) next[i * nodes + j] |= adjacency[k * nodes + j];
      }
    }
    reached = next;
  }
  return reached;
}

const beside = (parts: readonly Node[]): Node => parts.reduce((a, b) => concat(a, b));
const below = (parts: readonly Node[]): Node => transpose(beside(parts.map(transpose)));

/** A matrix of zeros and ones, from runs of ones in its rows. */
function zerosAndOnes(graph: Graph, values: ArrayLike<number>, rows: number, cols: number): Node {
  const one = graph.constant(1);
  const lines = Array.from({ length: rows }, (_, i) => {
    let line: Node | undefined;
    for (let j = 0; j < cols; j++) {
      const from = j;
      while (j < cols && values[i * cols + j] !== 0) j++;
      if (j === from) continue;
      const run = pad(broadcast(one, 1, j - from), from, cols);
      line = line ? add(line, run) : run;
    }
    return line ?? broadcast(graph.constant(0), 1, cols);
  });
  return below(lines);
}

/**
 * The network's parameters: of each order Theta_r and M_r, then those of the perceptron without its first matrix.
 *
 * @example
 * ```ts
 * import { createKey, graph } from "jkoflow";
 * import { createGraphNetwork, evaluateMlp, graphSize, initGraph, neighbourMask, splitGraph } from "jkoflow/nn";
 *
 * const activation = { kind: "tanh" } as const;
 * const shape = { kind: "graph", dimension: 3, nodes: 3, edges: [0, 1, 1, 2], channels: 4 } as const; // a path of 3 nodes
 * const config = { ...shape, hidden: [12], activation, time: "concat" } as const;
 * const g = graph.createGraph();
 * console.log(evaluateMlp(createGraphNetwork(g, config), g.rows("x", 3), 0).velocity.cols); // 3
 * console.log(neighbourMask(config, 1).reduce((sum, one) => sum + one, 0)); // 7
 * console.log(splitGraph(config, initGraph(config, createKey(0)), 2)[0].length === graphSize(config)); // true
 * ```
 */
export function createGraphNetwork(graph: Graph, config: GraphConfig, prefix = ""): Mlp {
  const { nodes: v, channels: g, dimension } = config;
  const c = dimension / v;
  /** Repeats each of n columns `times` times: [n, n times]. */
  const stretch = (n: number, times: number): Node =>
    zerosAndOnes(
      graph,
      Array.from({ length: n * n * times }, (_, at) =>
        Number(Math.floor((at % (n * times)) / times) === Math.floor(at / (n * times))),
      ),
      n,
      n * times,
    );
  /** The identity `times` times side by side: [n, n times]. */
  const tile = (n: number, times: number): Node => beside(new Array<Node>(times).fill(stretch(n, 1)));
  const mixing: Node[] = [];
  const parts = hopsOf(config).map((order) => {
    const theta = graph.parameter(`${prefix}Theta${order}`, v, v);
    const channelMixing = graph.parameter(`${prefix}M${order}`, c, g);
    mixing.push(theta, channelMixing);
    const w = mul(zerosAndOnes(graph, neighbourMask(config, order), v, v), theta);
    const nodesApart = matmul(transpose(stretch(v, c)), matmul(w, stretch(v, g))); // [V C, V G]: W_r[u, v] in block (u, v)
    const channelsApart = matmul(transpose(tile(c, v)), matmul(channelMixing, tile(g, v))); // [V C, V G]: M_r in each block
    return mul(nodesApart, channelsApart);
  });
  const first = graph.label(
    parts.reduce((a, b) => add(a, b)),
    `${prefix}W1`,
  );
  const mlp = createMlp(graph, perceptron(config), prefix);
  const layers = mlp.layers.map((layer, l): Layer => (l === 0 ? { ...layer, weight: first } : layer));
  const free = mlp.parameters.filter((node) => node !== mlp.layers[0].weight);
  return { ...mlp, layers, parameters: [...mixing, ...free] };
}

/** Theta_r ~ N(0, 1 / (3 n^2)), n the number of hop orders; M_r uniform in +-1/sqrt(n C); the rest as a perceptron's. */
export function initGraph(config: GraphConfig, key: Key, outputScale = 1): Float32Array {
  const { nodes: v, channels: g, dimension } = config;
  const c = dimension / v;
  const orders = hopsOf(config);
  const values = new Float32Array(graphSize(config));
  let at = 0;
  for (const order of orders) {
    values.set(
      normal(fold(key, "nodes", order), v * v).map((z) => z / (Math.sqrt(3) * orders.length)),
      at,
    );
    at += v * v;
    const bound = 1 / Math.sqrt(orders.length * c);
    values.set(
      Float32Array.from(uniform(fold(key, "channels", order), c * g), (u) => bound * (2 * u - 1)),
      at,
    );
    at += c * g;
  }
  values.set(initMlp(perceptron(config), fold(key, "dense"), outputScale).subarray(dimension * v * g), at);
  return values;
}

/** The parts of the network over its time, see split.ts: the mixing of nodes and channels is the same in all. */
export const splitGraph = (config: GraphConfig, weights: Float32Array, parts: number): Float32Array[] =>
  splitMlp(perceptron(config), weights, parts, structured(config));
