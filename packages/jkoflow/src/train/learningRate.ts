/** Learning rates over the updates of a block. */
import { cosTurns } from "../random/index.ts";

export interface CosineRate {
  /** Updates over which the rate rises from 0: Adam's first steps have full length in every weight and would spoil a warm start. */
  readonly warmup: number;
  /** Largest rate. */
  readonly peak: number;
  /** What the rate comes to after the last update, as a share of the peak. */
  readonly floor: number;
  /** Updates over which the rate falls. */
  readonly updates: number;
}

/** A rate that is divided when held-out rows stop gaining, as the codes of OT-Flow and FFJORD have it. */
export interface PlateauRate {
  /** The rate is divided by this each time. */
  readonly factor: number;
  /** Evaluations without gain before that. */
  readonly patience: number;
  /** Divisions; when patience ends after the last of them, training does. */
  readonly drops: number;
  /** After a division evaluations without gain are counted `anew` (OT-Flow's code), or `on`, with as much patience more (FFJORD's). */
  readonly counts: "anew" | "on";
}

/**
 * peak / factor^drops by multiplication, which has the same bits everywhere.
 *
 * @example
 * ```ts
 * import { averaged, plateauRate } from "jkoflow/train";
 *
 * console.log(plateauRate(0.1, { factor: 10, patience: 5, drops: 3, counts: "anew" }, 2).toFixed(4)); // 0.0010
 * console.log(averaged(Float32Array.of(0), Float32Array.of(1), 0.5, 9)[0]); // 0.5
 * ```
 */
export function plateauRate(peak: number, { factor }: PlateauRate, drops: number): number {
  let rate = peak;
  for (let i = 0; i < drops; i++) rate /= factor;
  return rate;
}

/** Linear rise, then cosine decay (Loshchilov and Hutter, ICLR 2017, arXiv:1608.03983), at update 0, 1, ... */
export function cosineRate({ warmup, peak, floor, updates }: CosineRate, update: number): number {
  const share = Math.min(1, update / Math.max(1, updates));
  const rise = Math.min(1, (update + 1) / Math.max(1, warmup));
  return rise * peak * (floor + (1 - floor) * 0.5 * (1 + cosTurns(share / 2)));
}
