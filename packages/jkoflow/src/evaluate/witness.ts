/**
 * A model q of a target p = g / Z beside rows of the target that came another way, by a sampler that knows nothing of the model:
 *
 *   E_q ln (g / q) = ln Z - KL(q | p)  <=  ln Z  <=  ln Z + KL(p | q) = E_p ln (g / q)
 *
 * On its own rows a model without a part of the target looks well: weights are even, and ln Z is short by the logarithm of the mass that
 * is there. On rows of the target it does not: those of the part have far more density than the model gives them. (Both bounds:
 * R. Grosse, Z. Ghahramani, R. Adams, "Sandwiching the marginal likelihood using bidirectional Monte Carlo", arXiv:1511.02543.)
 */
import { type Estimate, estimate } from "./score.ts";
import { type Weighed, weigh } from "./weights.ts";

export interface Witness {
  /** Mean of ln (g / q) over rows of the model: at most ln Z, nats. */
  readonly lower: Estimate;
  /** The same over rows of the target: at least ln Z, nats. */
  readonly upper: Estimate;
  /** ln Z by 1 / Z = E_p q / g over rows of the target, nats: it holds where the model lacks a part. */
  readonly logZ: number;
  readonly logZError: number;
  /** Of the model's own rows: what it says of itself. */
  readonly own: Weighed;
  /** Share of the target's rows where the model has less than a tenth of their density. */
  readonly missed: Estimate;
  /** Whether the model lacks more than a hundredth of the target, by three standard errors. */
  readonly lacks: boolean;
}

/** A row of which the model has less than this share of the density is one that its own rows will hardly come to. */
const THIN = 0.1;
/** Mass of which it is told that it is missing. */
const LEAST = 0.01;

/**
 * Of ln (g / q) over rows of the model, and over independent rows of the target; nats.
 * @throws InputError for fewer than two of either, and for values that are not numbers.
 *
 * @example
 * ```ts
 * import { createKey, fold } from "jkoflow";
 * import { witness } from "jkoflow/evaluate";
 * import { normal } from "jkoflow/random";
 *
 * // The model is N(0, 1), the target 3 N(0.5, 1).
 * const ratio = (x: number): number => Math.log(3) + x / 2 - 1 / 8;
 * const own = Float64Array.from(normal(fold(createKey(0), "own"), 4000), ratio);
 * const outside = Float64Array.from(normal(fold(createKey(0), "outside"), 4000), (z) => ratio(z + 0.5));
 * const { lower, upper, lacks } = witness(own, outside);
 * console.log(lower.mean < Math.log(3), Math.log(3) < upper.mean, lacks); // true true false
 * ```
 */
export function witness(own: ArrayLike<number>, outside: ArrayLike<number>): Witness {
  const ownRatios = Float64Array.from(own);
  const ratios = Float64Array.from(outside);
  const back = weigh(ratios.map((value) => -value)); // q / g, whose mean over the target is 1 / Z
  const logZ = -back.logZ;
  const missed = estimate(ratios.map((value) => (value - logZ > -Math.log(THIN) ? 1 : 0)));
  return {
    lower: estimate(ownRatios),
    upper: estimate(ratios),
    logZ,
    logZError: back.logZError,
    own: weigh(ownRatios),
    missed,
    lacks: missed.mean - 3 * missed.standardError > LEAST,
  };
}
