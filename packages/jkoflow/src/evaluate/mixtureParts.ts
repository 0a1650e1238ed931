/** The components of a fitted mixture in the units of its rows: what a flow takes as its base. */
import type { MixtureBase } from "../distributions/index.ts";
import type { Components } from "./components.ts";

/**
 * Components are fitted to y = W (x - m). With S_k^-1 = L_k^-T L_k^-1 there, the factor in the units of x is A_k = L_k^-1 W and
 * the mean m + W^-1 m_k; both factors are lower triangular, and so is their product.
 */
export function mixtureParts(
  { count, cols, weight, whitener, shift }: Components,
  outer: { readonly mean: Float64Array; readonly whitener: Float64Array },
): MixtureBase {
  const size = (cols * (cols + 1)) / 2;
  const means = new Float64Array(count * cols);
  const factors = new Float64Array(count * size);
  const total = weight.reduce((sum, w) => sum + w, 0);
  for (let k = 0; k < count; k++) {
    for (let i = 0, p = k * size; i < cols; i++) {
      for (let j = 0; j <= i; j++, p++) {
        let sum = 0;
        for (let l = j; l <= i; l++) sum += whitener[k * size + (i * (i + 1)) / 2 + l] * outer.whitener[l * cols + j];
        factors[p] = sum;
      }
    }
    // A_k (x - mean_k) = L_k^-1 W (x - m) - shift_k, so A_k (mean_k - m) = shift_k.
    for (let i = 0, p = k * size; i < cols; i++) {
      let sum = shift[k * cols + i];
      for (let j = 0; j < i; j++) sum -= factors[p++] * (means[k * cols + j] - outer.mean[j]);
      means[k * cols + i] = outer.mean[i] + sum / factors[p++];
    }
  }
  return { weights: weight.map((w) => w / total), means, factors };
}
