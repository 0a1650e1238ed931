/**
 * A mixture of Gaussians as the base of a flow, in the place of N(0, I). With no block in front of it, it is the model: the
 * cheap one, where that describes held-out rows better than a flow does.
 *
 *   log q(z) = log sum_k w_k N(z; m_k, S_k),   S_k^-1 = A_k^T A_k, A_k lower triangular
 *   sample: k by the weights, then z = m_k + A_k^-1 e, e ~ N(0, I)
 *
 * Behind kernel margins T (data/kernelMargin.ts) it is a mixture of T(z): log q(z) = log sum_k w_k N(T(z); m_k, S_k) + sum_j log T_j'.
 *
 * Float64 throughout; coordinates are those of the flow.
 */
import { applyMargin, invertMargin, type KernelMargin, marginLogSlope } from "../data/index.ts";
import { categorical, exp, fold, halfLog2Pi, type Key, log, normal } from "../random/index.ts";

/** K Gaussians in d columns. */
export interface MixtureBase {
  /** [K], above 0, of sum 1. */
  readonly weights: Float64Array;
  /** [K, d] */
  readonly means: Float64Array;
  /** A_k, rows packed: row i holds i + 1 numbers, the last above 0. [K, d (d + 1) / 2] */
  readonly factors: Float64Array;
  /** Of each column, where the mixture is one of mapped columns. [d] */
  readonly margins?: readonly KernelMargin[];
}

/**
 * log q of each row of `z` [n, d], nats. [n]
 *
 * @example
 * ```ts
 * import { createKey } from "jkoflow";
 * import { mixtureLogDensity, sampleMixtureBase } from "jkoflow/distributions";
 *
 * const base = { weights: Float64Array.of(0.5, 0.5), means: Float64Array.of(-2, 2), factors: Float64Array.of(1, 1) };
 * console.log(mixtureLogDensity(base, Float32Array.of(0), 1)[0].toFixed(4), sampleMixtureBase(base, createKey(0), 3, 1).length);
 * ```
 */
export function mixtureLogDensity({ margins, ...base }: MixtureBase, z: Float32Array, d: number): Float64Array {
  if (margins === undefined) return componentLogDensity(base, z, d);
  const mapped = z.map((value, at) => applyMargin(margins[at % d], value));
  const density = componentLogDensity(base, mapped, d);
  for (let at = 0; at < z.length; at++) density[Math.floor(at / d)] += marginLogSlope(margins[at % d], z[at]);
  return density;
}

function componentLogDensity({ weights, means, factors }: MixtureBase, z: Float32Array, d: number): Float64Array {
  const size = (d * (d + 1)) / 2;
  const constants = weights.map((weight, k) => {
    let logDet = 0;
    for (let i = 0; i < d; i++) logDet += log(factors[k * size + (i * (i + 3)) / 2]);
    return log(weight) + logDet - d * halfLog2Pi;
  });
  const terms = new Float64Array(weights.length);
  return Float64Array.from({ length: z.length / d }, (_, r) => {
    let largest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < terms.length; k++) {
      let square = 0;
      let p = k * size;
      for (let i = 0; i < d; i++) {
        let sum = 0;
        for (let j = 0; j <= i; j++) sum += factors[p++] * (z[r * d + j] - means[k * d + j]);
        square += sum * sum;
      }
      terms[k] = constants[k] - square / 2;
      if (terms[k] > largest) largest = terms[k];
    }
    if (!Number.isFinite(largest)) return largest;
    let sum = 0;
    for (const term of terms) sum += exp(term - largest);
    return largest + log(sum);
  });
}

/** n rows by key. [n, d] */
export function sampleMixtureBase(
  { weights, means, factors, margins }: MixtureBase,
  key: Key,
  n: number,
  d: number,
): Float32Array {
  const size = (d * (d + 1)) / 2;
  const chosen = categorical(fold(key, "component"), n, weights);
  const noise = normal(fold(key, "noise"), n * d);
  const z = new Float32Array(n * d);
  const e = new Float64Array(d);
  for (let r = 0; r < n; r++) {
    const k = chosen[r];
    let p = k * size;
    for (let i = 0; i < d; i++) {
      let sum = noise[r * d + i];
      for (let j = 0; j < i; j++) sum -= factors[p++] * e[j];
      e[i] = sum / factors[p++];
      z[r * d + i] = means[k * d + i] + e[i];
    }
  }
  return margins ? z.map((value, at) => invertMargin(margins[at % d], value)) : z;
}
