/**
 * Block-wise growth of a flow: Algorithm 1 of arXiv:2212.14424 with a held-out check of every block.
 *
 *   k = 1; while k <= L: train block k on the particles, check it, push all rows through it
 *
 * The check (ours). delta_i = nll_i(k) - nll_i(k-1) over held-out rows, mean m, standard error e:
 *   m < -2 e            improved: keep
 *   |m| <= 2 e          neutral: keep if m <= 0; two neutral blocks in a row end the growth ("no-gain")
 *   m > 2 e             harmful: drop, try again from a zero output layer with h/2 and half the rate, then stop
 * A block whose held-out NLL changes by more than `largestGap` nats when its number of solver steps is doubled is refused
 * too: its likelihood is an artefact of the grid.
 */
import { NumericError } from "../errors/index.ts";
import type { BlockRunner, FlowBlock } from "../flow/index.ts";
import { createParticles, disposeParticles } from "../flow/index.ts";
import { initMlp } from "../nn/index.ts";
import { fold, type Key, rademacher } from "../random/index.ts";
import {
  createNoisePool,
  energies,
  type StepProgress,
  type StepSettings,
  type StepState,
  trainStep,
} from "./jkoStep.ts";
import { type StepSizes, stepSize } from "./stepSizes.ts";

export interface GrowthSettings {
  readonly stepSizes: StepSizes;
  readonly largestBlocks: number;
  /** Tries of one block after the first. */
  readonly retries: number;
  /** Step-doubling difference of the held-out NLL above which a block is refused, nats. */
  readonly largestGap: number;
  /** Stop when E|x - T(x)|^2 / E|T(x)|^2 of held-out rows falls below this (the paper's rule); 0: never. */
  readonly movementRatio: number;
  /** One last block without movement term (h = infinity) when the largest number of blocks was reached. */
  readonly freeBlock: boolean;
  /** Standard deviation of noise on the batches of the first block: a small initial diffusion. */
  readonly initialNoise: number;
  /** Factor of the output layer of the very first block at its start. */
  readonly outputScale: number;
  readonly step: Omit<StepSettings, "stepSize">;
}

export type Verdict =
  | "improved"
  | "neutral"
  | "harmful"
  | "refused: solver gap"
  | "refused: not finite"
  | "no better than the identity";

export interface BlockReport {
  readonly block: number;
  readonly attempt: number;
  readonly accepted: boolean;
  readonly verdict: Verdict;
  /** Infinity (a free block) is written as null in JSON. */
  readonly stepSize: number;
  readonly steps: number;
  readonly updates: number;
  readonly bestUpdate: number;
  /** Held-out NLL after this block, without the standardiser's part, nats; before it if the block was dropped. */
  readonly validationEnergy: number;
  /** Paired change of the held-out NLL and its standard error, nats. */
  readonly change: number;
  readonly changeError: number;
  /** Change of the held-out NLL when the solver steps are doubled, nats. */
  readonly solverGap: number;
  /** E|x - T(x)|^2 / E|T(x)|^2 over held-out rows. */
  readonly movementRatio: number;
  /** ( E|x - T(x)|^2 )^(1/2): the arc length of the block. */
  readonly arcLength: number;
}

export interface GrowthState {
  readonly blocks: readonly FlowBlock[];
  readonly reports: readonly BlockReport[];
  readonly attempt: number;
  readonly neutral: number;
  /** Solver steps added after a refusal. */
  readonly extraSteps: number;
  readonly step?: StepState;
}

export type StopReason = "largest number of blocks" | "no gain" | "block rejected" | "movement below the limit";

export type GrowthEvent =
  | {
      readonly type: "update";
      readonly block: number;
      readonly attempt: number;
      readonly updates: number;
      readonly progress: StepProgress;
      /** The state to resume from; made when called. */
      readonly state: () => GrowthState;
    }
  | { readonly type: "block"; readonly report: BlockReport; readonly state: () => GrowthState };

export interface Growth {
  readonly blocks: readonly FlowBlock[];
  readonly reports: readonly BlockReport[];
  readonly stop: StopReason;
}

export interface GrowthRows {
  /** `[n, d]`, row-major. */
  readonly train: Float32Array;
  readonly validation: Float32Array;
}

/** Let timers and signal handlers run, now and then. */
function breather(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < 50) return;
    const immediate = (globalThis as { setImmediate?: (f: () => void) => void }).setImmediate;
    await new Promise<void>((resolve) => (immediate ? immediate(resolve) : setTimeout(resolve, 0)));
    last = performance.now();
  };
}

/** Grow a flow on standardised rows. `resume` goes on from a state that an event carried, to the same bits. */
export async function* grow(
  runner: BlockRunner,
  rows: GrowthRows,
  settings: GrowthSettings,
  key: Key,
  resume?: GrowthState,
): AsyncGenerator<GrowthEvent, Growth> {
  const { engine } = runner;
  const { field } = runner.config;
  const d = field.dimension;
  const breathe = breather();
  const train = createParticles(engine, rows.train, d);
  const validation = createParticles(engine, rows.validation, d);
  const scratch = createParticles(engine, rows.validation, d);
  const fine = createParticles(engine, rows.validation, d);
  const noisy = settings.step.jitter > 0 || settings.initialNoise > 0;
  const noise = noisy ? createNoisePool(runner, fold(key, "noise"), settings.step.batchSize) : undefined;
  const hutchinson = runner.config.divergence === "hutchinson";
  const probe = hutchinson
    ? engine.table(train.x.rows, d, rademacher(fold(key, "probe"), rows.train.length))
    : undefined;
  const parameters = engine.parameters(initMlp(field, fold(key, "init"), settings.outputScale));
  const held = validation.x.rows;

  const blocks: FlowBlock[] = [...(resume?.blocks ?? [])];
  const reports: BlockReport[] = [...(resume?.reports ?? [])];
  let neutral = resume?.neutral ?? 0;
  let extraSteps = resume?.extraSteps ?? 0;
  let stepState = resume?.step;

  const advance = (weights: Float32Array, steps: number, scoringSteps: number): void => {
    parameters.write(weights);
    runner.push(parameters, train, train, { steps });
    runner.push(parameters, validation, validation, { steps: scoringSteps });
  };

  try {
    for (const report of reports) {
      if (!report.accepted) continue;
      advance(blocks[report.block - 1].weights, report.steps, scoring(settings, report.steps - settings.step.steps));
      await breathe();
    }
    let stop: StopReason = "largest number of blocks";
    let firstAttempt = resume?.attempt ?? 0;
    const limit = settings.largestBlocks + (settings.freeBlock ? 1 : 0);
    growth: while (blocks.length < limit) {
      const block = blocks.length + 1;
      const free = block > settings.largestBlocks;
      let accepted = false;
      for (let attempt = firstAttempt; attempt <= settings.retries && !accepted; attempt++) {
        const scoringSteps = scoring(settings, extraSteps);
        const step: StepSettings = {
          ...settings.step,
          steps: settings.step.steps + extraSteps,
          scoringSteps,
          stepSize: free ? Infinity : stepSize(settings.stepSizes, blocks.length) / 2 ** attempt,
          jitter: block === 1 ? Math.hypot(settings.step.jitter, settings.initialNoise) : settings.step.jitter,
          learningRate: settings.step.learningRate / 2 ** attempt,
        };
        const stepKey = fold(key, "block", block, attempt);
        if (stepState === undefined) {
          const previous = blocks[blocks.length - 1]?.weights;
          const warm = attempt === 0 ? previous : undefined;
          parameters.write(warm ?? initMlp(field, fold(stepKey, "init"), attempt === 0 ? settings.outputScale : 0));
        }
        const trained = trainStep(
          { runner, train, validation, scratch, parameters, noise, probe },
          step,
          stepKey,
          stepState,
        );
        stepState = undefined;
        const snapshot = (inner?: () => StepState) => (): GrowthState => ({
          blocks: [...blocks],
          reports: [...reports],
          attempt,
          neutral,
          extraSteps,
          ...(inner ? { step: inner() } : {}),
        });

        let best: StepState["best"] | undefined;
        let updates = 0;
        let broken = false;
        try {
          for (;;) {
            const next = trained.next();
            if (next.done) {
              best = next.value;
              break;
            }
            updates = next.value.progress.update;
            yield {
              type: "update",
              block,
              attempt,
              updates: step.updates,
              progress: next.value.progress,
              state: snapshot(next.value.state),
            };
            await breathe();
          }
        } catch (error) {
          if (!(error instanceof NumericError)) throw error;
          broken = true;
        }

        const before = energies(validation, held);
        const checked = best && !broken ? check(best.weights) : undefined;
        const verdict: Verdict = broken
          ? "refused: not finite"
          : checked === undefined
            ? "no better than the identity"
            : judge(checked, settings.largestGap);
        accepted = checked !== undefined && (verdict === "improved" || (verdict === "neutral" && checked.change <= 0));
        const report: BlockReport = {
          block,
          attempt,
          accepted,
          verdict,
          stepSize: step.stepSize,
          steps: step.steps,
          updates,
          bestUpdate: best?.update ?? 0,
          validationEnergy: meanOf(before) + (accepted ? checked!.change : 0),
          change: checked?.change ?? 0,
          changeError: checked?.changeError ?? 0,
          solverGap: checked?.solverGap ?? 0,
          movementRatio: checked?.movementRatio ?? 0,
          arcLength: checked?.arcLength ?? 0,
        };
        reports.push(report);
        if (accepted) {
          blocks.push({ weights: best!.weights, stepSize: step.stepSize });
          advance(best!.weights, step.steps, scoringSteps);
          neutral = verdict === "neutral" ? neutral + 1 : 0;
        } else if (verdict === "refused: solver gap") {
          extraSteps += 2;
        }
        yield {
          type: "block",
          report,
          state: () => ({ ...snapshot()(), attempt: accepted ? 0 : attempt + 1 }),
        };
        await breathe();
        if (accepted && neutral >= 2) {
          stop = "no gain";
          break growth;
        }
        if (accepted && report.movementRatio < settings.movementRatio) {
          stop = "movement below the limit";
          break growth;
        }

        /** Held-out rows through the block, on the scoring grid and on one twice as fine. */
        function check(weights: Float32Array): Checked {
          parameters.write(weights);
          runner.push(parameters, validation, scratch, { steps: scoringSteps });
          runner.push(parameters, validation, fine, { steps: 2 * scoringSteps });
          const after = energies(scratch, held);
          const delta = after.map((x, i) => x - before[i]);
          const change = meanOf(delta);
          const variance = delta.reduce((s, x) => s + (x - change) ** 2, 0) / Math.max(1, held - 1);
          const [from, to] = [validation.x.read(), scratch.x.read()];
          let moved = 0;
          let size = 0;
          for (let i = 0; i < from.length; i++) {
            moved += (from[i] - to[i]) ** 2;
            size += to[i] ** 2;
          }
          return {
            change,
            changeError: Math.sqrt(variance / held),
            solverGap: Math.abs(meanOf(energies(fine, held)) - meanOf(after)),
            movementRatio: moved / size,
            arcLength: Math.sqrt(moved / held),
          };
        }
      }
      firstAttempt = 0;
      if (!accepted) {
        stop = "block rejected";
        break;
      }
    }
    return { blocks, reports, stop };
  } finally {
    for (const particles of [train, validation, scratch, fine]) disposeParticles(particles);
    noise?.table.dispose();
    probe?.dispose();
    parameters.dispose();
  }
}

interface Checked {
  readonly change: number;
  readonly changeError: number;
  readonly solverGap: number;
  readonly movementRatio: number;
  readonly arcLength: number;
}

const meanOf = (values: Float64Array): number => values.reduce((s, x) => s + x, 0) / values.length;
const scoring = ({ step }: GrowthSettings, extraSteps: number): number => step.scoringSteps + 2 * extraSteps;

function judge({ change, changeError, solverGap }: Checked, largestGap: number): Verdict {
  if (!Number.isFinite(change)) return "refused: not finite";
  if (!(solverGap <= largestGap)) return "refused: solver gap";
  if (change < -2 * changeError) return "improved";
  return change > 2 * changeError ? "harmful" : "neutral";
}
