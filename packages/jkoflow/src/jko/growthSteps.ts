/** How growth trains the next block, given where it is. */
import type { GrowthSettings } from "./growth.ts";
import type { StepSettings } from "./step.ts";
import { stepSize } from "./stepSizes.ts";

/** Which try of which block is next, and what the ones before have left. */
export interface Plan {
  readonly block: number;
  readonly attempt: number;
  readonly neutral: number;
  readonly extraSteps: number;
}

/** Settings of one try of one block. */
export function stepSettings(
  settings: GrowthSettings,
  block: number,
  attempt: number,
  extraSteps: number,
): StepSettings {
  const { step, stepSizes, largestBlocks, initialNoise } = settings;
  const h = block > largestBlocks ? Infinity : stepSize(stepSizes, block - 1) / 2 ** attempt;
  return {
    ...step,
    stepSize: h,
    learningRate: step.learningRate / 2 ** attempt,
    jitter: block === 1 ? Math.hypot(step.jitter, initialNoise) : step.jitter,
    solverSteps: step.solverSteps + extraSteps,
    scoringSteps: step.scoringSteps + 2 * extraSteps,
  };
}
