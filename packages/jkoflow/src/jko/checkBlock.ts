/** What a finished block does to held-out rows, summed in the engine. */
import type { Check } from "./heldOut.ts";
import type { StepSettings } from "./step.ts";
import type { Workspace } from "./workspace.ts";

/**
 * Held-out rows through the block in the workspace's parameters: all of them on the scoring grid, the first `validationRows` on one
 * twice as fine too.
 */
export function checkBlock(
  { runner, parameters, validation, scratch, measures }: Workspace,
  { scoringSteps, validationRows }: Pick<StepSettings, "scoringSteps" | "validationRows">,
): Check {
  const n = validation.x.rows;
  const some = Math.min(n, validationRows);
  runner.push(parameters, validation, scratch, { steps: 2 * scoringSteps, rows: some });
  const fine = measures.compare(validation, scratch, some).change;
  runner.push(parameters, validation, scratch, { steps: scoringSteps });
  const { change, moved, size } = measures.compare(validation, scratch, n);
  const coarse = some === n ? change : measures.compare(validation, scratch, some).change;
  return {
    change,
    changeError: measures.error(validation, scratch, n, change),
    solverGap: Math.abs(fine - coarse),
    movementRatio: moved / size,
    arcLength: Math.sqrt(moved),
  };
}
