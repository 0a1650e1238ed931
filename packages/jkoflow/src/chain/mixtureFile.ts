/** A mixture of Gaussians that stands in the place of N(0, I), in the file of its model. */
import { parseMargins } from "../data/standardizerState.ts";
import type { MixtureBase } from "../distributions/index.ts";
import { InputError } from "../errors/index.ts";
import type { Tensor } from "../io/index.ts";

/** What the file of a model says of its base; readers that know of no margins refuse one with them. */
const MIXTURE_BASES = { plain: "mixture", margins: "mixture behind margins" } as const;

/** Whether what a model file calls its base is a mixture. */
export const isMixture = (base: unknown): boolean => base === MIXTURE_BASES.plain || base === MIXTURE_BASES.margins;

/** Its part of the description in a model file. */
export const describeMixtureBase = ({ margins }: MixtureBase): Readonly<Record<string, unknown>> =>
  margins ? { base: MIXTURE_BASES.margins, margins } : { base: MIXTURE_BASES.plain };

/** Its tensors in a model file. */
export function encodeMixtureBase({ weights, means, factors }: MixtureBase): ReadonlyMap<string, Tensor> {
  const K = weights.length;
  return new Map<string, Tensor>([
    ["base.weights", { shape: [K], data: weights }],
    ["base.means", { shape: [K, means.length / K], data: means }],
    ["base.factors", { shape: [K, factors.length / K], data: factors }],
  ]);
}

/**
 * From a model file's description and tensors; `numbers` gives a tensor of finite numbers. Undefined for another base.
 * @throws InputError for weights, scales or margins that are no mixture.
 */
export function decodeMixtureBase(
  { base, margins }: Readonly<Record<string, unknown>>,
  numbers: (name: string, length?: number) => Float32Array | Float64Array,
  d: number,
  where: string,
): MixtureBase | undefined {
  if (!isMixture(base)) return undefined;
  const weights = Float64Array.from(numbers("base.weights"));
  const K = weights.length;
  const size = (d * (d + 1)) / 2;
  const means = Float64Array.from(numbers("base.means", K * d));
  const factors = Float64Array.from(numbers("base.factors", K * size));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (K === 0 || weights.some((weight) => !(weight > 0)) || Math.abs(total - 1) > 1e-9) {
    throw new InputError({
      where,
      place: "base.weights",
      came: `a sum of ${total}`,
      expected: "weights above 0 of sum 1",
    });
  }
  for (let k = 0; k < K; k++) {
    for (let i = 0; i < d; i++) {
      const scale = factors[k * size + (i * (i + 3)) / 2];
      if (!(scale > 0))
        throw new InputError({ where, place: "base.factors", came: `${scale}`, expected: "scales above 0" });
    }
  }
  if (base === MIXTURE_BASES.plain) return { weights, means, factors };
  return { weights, means, factors, margins: parseMargins(margins, d, where) };
}
