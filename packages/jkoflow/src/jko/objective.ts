/** The objective of a block with the step size it has now: the terms of its settings, and the movement with weight 1/h. */
import type { Weights } from "../maps/index.ts";
import type { StepSettings } from "./step.ts";

export const weightsAt = (settings: Pick<StepSettings, "weights">, stepSize: number): Weights => ({
  likelihood: 1,
  ...settings.weights,
  ...(Number.isFinite(stepSize) ? { movement: 1 / stepSize } : {}),
});
