/**
 * A potential cut into c that are passed one after the other, each over a part of its time:
 *
 *   Phi_j(x, s) = Phi(x, (j + s) / c) / c,   j = 0, ..., c - 1,   s in [0, 1]
 *
 * so that the velocities are f(x, (j + s) / c) / c, as in split.ts. The layers take the shift of time into b_0, and the
 * quadratic form into b:  |A_x x + A_t (s + j) / c|^2 / 2 = |A_x x + A_t s / c|^2 / 2 + (A_x x + A_t s / c) . A_t j / c + const.
 */
import { checkKind } from "../errors/kinds.ts";
import type { PotentialConfig } from "./potential.ts";
import { shapesOf } from "./potential.ts";

/** The flat parameters of the c potentials, in the order in which they are passed. */
export function splitPotential(config: PotentialConfig, weights: Float32Array, parts: number): Float32Array[] {
  checkKind(weights, "Float32Array", "weights");
  const { dimension: d } = config;
  const offsets = new Map<string, number>();
  let end = 0;
  for (const [name, rows, cols] of shapesOf(config)) {
    offsets.set(name, end);
    end += rows * cols;
  }
  const at = (name: string): number => offsets.get(name)!;
  const rank = (at("b") - at("A")) / (d + 1);
  return Array.from({ length: parts }, (_, j) => {
    const child = weights.slice();
    for (let i = 0; i < config.width; i++) {
      const time = at("K0") + i * (d + 1) + d;
      child[at("b0") + i] += (weights[time] * j) / parts;
      child[time] /= parts;
    }
    const scaleOfA = Math.sqrt(1 / parts);
    for (let k = 0; k <= d; k++) {
      let cross = 0; // (A^T A_t)_k
      for (let r = 0; r < rank; r++) {
        const row = at("A") + r * (d + 1);
        cross += weights[row + k] * weights[row + d];
        child[row + k] = weights[row + k] * (k === d ? scaleOfA / parts : scaleOfA);
      }
      const moved = weights[at("b") + k] + (cross * j) / parts;
      child[at("b") + k] = moved / (k === d ? parts ** 2 : parts);
    }
    for (let i = 0; i < config.width; i++) child[at("w") + i] /= parts;
    child[at("c")] /= parts; // moves nothing
    return child;
  });
}
