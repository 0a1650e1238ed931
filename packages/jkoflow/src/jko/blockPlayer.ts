/**
 * The player of a JKO step: one block, moved by the gradient of the discrete solution over a batch of particles.
 *
 * Ours, after measurements: the number of Runge-Kutta steps is drawn at random at every update, because a block that is
 * trained and scored on one coarse grid can buy likelihood that is not there; decoupled weight decay and jitter of the inputs
 * against over-fitting on small tables.
 */
import type { OptimiserStep, RowSource } from "../engine/index.ts";
import { weightScalars } from "../maps/index.ts";
import { rk4 } from "../ode/index.ts";
import { fold, integers, type Key } from "../random/index.ts";
import { cosineRate, createBatches, type Player, plateauRate } from "../train/index.ts";
import { createAdaptiveUpdate } from "./adaptiveUpdate.ts";
import type { ArcState } from "./arcLength.ts";
import type { BlockDraw, BlockFound } from "./blockDraw.ts";
import { clampParameters } from "./clamp.ts";
import { objectiveAt } from "./objective.ts";
import type { StepSettings } from "./step.ts";
import type { Workspace } from "./workspace.ts";

/** Updates over which the learning rate of a block rises. */
const LONGEST_WARMUP = 30;
const LARGEST_DRAW = 2 ** 30;

export interface BlockPlayer {
  readonly player: Player<BlockDraw, BlockFound>;
  readonly draw: (update: number, turn: number, arc: ArcState | undefined) => BlockDraw;
  dispose(): void;
}

export function createBlockPlayer(workspace: Workspace, settings: StepSettings, key: Key): BlockPlayer {
  const { runner, train, parameters, noise, probe } = workspace;
  const { updates, solverSteps, stepSize, plateau, averaging, weightDecay, clip } = settings;
  const { substeps: choice = "drawn" } = settings;
  const objective = objectiveAt(settings, stepSize);
  const { terms } = objective;
  const input = settings.jitter > 0 && noise ? "jittered" : "plain";
  const jitter: Record<string, number> = input === "jittered" ? { jitter: settings.jitter } : {};
  const warmup = Math.min(LONGEST_WARMUP, updates / 10);
  const cosine = { warmup, peak: settings.learningRate, floor: settings.learningRateFloor, updates };
  const batches = createBatches(fold(key, "batches"), train.x.rows, Math.min(settings.batchSize, train.x.rows));

  const draw = (update: number, _turn: number, arc: ArcState | undefined): BlockDraw => {
    const numbers = integers(fold(key, "update", update), 2, 0, LARGEST_DRAW);
    const indices = batches.at(update);
    const inputs: Record<string, RowSource> = { x: train.x };
    if (input === "jittered") inputs.noise = noise!.take(numbers[1], indices.length);
    if (probe) {
      inputs.probe = probe.take(integers(fold(key, "probe", update), 1, 0, LARGEST_DRAW)[0], indices.length);
    }
    if (train.condition) inputs.condition = train.condition;
    if (train.mean) inputs.mean = train.mean;
    return {
      indices,
      steps: choice === "fixed" ? solverSteps : Math.max(1, solverSteps - 1 + (numbers[0] % 3)),
      inputs,
      scalars: { ...weightScalars(arc ? objectiveAt(settings, arc.stepSize) : objective), ...jitter },
    };
  };
  const equalSteps = ({ steps, ...batch }: BlockDraw, by: OptimiserStep): BlockFound => {
    const evaluations = steps * (runner.config.tableau ?? rk4).nodes.length * (runner.config.chain ?? 1);
    return {
      ...runner.training(steps, input, terms).step({ ...batch, parameters }, by),
      evaluations: { forward: evaluations, backward: evaluations },
    };
  };
  const adaptive = settings.adaptive && createAdaptiveUpdate(runner, parameters, objective, settings.adaptive);
  const update = adaptive?.update ?? equalSteps;
  return {
    draw,
    player: {
      name: "block",
      parameters,
      rate: (at, drops) => (plateau ? plateauRate(cosine.peak, plateau, drops) : cosineRate(cosine, at)),
      optimiser: { weightDecay, clip },
      ...(averaging === undefined ? {} : { averaging }),
      update: (drawn, by) => {
        if (settings.clamp !== undefined) clampParameters(parameters, settings.clamp);
        return update(drawn, by);
      },
    },
    dispose: () => adaptive?.dispose(),
  };
}
