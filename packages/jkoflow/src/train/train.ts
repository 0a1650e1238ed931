/**
 * The training loop, for any number of players.
 *
 *   for update = 0, 1, ...: each player in its order takes its turns; every so many updates the judge evaluates; the best weights are kept
 *
 * The weights before the first update are a candidate too. Every draw follows from the update and the turn, so that a
 * training goes on from its state to the same bits. The loop holds nothing of the engine and can be left at any update.
 */
import type { ParameterState } from "../engine/index.ts";
import { averaged } from "./averaging.ts";
import { after, fresh, goesOn, type Judge, type Patience, type Scored } from "./judge.ts";
import type { Player, Updated } from "./player.ts";

/** A quantity that is set on the way, by what batches and the judge find: a multiplier, a step size. Plain data. */
export interface Adjustment<Value, Found extends Updated = Updated, Score extends Scored = Scored> {
  readonly start: Value;
  /** After an update; `found` by each player's last turn. */
  updated(value: Value, found: readonly Found[]): Value;
  /** After a held-out evaluation. */
  evaluated(value: Value, score: Score): Value;
}

export interface Training<Draw, Found extends Updated = Updated, Score extends Scored = Scored, Value = undefined> {
  readonly players: readonly Player<Draw, Found>[];
  /** Of update 0, 1, ... and the turn within it, from 0, through all players. */
  readonly draw: (update: number, turn: number, value: Value | undefined) => Draw;
  readonly judge: Judge<Score>;
  /** At most. */
  readonly updates: number;
  readonly adjustment?: Adjustment<Value, Found, Score>;
}

/** The best weights so far, of each player. */
export interface Best<Value = undefined> {
  readonly weights: readonly Float32Array[];
  readonly score: number;
  /** Updates that led to them. */
  readonly update: number;
  readonly value?: Value;
}

/** All that is needed to go on to the same bits, besides the training itself. */
export interface TrainState<Value = undefined> extends Patience {
  readonly update: number;
  /** With averaging: the average of the weights. */
  readonly players: readonly { readonly parameters: ParameterState; readonly average?: Float32Array }[];
  readonly best: Best<Value>;
  readonly value?: Value;
}

export interface Update<Found extends Updated = Updated, Score extends Scored = Scored, Value = undefined> {
  /** Updates made, from 1. */
  readonly update: number;
  /** By each player's last turn. */
  readonly found: readonly (Found & { readonly learningRate: number })[];
  /** Where this update ended with an evaluation. */
  readonly score?: Score;
  /** The state to go on from; made when called. */
  readonly state: () => TrainState<Value>;
}

/** Yields after every update, in which every player has had its turns, and returns the best weights by the judge. */
export function* train<Draw, Found extends Updated, Score extends Scored, Value = undefined>(
  { players, draw, judge, updates, adjustment }: Training<Draw, Found, Score, Value>,
  resume?: TrainState<Value>,
): Generator<Update<Found, Score, Value>, Best<Value>, void> {
  const weightsNow = (): Float32Array[] => players.map(({ parameters }, k) => averages[k] ?? parameters.read());
  /** The judge sees the averages, where there are some; training goes on from the weights. */
  const evaluate = (): Score => {
    const kept = players.map(({ parameters }, k) => (averages[k] ? parameters.read() : undefined));
    players.forEach(({ parameters }, k) => {
      if (averages[k]) parameters.write(averages[k]);
    });
    const score = judge.evaluate();
    players.forEach(({ parameters }, k) => {
      if (kept[k]) parameters.write(kept[k]);
    });
    return score;
  };

  let value = resume ? resume.value : adjustment?.start;
  const withValue = () => (value === undefined ? {} : { value });
  // Of the state only what is patience: the rest of it is what it was, and would go on into the states to come.
  let patience: Patience = resume ? { withoutGain: resume.withoutGain, drops: resume.drops } : fresh;
  players.forEach(({ parameters }, k) => {
    if (resume) parameters.restore(resume.players[k].parameters);
    else parameters.resetMoments();
  });
  let averages = players.map(({ averaging, parameters }, k) =>
    averaging === undefined ? undefined : (resume?.players[k].average ?? parameters.read()),
  );
  let best = resume?.best ?? { weights: weightsNow(), score: evaluate().score, update: 0, ...withValue() };

  // The rule that ends a training stands at the head of the loop, so that one resumed at its end ends there too.
  for (let update = resume?.update ?? 0; update < updates && goesOn(judge, patience); update++) {
    let turn = 0;
    const found = players.map((player) => {
      const learningRate = player.rate(update, patience.drops);
      let last = player.update(draw(update, turn++, value), { ...player.optimiser, learningRate });
      for (let more = 1; more < (player.turns ?? 1); more++) {
        last = player.update(draw(update, turn++, value), { ...player.optimiser, learningRate });
      }
      return { ...last, learningRate };
    });
    if (adjustment) value = adjustment.updated(value!, found);
    averages = players.map(
      ({ averaging, parameters }, k) => averages[k] && averaged(averages[k], parameters.read(), averaging!, update),
    );
    const evaluates = (update + 1) % judge.every === 0 || update + 1 === updates;
    const score = evaluates ? evaluate() : undefined;
    if (score !== undefined) {
      if (adjustment) value = adjustment.evaluated(value!, score);
      const gains = score.score < best.score;
      if (gains) best = { weights: weightsNow(), score: score.score, update: update + 1, ...withValue() };
      patience = after(judge, patience, gains);
    }
    yield {
      update: update + 1,
      found,
      ...(score === undefined ? {} : { score }),
      state: () => ({
        update: update + 1,
        players: players.map(({ parameters }, k) => ({
          parameters: parameters.state(),
          ...(averages[k] ? { average: averages[k] } : {}),
        })),
        best,
        withoutGain: patience.withoutGain,
        drops: patience.drops,
        ...withValue(),
      }),
    };
  }
  return best;
}
