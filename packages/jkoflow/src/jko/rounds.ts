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
import { likelihood, sum, transport } from "../functionals/index.ts";
import { linksOf } from "../maps/index.ts";
import { fold, type Key } from "../random/index.ts";
import { checkBlock } from "./checkBlock.ts";
import { judge } from "./heldOut.ts";
import { type Passed, scheme } from "./scheme.ts";
import type { BlockStack, RoundState, RoundUpdate, StageSettings } from "./stages.ts";
import type { StageWorkspace } from "./stageWorkspace.ts";
import type { StepSettings } from "./step.ts";
import { trainBlock } from "./trainBlock.ts";

type Retraining<Event> = AsyncGenerator<Event, { readonly stack: BlockStack; readonly updates: number }, void>;

/** One way to train a flow again; every update of it becomes an event. */
export type Round = <Event>(
  workspace: StageWorkspace,
  settings: StageSettings,
  key: Key,
  from: RoundState,
  event: (update: RoundUpdate) => Event,
) => Retraining<Event>;

/** How block k = 0, 1, ... is trained in a round. */
function stepOf({ step, ...settings }: StageSettings, { stack, arcs = [] }: RoundState, k: number): StepSettings {
  const { solverSteps, scoringSteps, blocks } = stack;
  const { roundUpdates, roundRate, initialNoise } = settings;
  const arc = arcs[k];
  return {
    ...step,
    ...{ stepSize: blocks[k].stepSize, solverSteps, scoringSteps, updates: roundUpdates, learningRate: roundRate },
    ...(k === 0 ? { jitter: Math.hypot(step.jitter, initialNoise) } : {}),
    ...(arc ? { arc, patience: Infinity } : {}),
  };
}

/** Block after block; one that cannot be used (solver gap, not finite) stays as it was. */
export const inOrder: Round = async function* (workspace, settings, key, from, event) {
  const { parameters } = workspace;
  const { arcs = [] } = from;
  const { solverSteps: steps, scoringSteps } = from.stack;
  const passed = ({ weights }: { readonly weights: Float32Array }): Passed => ({ weights, steps, scoringSteps });
  let { stack, updates, block: k } = from;
  let halfDone = from.step;
  workspace.reset();
  yield* scheme(workspace, {
    before: stack.blocks.slice(0, k).map(passed),
    next: () => {
      if (k >= stack.blocks.length) return undefined;
      const resume = halfDone;
      halfDone = undefined;
      const step = stepOf(settings, { ...from, stack }, k);
      return { step, key: fold(key, "block", k), weights: stack.blocks[k].weights, resume };
    },
    updated: (progress, state) => {
      const place = { stack, block: k, updates, arcs };
      const whole = (): RoundState => ({ ...place, step: state() });
      return event({ block: k + 1, updates: settings.roundUpdates, progress, state: whole });
    },
    trained: ({ best, updates: more }) => {
      updates += more;
      if (best) {
        const made = { weights: best.weights, stepSize: best.stepSize ?? stack.blocks[k].stepSize };
        parameters.write(made.weights);
        const step = stepOf(settings, { ...from, stack }, k);
        const refused = judge(checkBlock(workspace, step), settings.largestGap);
        if (!refused.startsWith("refused")) stack = { ...stack, blocks: stack.blocks.with(k, made) };
      }
      return passed(stack.blocks[k++]);
    },
    told: () => [],
  });
  return { stack, updates };
};

/** All blocks together. */
export const jointly: Round = async function* (workspace, settings, key, from, event) {
  const { stack } = from;
  const { runner, parameters } = workspace.chain(stack.blocks.length);
  const { solverSteps, scoringSteps } = stack;
  const { jointUpdates, jointRate, jointJitter, jointTransport, jointAveraging } = settings;
  const step: StepSettings = {
    ...settings.step,
    ...{ stepSize: Infinity, solverSteps, scoringSteps },
    ...{ updates: jointUpdates, learningRate: jointRate, jitter: jointJitter },
    ...(jointTransport > 0 ? { objective: sum([1, likelihood()], [jointTransport, transport()]) } : {}),
    ...(jointAveraging > 0 ? { averaging: jointAveraging } : {}),
    patience: Infinity, // the rate has to come to its end; the best weights are kept
  };
  workspace.reset();
  const size = stack.blocks[0].weights.length;
  const all = new Float32Array(size * stack.blocks.length);
  for (const [k, { weights }] of stack.blocks.entries()) all.set(weights, k * size);
  parameters.write(all);
  const place = { stack, block: 0, updates: 0 };
  const found = yield* trainBlock({ ...workspace, runner, parameters }, step, key, from.step, (progress, state) =>
    event({ block: 0, updates: jointUpdates, progress, state: () => ({ ...place, step: state() }) }),
  );
  if (!found.best) return { stack, updates: found.updates };
  const links = linksOf(runner.config, found.best.weights);
  const blocks = stack.blocks.map(({ stepSize }, k) => ({ weights: links[k], stepSize }));
  return { stack: { ...stack, blocks }, updates: found.updates };
};
