/**
 * A velocity network cut into c that are passed one after the other, each over a part of its time:
 *
 *   f_j(x, s) = f(x, (j + s) / c) / c,   j = 0, ..., c - 1,   s in [0, 1]
 *
 * Source: the progressive refinement (Algorithm 2) of Xu, Cheng, Xie, NeurIPS 2023, arXiv:2212.14424; the weights are worked
 * out here. In every layer b + ((j + s) / c) w = (b + (j / c) w) + s (w / c); the output layer is divided by c besides.
 */
import { ends, type MlpConfig } from "./mlp.ts";

/**
 * The flat parameters of the c networks, in the order in which they are passed. `first`: how many numbers the first matrix
 * is made of, where it is not free; they stay as they are.
 */
export function splitMlp(
  config: MlpConfig,
  weights: Float32Array,
  parts: number,
  first: number = config.dimension * config.hidden[0],
): Float32Array[] {
  const sizes = ends(config);
  const covariates = config.condition ?? 0;
  return Array.from({ length: parts }, (_, j) => {
    const child = weights.slice();
    let at = 0;
    for (let l = 1; l < sizes.length; l++) {
      const [inputs, outputs] = [sizes[l - 1], sizes[l]];
      const time = at + (l === 1 ? first : inputs * outputs); // W [in, out], then w [1, out], b [1, out], C [c, out]
      const bias = config.time === "concat" ? time + outputs : time;
      const end = bias + (1 + covariates) * outputs;
      if (config.time === "concat") {
        for (let i = 0; i < outputs; i++) {
          child[bias + i] = weights[bias + i] + (weights[time + i] * j) / parts;
          child[time + i] = weights[time + i] / parts;
        }
      }
      if (l === sizes.length - 1) for (let i = at; i < end; i++) child[i] /= parts;
      at = end;
    }
    return child;
  });
}
