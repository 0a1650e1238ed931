/** A Gaussian as a mixture of one component. */

import type { MixtureBase } from "jkoflow/distributions";
import type { Gaussian } from "jkoflow/evaluate";

export function gaussianParts({ cols, mean, whitener }: Gaussian): MixtureBase {
  const factors: number[] = [];
  for (let i = 0; i < cols; i++) for (let j = 0; j <= i; j++) factors.push(whitener[i * cols + j]);
  return { weights: Float64Array.of(1), means: mean, factors: Float64Array.from(factors) };
}
