/** The objective of a block with the step size it has now: the functional of its settings, and the movement with weight 1/h. */
import { type Functional, likelihood, movement, sum } from "../functionals/index.ts";
import type { StepSettings } from "./step.ts";

export function objectiveAt(
  { objective = likelihood() }: Pick<StepSettings, "objective">,
  stepSize: number,
): Functional {
  return Number.isFinite(stepSize) ? sum([1, objective], [1 / stepSize, movement()]) : objective;
}
