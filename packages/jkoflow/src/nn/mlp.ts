/**
 * A multilayer perceptron d -> H_1 -> ... -> H_m -> d, the velocity network of JKO-iFlow.
 *
 *   u_l = h_{l-1} W_l + s w_l + b_l,   h_l = sigma(u_l),   the last layer without sigma
 *
 * The time s enters every layer (Grathwohl et al., ICLR 2019, arXiv:1810.01367, "concat"), or none (an autonomous field,
 * as in the two-dimensional experiments of Xu, Cheng, Xie, NeurIPS 2023, arXiv:2212.14424). Covariates y of a conditional
 * field enter every layer as the time does: u_l gets y C_l. Neither appears in the Jacobian's factors, so the closed form of
 * the divergence stays.
 */
import { add, type Graph, matmul, mul, type Node, type Operand, scale } from "../graph/index.ts";
import { fold, type Key, uniform } from "../random/index.ts";
import { type Activation, activate } from "./activation.ts";

export interface MlpConfig {
  /** Absent in files of the first release. */
  readonly kind?: "mlp";
  /** Columns of the data, in and out. */
  readonly dimension: number;
  /** Widths of the hidden layers. */
  readonly hidden: readonly number[];
  readonly activation: Activation;
  readonly time: "concat" | "none";
  /** Columns of the covariates that the field is given; default 0. */
  readonly condition?: number;
}

export interface Layer {
  readonly weight: Node; // [in, out]
  readonly time: Node | undefined; // [1, out]
  readonly bias: Node; // [1, out]
  readonly condition: Node | undefined; // [c, out]
}

export interface Mlp {
  readonly config: MlpConfig;
  readonly layers: readonly Layer[];
  /** All parameters in the order of the flat array: per layer weight, time, bias, covariates. */
  readonly parameters: readonly Node[];
}

/** Sizes of the layers' ends, `[d, H_1, ..., d]`. */
export const ends = ({ dimension, hidden }: MlpConfig): number[] => [dimension, ...hidden, dimension];

/** Numbers in the flat parameter array. */
export function mlpSize(config: MlpConfig): number {
  const rowsPerLayer = (config.time === "concat" ? 2 : 1) + (config.condition ?? 0);
  return ends(config)
    .slice(1)
    .reduce((n, out, l) => n + (ends(config)[l] + rowsPerLayer) * out, 0);
}

/** Declare the network's parameters in a graph; their names begin with `prefix`. */
export function createMlp(graph: Graph, config: MlpConfig, prefix = ""): Mlp {
  const sizes = ends(config);
  const covariates = config.condition ?? 0;
  const layers = sizes.slice(1).map((out, l): Layer => {
    const name = (what: string): string => `${prefix}${what}${l + 1}`;
    return {
      weight: graph.parameter(name("W"), sizes[l], out),
      time: config.time === "concat" ? graph.parameter(name("w"), 1, out) : undefined,
      bias: graph.parameter(name("b"), 1, out),
      condition: covariates > 0 ? graph.parameter(name("C"), covariates, out) : undefined,
    };
  });
  const parameters = layers.flatMap(({ weight, time, bias, condition }) =>
    [weight, time, bias, condition].filter((node) => node !== undefined),
  );
  return { config, layers, parameters };
}

export interface Evaluation {
  readonly velocity: Node; // [B, d]
  /** Slopes sigma'(u_l) of the hidden layers, [B, H_l]. */
  readonly slopes: readonly Node[];
}

/** The velocity at rows x `[B, d]` and time s, a number or a scalar node; a conditional one needs covariates y `[B, c]`. */
export function evaluateMlp(mlp: Mlp, x: Node, s: Operand, y?: Node): Evaluation {
  const timed = (time: Node): Node => (typeof s === "number" ? scale(time, s) : mul(time, s));
  const slopes: Node[] = [];
  let h = x;
  mlp.layers.forEach(({ weight, time, bias, condition }, l) => {
    const moved = add(matmul(h, weight), time ? add(bias, timed(time)) : bias);
    const u = condition ? add(moved, matmul(y!, condition)) : moved; // y C_l is one node for the whole solve
    if (l === mlp.layers.length - 1) {
      h = u;
      return;
    }
    const { value, slope } = activate(mlp.config.activation, u);
    slopes.push(slope);
    h = value;
  });
  return { velocity: h, slopes };
}

/**
 * Initial weights: uniform in +-1/sqrt(fan-in). The output layer is multiplied by `outputScale`: 0 makes a fresh block
 * exactly the identity.
 */
export function initMlp(config: MlpConfig, key: Key, outputScale = 1): Float32Array {
  const values = new Float32Array(mlpSize(config));
  const sizes = ends(config);
  let offset = 0;
  for (let l = 1; l < sizes.length; l++) {
    const inputs = sizes[l - 1] + (config.time === "concat" ? 1 : 0) + (config.condition ?? 0);
    const count = (inputs + 1) * sizes[l];
    const bound = (l === sizes.length - 1 ? outputScale : 1) / Math.sqrt(inputs);
    uniform(fold(key, l), count).forEach((u, i) => {
      values[offset + i] = bound * (2 * u - 1);
    });
    offset += count;
  }
  return values;
}
