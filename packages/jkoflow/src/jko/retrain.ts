/**
 * Training a flow again from its own parameters: block after block as JKO steps with the step sizes it has now, or all
 * blocks together.
 *
 * Block after block is what the rounds of reparameterisation and refinement do (arXiv:2212.14424, App. B.3). All together,
 * by the likelihood alone,
 *
 *   L = E[ |F(x)|^2 / 2 - sum_k int_0^1 div v_k ds ],   F = T_L o ... o T_1,
 *
 * is no part of the paper: block-wise training never looks back, and this lets the early blocks know of the late ones. It
 * costs the memory and time of the whole flow per update, hence it comes last.
 */
import { NumericError } from "../errors/index.ts";
import { linksOf } from "../flow/index.ts";
import { fold, type Key } from "../random/index.ts";
import { checkBlock, judge } from "./heldOut.ts";
import { trainStep } from "./jkoStep.ts";
import type { BlockStack, RoundState, RoundUpdate, StageSettings } from "./stages.ts";
import type { StageTools } from "./stageTools.ts";
import type { StepContext, StepSettings, StepState } from "./step.ts";

type Trained = { readonly stack: BlockStack; readonly updates: number };
type Retraining = AsyncGenerator<RoundUpdate, Trained>;

/** One training; returns the best weights, undefined where there are none or numbers were not finite. */
async function* trainOnce(
  tools: StageTools,
  context: StepContext,
  settings: StepSettings,
  key: Key,
  block: number,
  round: Omit<RoundState, "step">,
  resume: StepState | undefined,
): AsyncGenerator<RoundUpdate, { readonly best: StepState["best"] | undefined; readonly updates: number }> {
  const training = trainStep(context, settings, key, resume);
  let taken = resume?.update ?? 0;
  try {
    for (;;) {
      const next = training.next();
      if (next.done) return { best: next.value, updates: taken };
      const { progress, state } = next.value;
      taken = progress.update;
      yield { block, updates: settings.updates, progress, state: () => ({ ...round, step: state() }) };
      await tools.breathe();
    }
  } catch (error) {
    if (!(error instanceof NumericError)) throw error;
    return { best: undefined, updates: taken };
  }
}

/** Block after block; one that cannot be used (solver gap, not finite) stays as it was. */
export async function* inOrder(tools: StageTools, settings: StageSettings, key: Key, from: RoundState): Retraining {
  const { context } = tools;
  const { arcs = [] } = from;
  let { stack, updates } = from;
  let halfDone = from.step;
  tools.reset();
  for (let k = 0; k < stack.blocks.length; k++) {
    const { weights, stepSize } = stack.blocks[k];
    if (k >= from.block) {
      const { roundUpdates, roundRate, largestGap } = settings;
      const { solverSteps, scoringSteps } = stack;
      const arc = arcs[k];
      const step: StepSettings = {
        ...settings.step,
        ...{ stepSize, solverSteps, scoringSteps, updates: roundUpdates, learningRate: roundRate },
        ...(k === 0 ? { jitter: Math.hypot(settings.step.jitter, settings.initialNoise) } : {}),
        ...(arc ? { arc, patience: Infinity } : {}),
      };
      context.parameters.write(weights);
      const place = { stack, block: k, updates, arcs };
      const found = yield* trainOnce(tools, context, step, fold(key, "block", k), k + 1, place, halfDone);
      halfDone = undefined;
      updates += found.updates;
      if (found.best) {
        const made = { weights: found.best.weights, stepSize: found.best.stepSize ?? stepSize };
        context.parameters.write(made.weights);
        const check = checkBlock(context.runner, context.parameters, context.validation, context.scratch, step);
        const refused = judge(check, largestGap).startsWith("refused");
        if (!refused) stack = { ...stack, blocks: stack.blocks.with(k, made) };
      }
    }
    tools.advance(stack.blocks[k].weights, stack);
    await tools.breathe();
  }
  return { stack, updates };
}

/** All blocks together. */
export async function* jointly(tools: StageTools, settings: StageSettings, key: Key, from: RoundState): Retraining {
  const { stack } = from;
  const { runner, parameters } = tools.chain(stack.blocks.length);
  const { solverSteps, scoringSteps } = stack;
  const step: StepSettings = {
    ...settings.step,
    ...{ stepSize: Infinity, solverSteps, scoringSteps },
    ...{ updates: settings.jointUpdates, learningRate: settings.jointRate, jitter: settings.jointJitter },
    ...(settings.jointTransport > 0 ? { weights: { transport: settings.jointTransport } } : {}),
    ...(settings.jointAveraging > 0 ? { averaging: settings.jointAveraging } : {}),
    patience: Infinity, // the rate has to come to its end; the best weights are kept
  };
  tools.reset();
  const size = stack.blocks[0].weights.length;
  const all = new Float32Array(size * stack.blocks.length);
  for (const [k, { weights }] of stack.blocks.entries()) all.set(weights, k * size);
  parameters.write(all);
  const context: StepContext = { ...tools.context, runner, parameters };
  const found = yield* trainOnce(tools, context, step, key, 0, { stack, block: 0, updates: 0 }, from.step);
  const links = found.best ? linksOf(runner.config, found.best.weights) : stack.blocks.map(({ weights }) => weights);
  const blocks = stack.blocks.map(({ stepSize }, k) => ({ weights: links[k], stepSize }));
  return { stack: { ...stack, blocks }, updates: found.updates };
}
