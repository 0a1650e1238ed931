/** The Jacobian of a perceptron at every row, from the slopes of its hidden layers: d forward tangents, no second backward pass. */
import { concat, matmul, mul, type Node, slice, transpose } from "../graph/index.ts";
import type { Evaluation, Mlp } from "./mlp.ts";

/** dy_a/dx_k of an autonomous network, row after row: [B, d d] */
export function mlpJacobian({ config, layers }: Mlp, { slopes }: Pick<Evaluation, "slopes">): Node {
  const d = config.dimension;
  const inputs = transpose(layers[0].weight); // [H_1, d]
  const tangents = Array.from({ length: d }, (_, k) => {
    const first = mul(slopes[0], transpose(slice(inputs, k, k + 1)));
    return layers.slice(1).reduce((tangent, { weight }, l) => {
      const moved = matmul(tangent, weight);
      return l + 1 < slopes.length ? mul(slopes[l + 1], moved) : moved;
    }, first);
  });
  const entries = Array.from({ length: d * d }, (_, at) => {
    const a = Math.floor(at / d);
    return slice(tangents[at % d], a, a + 1);
  });
  return entries.reduce((left, right) => concat(left, right));
}
