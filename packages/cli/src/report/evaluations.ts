/**
 * What a run cost in evaluations of the field (NFE), of a whole batch each: unlike seconds, the same on every machine.
 *
 * Of training: summed over the updates in the log, those of blocks and rounds that were dropped included, and not those of
 * held-out rows. A resumed run continues the same log, so no update counts twice and none is lost.
 */
import { type Model, ode } from "jkoflow";
import { count } from "../progress/numbers.ts";

export interface TrainingEvaluations {
  readonly updates: number;
  readonly forward: number;
  /** Products with the field's Jacobian, in gradients. */
  readonly backward: number;
}

export interface Evaluations extends TrainingEvaluations {
  /** Of the density of a row, by the equal steps that the model comes with. */
  readonly density: number;
}

/** From the lines of events.jsonl. */
export function trainingEvaluations(events: readonly Readonly<Record<string, unknown>>[]): TrainingEvaluations {
  let [updates, forward, backward] = [0, 0, 0];
  for (const line of events) {
    if (line.event !== "update") continue;
    updates++;
    forward += Number(line.forward);
    backward += Number(line.backward);
  }
  return { updates, forward, backward };
}

export const densityEvaluations = ({ flow: { block, blocks, steps } }: Model): number =>
  blocks.reduce((sum, { steps: own = steps }) => sum + own, 0) * (block.tableau ?? ode.rk4).nodes.length;

/** Of one update on average, forward and backward. */
export const perUpdate = ({ updates, forward, backward }: TrainingEvaluations): string =>
  [forward, backward].map((total) => (updates === 0 ? "-" : String(Number((total / updates).toFixed(1))))).join(" / ");

export const evaluationsInWords = ({ updates, forward, backward, density }: Evaluations): string =>
  `${count(forward)} forward and ${count(backward)} backward in ${count(updates)} updates; ${count(density)} for a density`;
