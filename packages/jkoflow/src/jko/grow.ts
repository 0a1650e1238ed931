/**
 * Block-wise growth of a flow: Algorithm 1 of arXiv:2212.14424 with a held-out check of every block.
 *
 *   k = 1; while k <= L: train block k on the particles, check it on held-out rows, push all rows through it
 *
 * A block that does harm is dropped and tried again from a zero output layer with h/2 and half the rate; after the last try
 * growth ends with the blocks before it. Two neutral blocks in a row end it too. A flow without blocks is the standard normal.
 */
import { NumericError } from "../errors/index.ts";
import {
  type BlockConfig,
  type BlockRunner,
  blockSize,
  createParticles,
  disposeParticles,
  type FlowBlock,
  initBlock,
  type Particles,
  restartScale,
  type Weights,
} from "../flow/index.ts";
import { fold, type Key, normal, rademacher } from "../random/index.ts";
import { createBreather } from "./breather.ts";
import { energyOf } from "./energy.ts";
import type {
  BlockReport,
  Growth,
  GrowthEvent,
  GrowthRows,
  GrowthSettings,
  GrowthState,
  StopReason,
} from "./growth.ts";
import { stepSettings } from "./growthSteps.ts";
import { accepts, checkBlock, judge } from "./heldOut.ts";
import { trainStep } from "./jkoStep.ts";
import { createNoisePool } from "./noisePool.ts";
import { checkGrowthState, refuse } from "./stateCheck.ts";
import type { StepState } from "./step.ts";

/** A divergence estimate and the Jacobian term are made from probes. */
const needsProbe = ({ divergence }: BlockConfig, weights: Weights = {}): boolean =>
  divergence === "hutchinson" || weights.jacobian !== undefined;

/**
 * Grow a flow on standardised rows. `resume` goes on from a state that an event carried, to the same bits.
 * @throws InputError for a state that growth with these settings cannot have come to.
 */
export async function* grow(
  runner: BlockRunner,
  rows: GrowthRows,
  settings: GrowthSettings,
  key: Key,
  resume?: GrowthState,
): AsyncGenerator<GrowthEvent, Growth> {
  const { engine, config } = runner;
  if (resume !== undefined) {
    checkGrowthState(resume, settings, blockSize(config));
    if (resume.stop !== undefined) refuse("stop", resume.stop, "none: growth is to go on");
  }
  const d = config.field.dimension;
  const breathe = createBreather();
  const train = createParticles(engine, rows.train, d, rows.trainCondition, rows.trainMean);
  const validation = createParticles(engine, rows.validation, d, rows.validationCondition, rows.validationMean);
  const scratch = createParticles(engine, rows.validation, d, undefined, rows.validationMean);
  const { acceptance = "any" } = settings;
  // Room for the training rows behind a block under trial; tables that need it are small.
  const room = (): Float32Array => new Float32Array(train.x.rows * d);
  const trial = acceptance === "clear" ? createParticles(engine, room(), d, undefined, rows.trainMean) : undefined;
  const noisy = settings.step.jitter > 0 || settings.initialNoise > 0;
  const noise = noisy ? createNoisePool(runner, fold(key, "noise"), settings.step.batchSize) : undefined;
  const signs = () => rademacher(fold(key, "probe"), Math.max(train.x.rows, validation.x.rows) * d);
  const { probes = "frozen", batchSize, validationRows } = settings.step;
  const scored = Math.min(validationRows, validation.x.rows); // held-out rows whose Jacobian term is estimated
  const probe = !needsProbe(config, settings.step.weights)
    ? undefined
    : probes === "frozen"
      ? engine.table(Math.max(train.x.rows, validation.x.rows), d, signs())
      : createNoisePool(runner, fold(key, "probes"), batchSize, probes === "gaussian" ? normal : rademacher, scored);
  const parameters = engine.parameters(initBlock(config, fold(key, "init"), settings.outputScale));

  const blocks: FlowBlock[] = [...(resume?.blocks ?? [])];
  const reports: BlockReport[] = [...(resume?.reports ?? [])];
  let neutral = resume?.neutral ?? 0;
  let extraSteps = resume?.extraSteps ?? 0;
  let firstAttempt = resume?.attempt ?? 0;
  let halfDone = resume?.step;

  /** Asked after each block, and again when growth goes on from a state taken right after it. */
  const endedBy = (last: BlockReport | undefined): StopReason | undefined => {
    if (!last?.accepted) return undefined;
    if (neutral >= 2) return "no gain";
    return last.movementRatio < settings.movementRatio ? "movement below the limit" : undefined;
  };

  /** Whether the block in `parameters` lowers the NLL of the training rows, whose log-determinants are nowhere summed up. */
  const gainsOnTraining = (to: Particles, steps: number): boolean => {
    runner.push(parameters, train, to, { steps });
    return energyOf(to, train.x.rows) < energyOf(train, train.x.rows);
  };

  const advance = (weights: Float32Array, steps: number, scoringSteps: number): void => {
    parameters.write(weights);
    runner.push(parameters, train, train, { steps, gathered: "positions" });
    runner.push(parameters, validation, validation, { steps: scoringSteps });
  };

  try {
    for (const report of reports.filter(({ accepted }) => accepted)) {
      const extra = report.steps - settings.step.solverSteps;
      advance(blocks[report.block - 1].weights, report.steps, settings.step.scoringSteps + 2 * extra);
      await breathe();
    }
    let stop: StopReason = endedBy(resume?.reports.at(-1)) ?? "largest number of blocks";
    const limit = settings.largestBlocks + (settings.freeBlock ? 1 : 0);
    while (blocks.length < limit && stop === "largest number of blocks") {
      const block = blocks.length + 1;
      let accepted = false;
      for (let attempt = firstAttempt; attempt <= settings.retries && !accepted; attempt++) {
        const step = stepSettings(settings, block, attempt, extraSteps);
        const stepKey = fold(key, "block", block, attempt);
        if (halfDone === undefined) {
          const previous = attempt === 0 ? blocks[blocks.length - 1]?.weights : undefined;
          const scale = attempt === 0 ? settings.outputScale : restartScale(config.field);
          parameters.write(previous ?? initBlock(config, fold(stepKey, "init"), scale));
        }
        const state = (inner?: StepState): GrowthState => {
          const common = { blocks: [...blocks], reports: [...reports], attempt, neutral, extraSteps };
          return inner ? { ...common, step: inner } : common;
        };

        let best: StepState["best"] | undefined;
        let updates = halfDone?.update ?? 0;
        let finite = true;
        const context = { runner, train, validation, scratch, parameters, noise, probe };
        const training = trainStep(context, step, stepKey, halfDone);
        halfDone = undefined;
        try {
          for (;;) {
            const next = training.next();
            if (next.done) {
              best = next.value;
              break;
            }
            const { progress, state: inner } = next.value;
            updates = progress.update;
            yield { type: "update", block, attempt, updates: step.updates, progress, state: () => state(inner()) };
            await breathe();
          }
        } catch (error) {
          if (!(error instanceof NumericError)) throw error;
          finite = false;
        }

        const before = energyOf(validation, validation.x.rows);
        if (best) parameters.write(best.weights);
        const check = best && finite ? checkBlock(runner, parameters, validation, scratch, step) : undefined;
        let verdict = finite ? judge(check, settings.largestGap) : "refused: not finite";
        accepted = accepts(verdict, check, acceptance, block);
        if (trial && accepted && !gainsOnTraining(trial, step.scoringSteps)) {
          verdict = "no gain on training rows";
          accepted = false;
        }
        const nothing = { change: 0, changeError: 0, solverGap: 0, movementRatio: 0, arcLength: 0 };
        const report: BlockReport = {
          block,
          attempt,
          accepted,
          verdict,
          stepSize: step.stepSize,
          steps: step.solverSteps,
          updates,
          bestUpdate: best?.update ?? 0,
          validationEnergy: before + (accepted ? check!.change : 0),
          ...(check ?? nothing),
        };
        reports.push(report);
        if (accepted) {
          blocks.push({ weights: best!.weights, stepSize: step.stepSize });
          advance(best!.weights, step.solverSteps, step.scoringSteps);
          neutral = verdict === "neutral" ? neutral + 1 : 0;
        } else if (verdict === "refused: solver gap") {
          extraSteps += 2;
        }
        yield { type: "block", report, state: () => ({ ...state(), attempt: accepted ? 0 : attempt + 1 }) };
        await breathe();
        stop = endedBy(report) ?? stop;
      }
      firstAttempt = 0;
      if (!accepted) stop = "block rejected";
    }
    return { blocks, reports, stop };
  } finally {
    for (const particles of [train, validation, scratch]) disposeParticles(particles);
    if (trial) disposeParticles(trial);
    noise?.table.dispose();
    if (probe) ("cols" in probe ? probe : probe.table).dispose();
    parameters.dispose();
  }
}
