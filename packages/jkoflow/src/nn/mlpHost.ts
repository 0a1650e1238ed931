/**
 * A perceptron without time (mlp.ts) with fixed weights in float64, one row at a time, with its Jacobian by forward tangents:
 *
 *   h_l = sigma(h_{l-1} W_l + b_l),   dh_l/dx_k = sigma'(u_l) o (dh_{l-1}/dx_k W_l)
 */
import { exp, log1p } from "../random/index.ts";
import type { Activation } from "./activation.ts";
import { ends, type MlpConfig, mlpSize } from "./mlp.ts";

/** Evaluates a network at rows of d numbers. */
export interface HostMlp {
  /** y(x) into `value` [d]; dy_a/dx_k, row after row, into `jacobian` [d, d]. */
  at(x: ArrayLike<number>, value: Float64Array, jacobian: Float64Array): void;
}

/**
 * The network of these weights outside of an engine. @throws Error for a network of time or covariates.
 *
 * @example
 * ```ts
 * import { createKey, graph } from "jkoflow";
 * import { createMlp, evaluateMlp, initMlp, mlpJacobian, openMlp } from "jkoflow/nn";
 *
 * const config = { dimension: 2, hidden: [8], activation: { kind: "tanh" }, time: "none" } as const;
 * const [value, jacobian] = [new Float64Array(2), new Float64Array(4)];
 * openMlp(config, initMlp(config, createKey(0))).at([1, 2], value, jacobian); // outside of an engine, in float64
 * console.log(value.every(Number.isFinite), jacobian.every(Number.isFinite)); // true true
 * const g = graph.createGraph();
 * const mlp = createMlp(g, config);
 * // the same as a node, [B, 4]
 * console.log(mlpJacobian(mlp, evaluateMlp(mlp, g.rows("x", 2), 0)).cols); // 4
 * ```
 */
export function openMlp(config: MlpConfig, weights: ArrayLike<number>): HostMlp {
  if (config.time !== "none" || config.endTime !== undefined || (config.condition ?? 0) > 0)
    throw new Error("a network of time or covariates has no host form");
  if (weights.length !== mlpSize(config))
    throw new Error(`${weights.length} weights for a network of ${mlpSize(config)}`);
  const sizes = ends(config);
  const d = config.dimension;
  let place = 0;
  const layers = sizes.slice(1).map((outs, l) => {
    const ins = sizes[l];
    const matrix = Float64Array.from({ length: ins * outs }, (_, at) => weights[place + at]);
    const bias = Float64Array.from({ length: outs }, (_, at) => weights[place + ins * outs + at]);
    place += (ins + 1) * outs;
    return { ins, outs, matrix, bias };
  });
  const widest = Math.max(...sizes);
  // Values and their tangents one behind the other: [1 + d, width]
  let [here, next] = [new Float64Array((1 + d) * widest), new Float64Array((1 + d) * widest)];
  const sigma = activationOf(config.activation);
  return {
    at: (x, value, jacobian) => {
      here.fill(0);
      for (let k = 0; k < d; k++) {
        here[k] = x[k];
        here[(1 + k) * widest + k] = 1;
      }
      layers.forEach(({ ins, outs, matrix, bias }, l) => {
        for (let part = 0; part <= d; part++) {
          const [from, to] = [part * widest, part * widest];
          for (let j = 0; j < outs; j++) next[to + j] = part === 0 ? bias[j] : 0;
          for (let i = 0; i < ins; i++) {
            const factor = here[from + i];
            if (factor === 0) continue;
            for (let j = 0; j < outs; j++) next[to + j] += factor * matrix[i * outs + j];
          }
        }
        if (l < layers.length - 1) sigma(next, outs, widest, d);
        [here, next] = [next, here];
      });
      for (let a = 0; a < d; a++) {
        value[a] = here[a];
        for (let k = 0; k < d; k++) jacobian[a * d + k] = here[(1 + k) * widest + a];
      }
    },
  };
}

/** Applies sigma to the first row of h and its slope to the tangents below, in place. */
function activationOf(activation: Activation): (h: Float64Array, outs: number, widest: number, d: number) => void {
  return (h, outs, widest, d) => {
    for (let j = 0; j < outs; j++) {
      const u = h[j];
      let slope: number;
      if (activation.kind === "softplus") {
        const scaled = activation.beta * u;
        const tail = exp(-Math.abs(scaled));
        h[j] = (Math.max(scaled, 0) + log1p(tail)) / activation.beta;
        slope = (scaled >= 0 ? 1 : tail) / (1 + tail);
      } else {
        const tail = exp(-2 * Math.abs(u));
        const size = (1 - tail) / (1 + tail);
        h[j] = u < 0 ? -size : size;
        slope = 1 - size * size;
      }
      for (let k = 1; k <= d; k++) h[k * widest + j] *= slope;
    }
  };
}
