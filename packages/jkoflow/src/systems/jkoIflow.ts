/**
 * JKO-iFlow: a normalizing flow grown block by block, each block one JKO step toward the standard normal.
 *
 * Chen Xu, Xiuyuan Cheng, Yao Xie, "Normalizing flow neural networks by JKO scheme", NeurIPS 2023, arXiv:2212.14424.
 *
 *   T_k = argmin_T  KL(T_# p_{k-1} | N(0, I)) + E|x - T(x)|^2 / (2 h_k),      p_k = (T_k)_# p_{k-1}       (section 3)
 *   L_k = E[ |x(1)|^2 / 2 - int_0^1 div v_k ds + |x(1) - x(0)|^2 / (2 h_k) ],  x' = v_k(x, s), x(0) ~ p_{k-1}
 *   log p(x) = log N(F(x); 0, I) + sum_k int_0^1 div v_k ds,                   F = T_L o ... o T_1
 *
 * Algorithm 1: train block k on the particles, push them through it, go on with k + 1 (warm start), until they stop moving.
 * Departures, with reasons: the divergence is exact instead of estimated (no variance, same cost, see flow/field.ts); the
 * gradient is that of the discrete solution; growth is ended by held-out rows instead of the movement ratio (which stops
 * too early on large tables and too late on small ones; it remains as `movementRatio`); weight decay and jitter. After
 * growth: reparameterisation (section 4.2), refinement (Algorithm 2) and, ours, removal and joint training by the likelihood
 * alone, each kept only where held-out rows agree (jko/improve.ts).
 *
 * Conditional, p(x | y): the field is given covariates y and the objective averages over y; or, base "labels", the target
 * of each row is N(mu(y), I) and the field is one for all y (see data/labelMeans.ts). Where y are cells of the rows themselves,
 * an affine map by y comes before the first block (data/opening.ts). On a graph the field's first layer is
 * that of nn/graphLayer.ts.
 */
import { createOpening, fitStandardizer } from "../data/index.ts";
import type { Engine } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import {
  type BlockConfig,
  blockSize,
  checkField,
  createBlockRunner,
  type FieldConfig,
  finishModel,
} from "../flow/index.ts";
import {
  type BlockReport,
  checkGrowthState,
  createStopwatch,
  energyToNll,
  grow,
  growWithin,
  type ImproveState,
  improve,
  moveToEngine,
  type StageName,
} from "../jko/index.ts";
import { fold, type Key } from "../random/index.ts";
import { prepareRows } from "./given.ts";
import { defaults } from "./jkoIflowDefaults.ts";
import { type JkoIflowSettings, settings } from "./jkoIflowSettings.ts";
import { standardizeOptions } from "./standardizerChoice.ts";
import { type Problem, type System, system, type Trained, type TrainingEvent, type TrainingState } from "./system.ts";
import { trainingKernels } from "./trainingKernels.ts";
import { withState } from "./withState.ts";

/** Factor of the first block's output layer at its start: near the identity, yet with a gradient in every weight. */
const OUTPUT_SCALE = 0.1;

async function* train(
  engine: Engine,
  problem: Problem,
  settings: JkoIflowSettings,
  key: Key,
  resume?: TrainingState,
): AsyncGenerator<TrainingEvent, Trained> {
  const { standardizer, kernels, prepared } = prepare(problem, settings, key);
  const { divergence, base } = settings;
  const { given, baseMeans, fieldCondition, opening, heldOut } = prepared;
  const field = fieldOf(settings, standardizer.columns.length, fieldCondition);
  const block: BlockConfig = { field, divergence, ...(baseMeans ? { base } : {}) };
  const offset = energyToNll(standardizer, problem.validation, opening && createOpening(opening).logDet);
  yield { type: "start", parametersPerBlock: blockSize(block), settings, notes: [], energyToNll: offset };
  const growthSettings = {
    ...settings,
    stepSizes: { kind: "list" as const, values: settings.stepSizes }, // h_1, h_2, ...
    largestBlocks: settings.blocks,
    freeBlock: settings.freeBlock === "if-not-converged",
    outputScale: OUTPUT_SCALE,
    step: settings,
  };
  if (resume?.stop) checkGrowthState(resume, growthSettings, blockSize(block));
  const stages = settings.stages === "none" ? [] : (settings.stages.split(",") as StageName[]);
  const { seconds = 0, blockUpdates = 0 } = resume ?? {};
  const watch = createStopwatch(() => performance.now(), settings.timeLimit ?? Infinity, { seconds, blockUpdates });
  const timed = (state: TrainingState): TrainingState =>
    settings.timeLimit === null ? state : { ...state, ...watch.pace() };

  const runner = createBlockRunner(engine, block);
  try {
    // Stages after growth begin from the data again, so they need a copy of the rows that growth pushed away.
    const moved = given || stages.length > 0 ? {} : { train: moveToEngine(engine, problem, standardizer) };
    const rows = { ...prepared.rows, ...moved };
    const growing = growWithin(grow(runner, rows, growthSettings, key, resume), watch);
    const grown = resume?.stop ? { ...resume, stop: resume.stop } : yield* withState(growing, timed);
    const { reports, stop } = grown;
    const whole = (improvement: ImproveState): TrainingState =>
      timed({ blocks: grown.blocks, reports, attempt: 0, neutral: 0, extraSteps: 0, stop, improvement });
    const start = { blocks: grown.blocks, ...stepsOf(reports, settings) };
    const stageSettings = { ...settings, stages, step: settings };
    const stageKey = fold(key, "stages");
    const { stack } = yield* withState(
      improve(runner, prepared.rows, start, stageSettings, stageKey, watch, resume?.improvement),
      whole,
    );
    const parts = { system: jkoIflow.name, standardizer, settings, ...(kernels ? { kernels } : {}) };
    const before = { ...(baseMeans ? { baseMeans } : {}), ...(opening ? { opening } : {}) };
    const flow = { block, blocks: stack.blocks, steps: stack.scoringSteps, ...before };
    return { ...finishModel(engine, parts, flow, heldOut, given), stop };
  } finally {
    runner.dispose();
  }
}

/** All that is needed of the rows besides the training particles themselves. Its own function: it lets go of the table. */
function prepare(problem: Problem, settings: JkoIflowSettings, key: Key) {
  const { train: table, validation, conditions } = problem;
  const standardizer = fitStandardizer(table, standardizeOptions(problem, settings.standardize, settings.transform));
  const { base, graphNodes: nodes } = settings;
  const x = {
    // Without conditions and stages nothing but the particles is made of them; they move into the engine part by part.
    train: conditions || settings.stages !== "none" ? standardizer.forward(table) : new Float32Array(0),
    validation: standardizer.forward(validation),
  };
  const prepared = prepareRows(problem, x, table.columns.length, { base, nodes }, fold(key, "validation"));
  return {
    standardizer,
    kernels: trainingKernels(problem, settings.kernelWidth, standardizer, fold(key, "kernels")),
    prepared,
  };
}

/** The velocity network: an MLP, or one on the nodes of a graph. */
function fieldOf(settings: JkoIflowSettings, dimension: number, covariates: number): FieldConfig {
  const { hidden, time, beta, graphNodes: nodes, graphEdges, graphChannels: channels } = settings;
  const activation = settings.activation === "tanh" ? { kind: "tanh" as const } : { kind: "softplus" as const, beta };
  const condition = covariates > 0 ? { condition: covariates } : {};
  const common = { dimension, activation, time, ...condition };
  const fail = (place: string, came: string, expected: string): never => {
    throw new InputError({ where: "jko-iflow", place, came, expected });
  };
  if (settings.field === "potential") {
    if (covariates > 0 || nodes > 0) fail("field", "potential", "mlp for conditional flows and flows on graphs");
    return { kind: "potential", dimension, width: hidden[0] };
  }
  if (nodes === 0) return { kind: "mlp", hidden, ...common };
  if (settings.standardize === "whiten")
    fail("standardize", "whiten", "zscore or none, as whitening mixes the nodes of a graph");
  const edges = graphEdges.map((node) => node - 1);
  // The graph layer takes the place of the first hidden layer.
  const config = {
    kind: "graph" as const,
    nodes,
    edges,
    channels,
    hidden: hidden.length > 1 ? hidden.slice(1) : hidden,
    ...common,
  };
  return checkField(config, fail);
}

/** Solver steps for the stages: where growth had to add some to a block, all blocks get them. */
function stepsOf(reports: readonly BlockReport[], { solverSteps, scoringSteps }: JkoIflowSettings) {
  const accepted = reports.filter((report) => report.accepted);
  const extra = accepted.reduce((most, { steps }) => Math.max(most, steps - solverSteps), 0);
  return { solverSteps: solverSteps + extra, scoringSteps: scoringSteps + 2 * extra };
}

export const jkoIflow: System<JkoIflowSettings> = system({
  name: "jko-iflow",
  title: "JKO-iFlow",
  reference: "Xu, Cheng, Xie, Normalizing flow neural networks by JKO scheme, NeurIPS 2023, arXiv:2212.14424",
  conditions: "accepted",
  wishes: ["effort", "purpose"],
  settings,
  defaults,
  train,
});
