/** Weights kept at or above a number, after an update. */
import type { Parameters } from "../engine/index.ts";
import type { LowerBound } from "../maps/index.ts";

/** The moments stay: a weight at its bound leaves it as soon as its averaged gradient says so. */
export function keepAbove(parameters: Parameters, bounds: readonly LowerBound[]): void {
  if (bounds.length === 0) return;
  const values = parameters.read();
  for (const { from, to, least } of bounds) {
    for (let i = from; i < to; i++) if (values[i] < least) values[i] = least;
  }
  parameters.write(values);
}
