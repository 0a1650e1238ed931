/** The phases of a step of a saddle: first the identity where a map does not begin with it, then the game. */
import { fold, integers, type Key } from "../random/index.ts";
import { cosineRate } from "../train/index.ts";
import type { Phase, Step } from "./mapSteps.ts";
import type { ReferenceRows } from "./reference.ts";
import { drawBatch } from "./rowSet.ts";
import type { Saddle } from "./saddle.ts";
import type { SaddleDraw, SaddleRows } from "./saddleRows.ts";

export interface SaddleTurns {
  readonly learningRate: number;
  readonly learningRateFloor: number;
  /** Of the critic for one of the map. */
  readonly criticTurns: number;
  readonly poolRows: number;
  readonly batchSize: number;
}

/** What a step is chosen by: F and the distance moved on held-out rows, by the map as it is. */
export type Score = (heldOut: SaddleRows) => { readonly energy: number; readonly moved: number };

/** Updates over which the rate rises. */
const WARMUP = 20;

/** Rates of so many updates: up to the peak, then down to its floor. */
export const saddleRate =
  ({ learningRate: peak, learningRateFloor: floor }: SaddleTurns, updates: number) =>
  (update: number): number =>
    cosineRate({ warmup: WARMUP, peak, floor, updates }, update);

/** What a turn is made of. */
export const drawTurn = (
  key: Key,
  { poolRows, batchSize }: SaddleTurns,
  company: "alone" | "with others",
): SaddleDraw => ({
  ...drawBatch(fold(key, "rows"), poolRows, batchSize, company),
  reference: integers(fold(key, "reference"), 1, 0, 2 ** 30)[0],
});

/** One phase of a step of size h. */
export function saddlePhase(
  name: "identity" | "step",
  updates: number,
  h: number,
  { rows, heldOut }: Step<SaddleRows>,
  {
    saddle,
    reference,
    meter,
  }: { readonly saddle: Saddle; readonly reference: ReferenceRows; readonly meter: { readonly score?: Score } },
  turns: SaddleTurns,
): Phase<SaddleDraw> {
  const rate = saddleRate(turns, updates);
  const { score } = meter;
  const evaluate = (): { readonly score: number } => {
    const { moved, energy } = score!(heldOut);
    return { score: name === "identity" ? moved : moved / 2 + h * energy };
  };
  return {
    name,
    updates,
    players: [
      saddle.mapPlayer(name, rows, h, rate),
      ...(name === "step" ? saddle.criticPlayers(rows, reference, turns.criticTurns, rate) : []),
    ],
    draw: (key) => drawTurn(key, turns, rows.pair ? "with others" : "alone"),
    ...(score ? { judge: { every: updates, patience: Number.POSITIVE_INFINITY, evaluate } } : {}),
  };
}
