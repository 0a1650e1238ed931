/**
 * A judge: the held-out evaluation of a training, on what is not trained on: a likelihood, a JKO objective, a duality gap, a
 * residual. The least score is the best. Evaluations without gain end training (early stopping), or divide the rate.
 */
import type { PlateauRate } from "./learningRate.ts";

export interface Scored {
  readonly score: number;
}

/** `Score`: the score with what else an evaluation finds. */
export interface Judge<Score extends Scored = Scored> {
  /** Updates between two evaluations; the last update is always followed by one. */
  readonly every: number;
  /** Evaluations without a better score after which training ends; Infinity: never. */
  readonly patience: number;
  /** In place of `patience`: the rate falls where evaluations gain nothing. */
  readonly plateau?: PlateauRate;
  /** Of the players' parameters as they are. */
  evaluate(): Score;
}

/** Where patience is. */
export interface Patience {
  /** Evaluations in a row that gained nothing. */
  readonly withoutGain: number;
  /** Divisions of a plateau's rate so far. */
  readonly drops: number;
}

export const fresh: Patience = { withoutGain: 0, drops: 0 };

export const goesOn = ({ patience, plateau }: Judge, { withoutGain, drops }: Patience): boolean =>
  plateau ? drops <= plateau.drops : withoutGain < patience;

/** After an evaluation. */
export function after({ plateau }: Judge, { withoutGain, drops }: Patience, gains: boolean): Patience {
  const now = gains ? 0 : withoutGain + 1;
  if (!plateau || now <= plateau.patience * (plateau.counts === "on" ? drops + 1 : 1)) {
    return { withoutGain: now, drops };
  }
  return { withoutGain: plateau.counts === "anew" ? 0 : now, drops: drops + 1 };
}
