/** Learning rates over the updates of a block. */
import { cosTurns } from "../random/index.ts";

export interface CosineRate {
  /** Rate at the first update. */
  readonly peak: number;
  /** Rate at the last update, as a share of the peak. */
  readonly floor: number;
  /** Updates over which the rate falls. */
  readonly updates: number;
}

/** Cosine decay (Loshchilov and Hutter, ICLR 2017, arXiv:1608.03983) at update 0, 1, ... */
export function cosineRate({ peak, floor, updates }: CosineRate, update: number): number {
  const share = Math.min(1, update / Math.max(1, updates));
  return peak * (floor + (1 - floor) * 0.5 * (1 + cosTurns(share / 2)));
}
