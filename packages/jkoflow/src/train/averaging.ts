/**
 * An exponential average of weights over the updates (Polyak and Juditsky, SIAM J. Control Optim. 30, 1992):
 *
 *   average <- average + (1 - min(decay, (1 + t) / (10 + t))) (weights - average),   t = 0, 1, ...
 *
 * It forgets its start faster than later weights.
 */
export function averaged(average: Float32Array, values: Float32Array, decay: number, update: number): Float32Array {
  const share = 1 - Math.min(decay, (1 + update) / (10 + update));
  return average.map((x, i) => x + share * (values[i] - x));
}
