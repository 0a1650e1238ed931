/**
 * The judge of a JKO step: held-out rows through the block, on a finer grid than that of training, because a block that is
 * scored on the grid it is trained on can buy likelihood that is not there.
 */
import type { RowSource } from "../engine/index.ts";
import { weightScalars } from "../maps/index.ts";
import type { Judge, Scored } from "../train/index.ts";
import { arcObjective } from "./arcLength.ts";
import { objectiveAt } from "./objective.ts";
import type { StepSettings } from "./step.ts";
import type { Workspace } from "./workspace.ts";

export interface BlockScore extends Scored {
  /** E[|x(1)|^2 / 2 - logDet] of held-out rows: the NLL up to a constant, nats. */
  readonly energy: number;
  /** With an arc length: E|x(1) - x(0)|^2. */
  readonly moved?: number;
}

/** `identity`: the score of the rows as they are; any block does better for an arc length. */
export function createBlockJudge(
  { runner, validation, scratch, parameters, probe, measures }: Workspace,
  settings: StepSettings,
): Judge<BlockScore> & { readonly identity: number } {
  const { arc, stepSize, plateau, select = "objective", scoringSteps } = settings;
  const scored = Math.min(settings.validationRows, validation.x.rows);
  const objective = objectiveAt(settings, stepSize);
  const likelihood = objective.terms.find(({ name }) => name === "likelihood")?.weight ?? 0;
  const before = measures.energy(validation, scored);
  /**
   * All terms on held-out rows. Integrals along the path come from the training program, the likelihood does too unless it is
   * an estimate there.
   */
  const wholeLoss = (energy: number): number => {
    const inputs: Record<string, RowSource> = { x: validation.x };
    if (validation.condition) inputs.condition = validation.condition;
    if (probe) inputs.probe = { table: probe.table, from: 0 };
    const program = runner.training(scoringSteps, "plain", objective.terms);
    const values = program.run({ parameters, inputs, scalars: weightScalars(objective), rows: scored });
    if (runner.config.divergence === "exact") return values.loss[0];
    return values.loss[0] + likelihood * (energy - (values.energy[0] - values.logDet[0]));
  };
  return {
    every: settings.evaluateEvery,
    patience: settings.patience,
    ...(plateau ? { plateau } : {}),
    evaluate: () => {
      runner.push(parameters, validation, scratch, { steps: scoringSteps, rows: scored });
      const { change, moved } = measures.compare(validation, scratch, scored);
      const energy = before + change;
      if (arc) return { energy, score: arcObjective(energy, moved, arc), moved };
      if (select === "nll") return { energy, score: energy };
      if (select === "loss") return { energy, score: wholeLoss(energy) };
      return { energy, score: energy + moved / (2 * stepSize) };
    },
    identity: arc ? Infinity : (select === "loss" ? likelihood : 1) * before,
  };
}
