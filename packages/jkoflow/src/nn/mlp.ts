/**
 * A multilayer perceptron d -> H_1 -> ... -> H_m -> d, the velocity network of JKO-iFlow.
 *
 *   u_l = h_{l-1} W_l + s w_l + b_l,   h_l = sigma(u_l),   the last layer without sigma
 *
 * How the time enters a layer is one of FFJORD's ways (Grathwohl et al., ICLR 2019, arXiv:1810.01367, its code):
 *
 *   none          u = h W + b, an autonomous field ("ignore"; as in the plane in Xu, Cheng, Xie, arXiv:2212.14424)
 *   concat        u = h W + b + s w
 *   squash        u = (h W + b) o sigmoid(g s + c)
 *   concatsquash  u = (h W + b) o sigmoid(g s + c) + s w
 *
 * Covariates y of a conditional field enter every layer: h W + b gets y C. With a learned end time T = tau^2 the field runs
 * over t in [0, T], written over s = t / T in [0, 1]: dx/ds = T v(x, s T).
 */
import { add, type Graph, matmul, mul, type Node, type Operand, scale, sigmoid, square } from "../graph/index.ts";
import { fold, type Key, uniform } from "../random/index.ts";
import { type Activation, activate } from "./activation.ts";

/** The shape of a network; its weights are apart from it. */
export interface MlpConfig {
  /** Absent in files of the first release. */
  readonly kind?: "mlp";
  /** Columns of the data, in and out. */
  readonly dimension: number;
  /** Widths of the hidden layers. */
  readonly hidden: readonly number[];
  readonly activation: Activation;
  readonly time: TimeMixing;
  /** First value of a learned end time T; without it the field runs over [0, 1]. */
  readonly endTime?: number;
  /** Columns of the covariates that the field is given; default 0. */
  readonly condition?: number;
}

/** How the time enters a layer: the formulas above. */
export type TimeMixing = "none" | "concat" | "squash" | "concatsquash";

/** Rows of parameters that a layer has besides its matrix: b and what the time needs. */
const rowsOf: Readonly<Record<TimeMixing, number>> = { none: 1, concat: 2, squash: 3, concatsquash: 4 };
const shifts = (time: TimeMixing): boolean => time === "concat" || time === "concatsquash";
const gates = (time: TimeMixing): boolean => time === "squash" || time === "concatsquash";

/** The parameters of one layer as nodes. */
export interface Layer {
  readonly weight: Node; // [in, out]
  readonly time: Node | undefined; // [1, out]
  readonly bias: Node; // [1, out]
  readonly condition: Node | undefined; // [c, out]
  /** g and c of sigmoid(g s + c), [1, out] each. */
  readonly gate: readonly [slope: Node, shift: Node] | undefined;
}

/** A network in a graph. */
export interface Mlp {
  readonly config: MlpConfig;
  readonly layers: readonly Layer[];
  /** The root tau of a learned end time. */
  readonly tau: Node | undefined; // [1, 1]
  /** All parameters in the order of the flat array: per layer weight, time, bias, covariates, gate; then tau. */
  readonly parameters: readonly Node[];
}

/** Sizes of the layers' ends, `[d, H_1, ..., d]`. */
export const ends = ({ dimension, hidden }: MlpConfig): number[] => [dimension, ...hidden, dimension];

/** Numbers in the flat parameter array. */
export function mlpSize(config: MlpConfig): number {
  const rowsPerLayer = rowsOf[config.time] + (config.condition ?? 0);
  return ends(config)
    .slice(1)
    .reduce((n, out, l) => n + (ends(config)[l] + rowsPerLayer) * out, config.endTime === undefined ? 0 : 1);
}

/**
 * Declare the network's parameters in a graph; their names begin with `prefix`.
 *
 * @example
 * ```ts
 * import { createKey, graph } from "jkoflow";
 * import { activate, createMlp, evaluateMlp, initMlp, mlpSize, splitMlp } from "jkoflow/nn";
 *
 * const config = { dimension: 2, hidden: [8], activation: { kind: "tanh" }, time: "concat" } as const;
 * const g = graph.createGraph();
 * const { velocity } = evaluateMlp(createMlp(g, config), g.rows("x", 2), 0.5); // v(x, s) at s = 1/2
 * console.log(velocity.cols, activate(config.activation, velocity).slope.cols); // 2 2
 * const halves = splitMlp(config, initMlp(config, createKey(0)), 2); // v(x, (j + s) / 2) / 2
 * console.log(halves.map((half) => half.length === mlpSize(config))); // [ true, true ]
 * ```
 */
export function createMlp(graph: Graph, config: MlpConfig, prefix = ""): Mlp {
  const sizes = ends(config);
  const covariates = config.condition ?? 0;
  const layers = sizes.slice(1).map((out, l): Layer => {
    const name = (what: string): string => `${prefix}${what}${l + 1}`;
    return {
      weight: graph.parameter(name("W"), sizes[l], out),
      time: shifts(config.time) ? graph.parameter(name("w"), 1, out) : undefined,
      bias: graph.parameter(name("b"), 1, out),
      condition: covariates > 0 ? graph.parameter(name("C"), covariates, out) : undefined,
      gate: gates(config.time) ? [graph.parameter(name("g"), 1, out), graph.parameter(name("c"), 1, out)] : undefined,
    };
  });
  const tau = config.endTime === undefined ? undefined : graph.parameter(`${prefix}tau`, 1, 1);
  const ofLayers = layers.flatMap(({ weight, time, bias, condition, gate = [] }) => [
    weight,
    time,
    bias,
    condition,
    ...gate,
  ]);
  return { config, layers, tau, parameters: [...ofLayers, tau].filter((node) => node !== undefined) };
}

/** A network at rows and one time. */
export interface Evaluation {
  readonly velocity: Node; // [B, d], with respect to t: without the factor T
  /** Slopes of the hidden layers with respect to h W: sigma'(u_l), times the gate where there is one, [B, H_l]. */
  readonly slopes: readonly Node[];
  /** Gate of the last layer. */
  readonly gate: Node | undefined; // [1, d]
  /** T of a learned end time. */
  readonly duration: Node | undefined; // [1, 1]
}

/** The velocity at rows x `[B, d]` and time s, a number or a scalar node; a conditional one needs covariates y `[B, c]`. */
export function evaluateMlp(mlp: Mlp, x: Node, s: Operand, y?: Node): Evaluation {
  const duration = mlp.tau && square(mlp.tau);
  const t = duration ? (typeof s === "number" ? scale(duration, s) : mul(duration, s)) : s;
  const timed = (time: Node): Node => (typeof t === "number" ? scale(time, t) : mul(time, t));
  const slopes: Node[] = [];
  let h = x;
  let gate: Node | undefined;
  mlp.layers.forEach(({ weight, time, bias, condition, gate: parts }, l) => {
    const moved = add(matmul(h, weight), time && !parts ? add(bias, timed(time)) : bias);
    const whole = condition ? add(moved, matmul(y!, condition)) : moved; // y C_l is one node for the whole solve
    gate = parts && sigmoid(add(timed(parts[0]), parts[1]));
    const gated = gate ? mul(whole, gate) : whole;
    const u = parts && time ? add(gated, timed(time)) : gated;
    if (l === mlp.layers.length - 1) {
      h = u;
      return;
    }
    const { value, slope } = activate(mlp.config.activation, u);
    slopes.push(gate ? mul(slope, gate) : slope);
    h = value;
  });
  return { velocity: h, slopes, gate, duration };
}

/**
 * Initial weights: uniform in +-1/sqrt(fan-in), where the time of a gated layer and its gate have one input. The output layer is multiplied by `outputScale`: 0 makes a fresh block
 * exactly the identity.
 */
export function initMlp(config: MlpConfig, key: Key, outputScale = 1): Float32Array {
  const values = new Float32Array(mlpSize(config));
  const sizes = ends(config);
  let offset = 0;
  for (let l = 1; l < sizes.length; l++) {
    const gated = gates(config.time);
    const inputs = sizes[l - 1] + (config.time === "concat" ? 1 : 0) + (config.condition ?? 0);
    const rows = sizes[l - 1] + (config.condition ?? 0) + rowsOf[config.time];
    const factor = l === sizes.length - 1 ? outputScale : 1;
    uniform(fold(key, l), rows * sizes[l]).forEach((u, i) => {
      // Rows of a gated layer: matrix, time, bias, covariates, two of the gate.
      const row = Math.floor(i / sizes[l]);
      const ofTime = gated && ((shifts(config.time) && row === sizes[l - 1]) || row >= rows - 2);
      const scaled = gated && row >= rows - 2 ? 1 : factor; // a gate's scale is not the velocity's
      const bound = scaled / (ofTime ? 1 : Math.sqrt(inputs));
      values[offset + i] = bound * (2 * u - 1);
    });
    offset += rows * sizes[l];
  }
  if (config.endTime !== undefined) values[offset] = Math.sqrt(config.endTime);
  return values;
}
