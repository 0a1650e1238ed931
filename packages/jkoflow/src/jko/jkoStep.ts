/**
 * One JKO step: train one block from the particles of the previous one.
 *
 *   p_k = argmin_p KL(p | N(0, I)) + W_2^2(p_{k-1}, p) / (2 h_k)
 *
 * Source: arXiv:2212.14424, section 3 (the loss) and Algorithm 1 (the loop). Ours, after measurements: the number of
 * Runge-Kutta steps is drawn at random at every update and held-out rows are scored on a finer grid, because a block that is
 * trained and scored on one coarse grid can buy likelihood that is not there; the best weights by held-out NLL are kept;
 * decoupled weight decay and jitter of the inputs against over-fitting on small tables.
 */
import { isTable, type OptimiserStep, type RowSource } from "../engine/index.ts";
import { termNames, type Weights, weightScalars } from "../flow/index.ts";
import { rk4 } from "../ode/index.ts";
import { fold, integers, type Key } from "../random/index.ts";
import { cosineRate, createBatches, plateauRate } from "../train/index.ts";
import { createAdaptiveUpdater, type Probes } from "./adaptiveUpdate.ts";
import { type ArcState, arcObjective, correctArc, followArc } from "./arcLength.ts";
import { energyOf, movementOf } from "./energy.ts";
import { drawn } from "./noisePool.ts";
import type { StepContext, StepProgress, StepSettings, StepState } from "./step.ts";
import { averaged, clampParameters } from "./weights.ts";

/** Updates over which the learning rate of a block rises. */
const LONGEST_WARMUP = 30;

const probesOf = (source: RowSource | undefined): Probes | undefined =>
  source && (isTable(source) ? { table: source } : source);

const hOf = (arc: ArcState | undefined) => (arc ? { stepSize: arc.stepSize } : {});

/**
 * Train a block from the weights in `context.parameters`. Yields after every update and returns the best weights by
 * held-out objective; the weights before the first update are a candidate too, and so is the identity, whose objective is
 * that of the rows as they are: when it wins, there are no weights.
 */
export function* trainStep(
  context: StepContext,
  settings: StepSettings,
  key: Key,
  resume?: StepState,
): Generator<{ progress: StepProgress; state: () => StepState }, StepState["best"] | undefined> {
  const { runner, train, validation, scratch, parameters, noise, probe } = context;
  const { updates, solverSteps, stepSize, arc, plateau, averaging } = settings;
  const { select = "objective", substeps: choice = "drawn" } = settings;
  if (arc && settings.adaptive)
    throw new Error("an arc length cannot be followed with adaptive steps: they keep one h");
  const weightsAt = (h: number): Weights => ({
    likelihood: 1,
    ...settings.weights,
    ...(Number.isFinite(h) ? { movement: 1 / h } : {}),
  });
  const weights = weightsAt(stepSize);
  const terms = termNames(weights);
  const scored = Math.min(settings.validationRows, validation.x.rows);
  /** Held-out NLL (up to a constant) and objective. */
  const evaluate = (): { energy: number; objective: number; moved?: number } => {
    runner.push(parameters, validation, scratch, { steps: settings.scoringSteps, rows: scored });
    const energy = energyOf(scratch, scored);
    if (arc) {
      const moved = movementOf(validation, scratch, scored);
      return { energy, objective: arcObjective(energy, moved, arc), moved };
    }
    if (select === "nll") return { energy, objective: energy };
    if (select === "loss") return { energy, objective: wholeLoss(energy) };
    return { energy, objective: energy + movementOf(validation, scratch, scored) / (2 * stepSize) };
  };
  /**
   * All terms on held-out rows. Integrals along the path come from the training program, the likelihood does too unless it is
   * an estimate there.
   */
  const wholeLoss = (energy: number): number => {
    const scalars = weightScalars(weights);
    const inputs: Record<string, RowSource> = { x: validation.x };
    if (validation.condition) inputs.condition = validation.condition;
    if (probe) inputs.probe = "cols" in probe ? { table: probe, from: 0 } : { table: probe.table, from: 0 };
    const program = runner.training(settings.scoringSteps, "plain", terms);
    const values = program.run({ parameters, inputs, scalars, rows: scored });
    if (runner.config.divergence === "exact") return values.loss[0];
    return values.loss[0] + (weights.likelihood ?? 0) * (energy - (values.energy[0] - values.logDet[0]));
  };
  /** Held-out rows under these weights, or under those in training. */
  const scoreOf = (values: Float32Array | undefined): ReturnType<typeof evaluate> => {
    if (values === undefined) return evaluate();
    const trained = parameters.read();
    parameters.write(values);
    const scores = evaluate();
    parameters.write(trained);
    return scores;
  };
  const identity = arc ? Infinity : (select === "loss" ? (weights.likelihood ?? 0) : 1) * energyOf(validation, scored);

  let best = resume?.best;
  let withoutGain = resume?.withoutGain ?? 0;
  let drops = resume?.drops ?? 0;
  let onArc: ArcState | undefined = arc && (resume?.arc ?? { stepSize, excess: 0 });
  if (resume) parameters.restore(resume.parameters);
  else {
    parameters.resetMoments();
    best = { weights: parameters.read(), objective: evaluate().objective, update: 0, ...hOf(onArc) };
  }
  let average = averaging === undefined ? undefined : (resume?.average ?? parameters.read());
  const warmup = Math.min(LONGEST_WARMUP, updates / 10);
  const rate = { warmup, peak: settings.learningRate, floor: settings.learningRateFloor, updates };
  const batches = createBatches(fold(key, "batches"), train.x.rows, Math.min(settings.batchSize, train.x.rows));
  const jittered = settings.jitter > 0 && noise !== undefined;
  const adaptive = settings.adaptive && createAdaptiveUpdater(runner, train.x, weights, settings.adaptive);
  const noiseScalar: Record<string, number> = jittered ? { jitter: settings.jitter } : {};
  const step = (steps: number, indices: Int32Array, inputs: Record<string, RowSource>, optimiser: OptimiserStep) => {
    const scalars = { ...weightScalars(onArc ? weightsAt(onArc.stepSize) : weights), ...noiseScalar };
    return runner
      .training(steps, jittered ? "jittered" : "plain", terms)
      .step({ parameters, indices, inputs, scalars }, optimiser);
  };

  // The rule that ends a block stands at the head of the loop, so that a block resumed at its end ends there too.
  const goesOn = (): boolean => (plateau ? drops <= plateau.drops : withoutGain < settings.patience);
  try {
    for (let update = resume?.update ?? 0; update < updates && goesOn(); update++) {
      const draw = integers(fold(key, "update", update), 2, 0, 2 ** 30);
      const substeps = choice === "fixed" ? solverSteps : Math.max(1, solverSteps - 1 + (draw[0] % 3));
      const indices = batches.at(update);
      const learningRate = plateau ? plateauRate(rate.peak, plateau, drops) : cosineRate(rate, update);
      const inputs: Record<string, RowSource> = { x: train.x };
      if (jittered) inputs.noise = drawn(noise, draw[1], indices.length);
      if (probe) {
        const place = integers(fold(key, "probe", update), 1, 0, 2 ** 30)[0];
        inputs.probe = "cols" in probe ? probe : drawn(probe, place, indices.length);
      }
      if (settings.clamp !== undefined) clampParameters(parameters, settings.clamp);
      if (train.condition) inputs.condition = train.condition;
      if (train.mean) inputs.mean = train.mean;
      const optimiser = { learningRate, weightDecay: settings.weightDecay, clip: settings.clip };
      const fixed = substeps * (runner.config.tableau ?? rk4).nodes.length * (runner.config.chain ?? 1);
      const equalSteps = () => ({
        ...step(substeps, indices, inputs, optimiser),
        evaluations: { forward: fixed, backward: fixed },
      });
      const { values, gradientNorm, evaluations } = adaptive
        ? adaptive.update(parameters, indices, probesOf(inputs.probe), optimiser)
        : equalSteps();
      if (arc) onArc = followArc(onArc!, values.movement[0], arc);
      if (average) average = averaged(average, parameters.read(), averaging!, update);
      const evaluates = (update + 1) % settings.evaluateEvery === 0 || update + 1 === updates;
      const now = evaluates ? scoreOf(average) : undefined;
      if (now !== undefined) {
        if (arc) onArc = correctArc(onArc!, now.moved!);
        if (now.objective < best!.objective) {
          best = { weights: average ?? parameters.read(), objective: now.objective, update: update + 1, ...hOf(onArc) };
          withoutGain = 0;
        } else withoutGain++;
        if (plateau && withoutGain > plateau.patience * (plateau.counts === "on" ? drops + 1 : 1)) {
          drops++;
          if (plateau.counts === "anew") withoutGain = 0;
        }
      }
      const [loss, energy, logDet, movement] = ["loss", "energy", "logDet", "movement"].map((name) => values[name][0]);
      const path = terms.filter((term) => term !== "movement" && term in values).map((term) => [term, values[term][0]]);
      const integrals = path.length > 0 ? { integrals: Object.fromEntries(path) } : {};
      const progress = {
        update: update + 1,
        loss,
        energy,
        logDet,
        movement,
        ...integrals,
        gradientNorm,
        learningRate,
        evaluations,
      };
      yield {
        progress: now === undefined ? progress : { ...progress, score: now.energy },
        state: () => ({
          update: update + 1,
          parameters: parameters.state(),
          best: best!,
          withoutGain,
          ...(plateau ? { drops } : {}),
          ...(average ? { average } : {}),
          ...(onArc ? { arc: onArc } : {}),
        }),
      };
    }
  } finally {
    adaptive?.dispose();
  }
  return best!.objective < identity ? best : undefined;
}
