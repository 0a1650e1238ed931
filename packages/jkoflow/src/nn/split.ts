/**
 * A velocity network cut into c that are passed one after the other, each over a part of its time:
 *
 *   f_j(x, s) = f(x, (j + s) / c) / c,   j = 0, ..., c - 1,   s in [0, 1]
 *
 * Source: the progressive refinement (Algorithm 2) of Xu, Cheng, Xie, NeurIPS 2023, arXiv:2212.14424; the weights are worked
 * out here. In every layer b + ((j + s) / c) w = (b + (j / c) w) + s (w / c), and a gate's slope and shift likewise; the
 * output layer, but not its gate, is divided by c besides. With a learned end time T = tau^2 the time of a layer is s T.
 */

import { InputError } from "../errors/index.ts";
import { checkKind } from "../errors/kinds.ts";
import { ends, type MlpConfig } from "./mlp.ts";

/**
 * The flat parameters of the c networks, in the order in which they are passed. `first`: how many numbers the first matrix
 * is made of, where it is not free; they stay as they are.
 *
 * @throws InputError for concatsquash layers.
 */
export function splitMlp(
  config: MlpConfig,
  weights: Float32Array,
  parts: number,
  first: number = config.dimension * config.hidden[0],
): Float32Array[] {
  checkKind(weights, "Float32Array", "weights");
  const sizes = ends(config);
  const covariates = config.condition ?? 0;
  if (config.time === "concatsquash") {
    throw new InputError({
      where: "time",
      came: "concatsquash, whose shift by the time stands outside the gate and has no bias to take its start",
      expected: "concat, squash or none, whose parts are networks of the same kind",
    });
  }
  const shifted = config.time === "concat";
  const gated = config.time === "squash";
  const duration = config.endTime === undefined ? 1 : weights[weights.length - 1] ** 2;
  /** Shift by the time that has passed at part j, and slow down. */
  const retime = (child: Float32Array, slope: number, shift: number, count: number, j: number): void => {
    for (let i = 0; i < count; i++) {
      child[shift + i] = weights[shift + i] + (weights[slope + i] * duration * j) / parts;
      child[slope + i] = weights[slope + i] / parts;
    }
  };
  return Array.from({ length: parts }, (_, j) => {
    const child = weights.slice();
    let at = 0;
    for (let l = 1; l < sizes.length; l++) {
      const [inputs, outputs] = [sizes[l - 1], sizes[l]];
      // W [in, out], then w [1, out], b [1, out], C [c, out], g [1, out], c [1, out]
      const time = at + (l === 1 ? first : inputs * outputs);
      const bias = shifted ? time + outputs : time;
      const end = bias + (1 + covariates) * outputs;
      if (shifted) retime(child, time, bias, outputs, j);
      if (l === sizes.length - 1) for (let i = at; i < end; i++) child[i] /= parts;
      if (gated) retime(child, end, end + outputs, outputs, j);
      at = end + (gated ? 2 * outputs : 0);
    }
    return child;
  });
}
