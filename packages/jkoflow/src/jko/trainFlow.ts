/**
 * What every system that trains a flow does besides its objective: standardise, grow (one block or many), take chains apart,
 * choose the solver steps of the finished model.
 */
import { fitStandardizer, type StandardizeOptions, shuffleRows, type Table } from "../data/index.ts";
import type { Engine } from "../engine/index.ts";
import { type BlockConfig, blockSize, createBlockRunner, finishModel, linksOf, type Model } from "../flow/index.ts";
import { fold, type Key } from "../random/index.ts";
import { energyToNll } from "./energyToNll.ts";
import { grow } from "./grow.ts";
import type { GrowthEvent, GrowthSettings, GrowthState } from "./growth.ts";
import { moveToEngine } from "./moveToEngine.ts";

/** What of a problem a flow is trained on. */
export interface FlowTables {
  readonly train: Table;
  readonly validation: Table;
  readonly bounds?: StandardizeOptions["bounds"];
  readonly onMoved?: () => void;
}

export interface StartEvent {
  readonly type: "start";
  readonly parametersPerBlock: number;
  readonly settings: FlowPlan["settings"];
  readonly notes: readonly string[];
  readonly energyToNll: number;
}

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
  readonly block: BlockConfig;
  readonly growth: GrowthSettings;
  /** Said when training starts. */
  readonly notes?: readonly string[];
}

/**
 * Train the flow of a plan. `resume` goes on from a state that an event carried, to the same bits.
 * @throws InputError for tables that cannot be standardised (see `data.fitStandardizer`).
 */
export async function* trainFlow(
  engine: Engine,
  tables: FlowTables,
  plan: FlowPlan,
  key: Key,
  resume?: GrowthState,
): AsyncGenerator<GrowthEvent | StartEvent, TrainedFlow> {
  const { system, settings, block, growth, notes = [] } = plan;
  const { bounds, validation } = tables;
  const standardizer = fitStandardizer(tables.train, {
    ...plan.standardization,
    heldOut: validation,
    ...(bounds ? { bounds } : {}),
  });
  const started = { parametersPerBlock: blockSize(block), settings, notes };
  yield { type: "start", ...started, energyToNll: energyToNll(standardizer, validation) };
  const heldOut = shuffleRows(standardizer.forward(validation), block.field.dimension, fold(key, "validation"));
  const runner = createBlockRunner(engine, block);
  try {
    const rows = { train: moveToEngine(engine, tables, standardizer), validation: heldOut };
    const { blocks, stop } = yield* grow(runner, rows, growth, key, resume);
    const { chain: _, ...link } = block;
    const links = blocks.flatMap(({ weights, stepSize }) =>
      linksOf(block, weights).map((part) => ({ weights: part, stepSize })),
    );
    const flow = { block: link, blocks: links, steps: growth.step.scoringSteps };
    return { ...finishModel(engine, { system, standardizer, settings }, flow, heldOut), stop };
  } finally {
    runner.dispose();
  }
}
