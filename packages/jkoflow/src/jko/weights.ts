/** What training does to the weights of a block besides the optimiser's updates. */
import type { Parameters } from "../engine/index.ts";

/** The average after update 0, 1, ...: it forgets its start faster than later weights. */
export function averaged(average: Float32Array, values: Float32Array, decay: number, update: number): Float32Array {
  const share = 1 - Math.min(decay, (1 + update) / (10 + update));
  return average.map((x, i) => x + share * (values[i] - x));
}

/** Every parameter into [-bound, bound]. */
export function clampParameters(parameters: Parameters, bound: number): void {
  const values = parameters.read();
  if (!values.some((x) => Math.abs(x) > bound)) return;
  parameters.write(values.map((x) => Math.min(bound, Math.max(-bound, x))));
}
