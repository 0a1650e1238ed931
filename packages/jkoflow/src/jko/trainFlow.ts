/**
 * What every system that trains a flow on a table does besides its objective: standardise, grow (one block or many), improve
 * what has grown, take chains apart, choose the solver steps of the finished model.
 */
import { createOpening, fitStandardizer, type Problem, type StandardizeOptions } from "../data/index.ts";
import type { Engine } from "../engine/index.ts";
import { type BlockConfig, blockSize, createBlockRunner, linksOf } from "../maps/index.ts";
import { finishModel, type Model } from "../model/index.ts";
import { fold, type Key } from "../random/index.ts";
import type { Event } from "../train/index.ts";
import { energyToNll } from "./energyToNll.ts";
import { type Base, prepareRows } from "./givenRows.ts";
import { grow } from "./grow.ts";
import type { BlockReport, GrowthSettings, GrowthState } from "./growth.ts";
import { improve } from "./improve.ts";
import { moveToEngine } from "./moveToEngine.ts";
import type { BlockStack, ImproveState, StageSettings } from "./stages.ts";
import { checkGrowthState } from "./stateCheck.ts";
import { createStopwatch, unlimited } from "./timeLimit.ts";
import { trainingKernels } from "./trainingKernels.ts";

/** All that is needed to go on with a run, besides its data, settings and key. */
export interface FlowState extends GrowthState {
  /** Stages after growth; absent in growth. */
  readonly improvement?: ImproveState;
}

export type FlowEvent = Event<FlowState>;

export interface TrainedFlow {
  readonly model: Model;
  readonly stop: string;
  /** Step-doubling difference of the whole flow's held-out NLL at the steps it is stored with, nats. */
  readonly solverGap: number;
}

/** A system's flow and how it is trained. */
export interface FlowPlan {
  readonly system: string;
  /** As they stand in the model file. */
  readonly settings: Readonly<Record<string, number | string | boolean | null | readonly number[]>>;
  readonly standardization: StandardizeOptions;
  /** A block that is given so many columns of covariates. */
  readonly block: (covariates: number) => BlockConfig;
  readonly growth: GrowthSettings;
  /** After growth; where the list of stages may be empty. */
  readonly stages?: StageSettings;
  /** Seconds; null: no limit. */
  readonly timeLimit?: number | null;
  /** "standard" by default; of "labels" the means have nodes of a graph (0: columns). */
  readonly target?: { readonly base: Base; readonly nodes: number };
  /** Width of the kernels at training rows that a model for anomalies keeps; 0: none. */
  readonly kernelWidth?: number;
  /** Said when training starts. */
  readonly notes?: readonly string[];
}

const beginning: FlowState = { blocks: [], reports: [], attempt: 0, neutral: 0, extraSteps: 0 };

/** All that is needed of the rows besides the training particles themselves. Its own function: it lets go of the table. */
function prepare(tables: Problem, plan: FlowPlan, key: Key) {
  const { train: table, validation, conditions, bounds } = tables;
  const standardizer = fitStandardizer(table, {
    ...plan.standardization,
    heldOut: validation,
    ...(bounds ? { bounds } : {}),
  });
  const { target = { base: "standard", nodes: 0 }, stages } = plan;
  const x = {
    // Without conditions and stages nothing but the particles is made of them; they move into the engine part by part.
    train: conditions || stages?.stages.length ? standardizer.forward(table) : new Float32Array(0),
    validation: standardizer.forward(validation),
  };
  const prepared = prepareRows(tables, x, table.columns.length, target, fold(key, "validation"));
  return {
    standardizer,
    kernels: trainingKernels(tables, plan.kernelWidth ?? 0, standardizer, fold(key, "kernels")),
    prepared,
  };
}

/** The flow that growth came to. Where it had to add solver steps to a block, all blocks get them in the stages. */
function stackOf(blocks: BlockStack["blocks"], reports: readonly BlockReport[], { step }: GrowthSettings): BlockStack {
  const extras = reports.flatMap(({ accepted, steps }) => (accepted ? [steps - step.solverSteps] : []));
  const extra = Math.max(0, ...extras);
  return { blocks, solverSteps: step.solverSteps + extra, scoringSteps: step.scoringSteps + 2 * extra };
}

/**
 * Train the flow of a plan. `resume` goes on from a state that an event carried, to the same bits.
 * @throws InputError for tables that cannot be standardised (see `data.fitStandardizer`), and a state that does not fit.
 */
export async function* trainFlow(
  engine: Engine,
  tables: Problem,
  plan: FlowPlan,
  key: Key,
  resume?: FlowState,
): AsyncGenerator<FlowEvent, TrainedFlow, void> {
  const { system, settings, growth, stages, notes = [], timeLimit = null } = plan;
  const { standardizer, kernels, prepared } = prepare(tables, plan, key);
  const { given, baseMeans, fieldCondition, opening, heldOut } = prepared;
  const block = plan.block(fieldCondition);
  const offset = energyToNll(standardizer, tables.validation, opening && createOpening(opening).logDet);
  const values = {
    parametersPerBlock: blockSize(block),
    ...(typeof settings.blocks === "number" ? { blocks: settings.blocks } : {}),
    energyToNll: offset, // held-out NLL in the units of the tables = held-out score + this, nats
    ...(notes.length > 0 ? { notes: notes.join("\n") } : {}),
  };
  yield { type: "start", place: [], values, state: () => resume ?? beginning };
  if (resume?.stop) checkGrowthState(resume, growth, blockSize(block));
  const { seconds = 0, blockUpdates = 0 } = resume ?? {};
  const time =
    timeLimit === null ? unlimited : createStopwatch(() => performance.now(), timeLimit, { seconds, blockUpdates });

  const runner = createBlockRunner(engine, block);
  try {
    // Stages after growth begin from the data again, so they need a copy of the rows that growth pushed away.
    const moved = prepared.rows.train.length > 0 ? {} : { train: moveToEngine(engine, tables, standardizer) };
    const rows = { ...prepared.rows, ...moved };
    const grown = resume?.stop
      ? { blocks: resume.blocks, reports: resume.reports, stop: resume.stop }
      : yield* grow(runner, rows, growth, key, resume, time);
    let stack = stackOf(grown.blocks, grown.reports, growth);
    if (stages) {
      const whole = (improvement: ImproveState): FlowState => ({
        ...{ ...grown, attempt: 0, neutral: 0, extraSteps: 0 },
        ...{ improvement, ...time.pace() },
      });
      const [from, stageKey] = [resume?.improvement, fold(key, "stages")];
      const improved = yield* improve(runner, prepared.rows, stack, stages, stageKey, whole, from, time);
      stack = improved.stack;
    } else stack = { ...stack, scoringSteps: growth.step.scoringSteps };
    const { chain: _, ...link } = block;
    const blocks = stack.blocks.flatMap(({ weights, stepSize }) =>
      linksOf(block, weights).map((part) => ({ weights: part, stepSize })),
    );
    const parts = { system, standardizer, settings, ...(kernels ? { kernels } : {}) };
    const before = { ...(baseMeans ? { baseMeans } : {}), ...(opening ? { opening } : {}) };
    const flow = { block: link, blocks, steps: stack.scoringSteps, ...before };
    return { ...finishModel(engine, parts, flow, heldOut, given), stop: grown.stop };
  } finally {
    runner.dispose();
  }
}
