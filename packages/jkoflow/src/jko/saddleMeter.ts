/**
 * F on held-out rows while a saddle is trained, and the gap of each step: what the critic's bound falls short of F.
 *
 *   exact       F by change of variables, where the maps give log-determinants and every density that F asks for is known
 *   by a rival  the bound of a second critic, which goes on from the first against the map as it is: where the target is rows, or the
 *               columns are too many for log-determinants. F is then a lower bound, and the gap what the rival adds to the critic's.
 */
import type { Distribution } from "../distributions/index.ts";
import { fold, type Key } from "../random/index.ts";
import type { MapPrograms } from "./mapPrograms.ts";
import type { StepReport } from "./mapSteps.ts";
import type { ReferenceRows } from "./reference.ts";
import type { Saddle } from "./saddle.ts";
import { drawTurn, type SaddleTurns, type Score, saddleRate } from "./saddlePhases.ts";
import { disposeSaddleRows, type SaddleRows, scored } from "./saddleRows.ts";

export interface SaddleMeter {
  /** n rows of the start that no step is trained on. */
  draw(key: Key, n: number): SaddleRows;
  /** Moves them in place by the map of step k. */
  push(rows: SaddleRows, weights: Float32Array, k: number): void;
  /** What a step is chosen by, of the map as it is; absent: its last weights are kept. */
  readonly score?: Score;
  /** Of the map of a step, or of the start. */
  report(heldOut: SaddleRows, weights?: Float32Array): StepReport;
}

export const exactMeter = (programs: MapPrograms, saddle: Saddle, reference: ReferenceRows): SaddleMeter => ({
  draw: programs.draw,
  push: (rows, weights, k) => programs.push(scored(rows), weights, k),
  score: (heldOut) => programs.measure(scored(heldOut), saddle.map.read()),
  report: (heldOut, weights) => {
    const { terms, ...measured } = programs.measure(scored(heldOut), weights);
    const gap: StepReport = weights ? { gap: measured.energy - saddle.bound(heldOut, reference, "critic").energy } : {};
    return { ...measured, ...gap, ...terms };
  },
});

/** How a rival is trained: by as many updates, and turns in each, as the critic of a step. */
export interface RivalTraining extends SaddleTurns {
  readonly start: Distribution;
  readonly updates: number;
  /** The rows that the last step was trained on; none before the first. */
  rows(): SaddleRows | undefined;
  /** Both players go on in the units of these rows. */
  begin(step: number, rows: SaddleRows): void;
}

export const rivalMeter = (
  saddle: Saddle,
  reference: ReferenceRows,
  key: Key,
  { start, updates, rows, begin, ...turns }: RivalTraining,
): SaddleMeter => {
  const count = updates * turns.criticTurns;
  const train = (by: SaddleRows, from: Key): void => {
    const company = by.pair ? "with others" : "alone";
    const draws = Array.from({ length: count }, (_, turn) => drawTurn(fold(from, turn), turns, company));
    saddle.trainRival(by, reference, draws, saddleRate(turns, count));
  };
  return {
    draw: (from, n) => saddle.draw(start, from, n),
    push: saddle.push,
    report: (heldOut, weights) => {
      if (weights) {
        train(rows()!, fold(key, "rival", "step"));
        const { moved, ...found } = saddle.bound(heldOut, reference, "rival");
        return { ...found, moved, gap: found.energy - saddle.bound(heldOut, reference, "critic").energy };
      }
      const pool = saddle.draw(start, fold(key, "rival", "pool"), turns.poolRows);
      try {
        begin(0, pool);
        train(pool, fold(key, "rival", "start"));
        return { ...saddle.bound(heldOut, reference, "rival"), moved: 0 };
      } finally {
        disposeSaddleRows(pool);
      }
    },
  };
};
