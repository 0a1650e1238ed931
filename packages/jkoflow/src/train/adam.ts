/** Adam with decoupled weight decay on the host, for gradients that are put together from several runs of a program. */

import type { OptimiserStep, ParameterState } from "../engine/index.ts";
import { checkNumbers } from "../errors/kinds.ts";
import { power } from "../random/index.ts";

/**
 * One update (arXiv:1711.05101, algorithm 2) after clipping by the global norm, as the engines do it.
 *
 * @example
 * ```ts
 * import { adamStep } from "jkoflow/train";
 *
 * const zero = () => new Float32Array(1);
 * const state = { values: Float32Array.of(1), firstMoment: zero(), secondMoment: zero(), updates: 0 };
 * console.log(adamStep(state, [2], { learningRate: 0.1 }).state.values[0].toFixed(3)); // 0.900
 * ```
 */
export function adamStep(
  state: ParameterState,
  gradient: ArrayLike<number>,
  { learningRate, weightDecay = 0, clip = 0, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: OptimiserStep,
): { readonly state: ParameterState; readonly gradientNorm: number } {
  checkNumbers(gradient, "gradient");
  let squares = 0;
  for (let i = 0; i < gradient.length; i++) squares += gradient[i] * gradient[i];
  const gradientNorm = Math.sqrt(squares);
  const factor = clip > 0 && gradientNorm > clip ? clip / gradientNorm : 1;
  const updates = state.updates + 1;
  const [fix1, fix2] = [1 - power(beta1, updates), 1 - power(beta2, updates)];
  const firstMoment = state.firstMoment.map((m, i) => beta1 * m + (1 - beta1) * factor * gradient[i]);
  const secondMoment = state.secondMoment.map((v, i) => beta2 * v + (1 - beta2) * (factor * gradient[i]) ** 2);
  const values = state.values.map((w, i) => {
    const step = firstMoment[i] / fix1 / (Math.sqrt(secondMoment[i] / fix2) + epsilon);
    return w - learningRate * (step + weightDecay * w);
  });
  return { state: { values, firstMoment, secondMoment, updates }, gradientNorm };
}
