/** What the stages share: rows on the engine, and one flow taken as it is to be looked at. */
import type { Parameters, Table } from "../engine/index.ts";
import { type BlockRunner, blockSize, createBlockRunner, createParticles, disposeParticles } from "../flow/index.ts";
import { fold, type Key, rademacher } from "../random/index.ts";
import { createBreather } from "./breather.ts";
import type { HeldRows } from "./growth.ts";
import { createNoisePool } from "./noisePool.ts";
import type { BlockStack } from "./stages.ts";
import type { StepContext, StepSettings } from "./step.ts";

export interface StageTools {
  /** Particles and parameters of a single block. */
  readonly context: StepContext;
  /** Put the particles back to where the data are. */
  reset(): void;
  /** All particles through a block: training rows on its training grid, held-out rows on the scoring grid. */
  advance(weights: Float32Array, stack: BlockStack): void;
  /** Runner and parameters of a chain of so many blocks; those of another length are given back. */
  chain(blocks: number): { readonly runner: BlockRunner; readonly parameters: Parameters };
  readonly breathe: () => Promise<void>;
  dispose(): void;
}

/** `jitter`: the most noise that any training will put on a batch. */
export function createStageTools(
  runner: BlockRunner,
  rows: HeldRows,
  step: Pick<StepSettings, "jitter" | "batchSize">,
  key: Key,
): StageTools {
  const { engine, config } = runner;
  const d = config.field.dimension;
  const train = createParticles(engine, rows.train, d, rows.trainCondition, rows.trainMean);
  const validation = createParticles(engine, rows.validation, d, rows.validationCondition, rows.validationMean);
  const scratch = createParticles(engine, rows.validation, d, undefined, rows.validationMean);
  const noise = step.jitter > 0 ? createNoisePool(runner, fold(key, "noise"), step.batchSize) : undefined;
  const signs = (): Float32Array => rademacher(fold(key, "probe"), rows.train.length);
  const probe: Table | undefined =
    config.divergence === "hutchinson" ? engine.table(train.x.rows, d, signs()) : undefined;
  const size = blockSize(config);
  const parameters = engine.parameters(new Float32Array(size));
  let chain: { length: number; runner: BlockRunner; parameters: Parameters } | undefined;
  const dropChain = (): void => {
    chain?.runner.dispose();
    chain?.parameters.dispose();
    chain = undefined;
  };
  return {
    context: { runner, train, validation, scratch, noise, probe, parameters },
    reset: () => {
      train.x.write(rows.train);
      validation.x.write(rows.validation);
      for (const { logDet } of [train, validation]) logDet.write(new Float32Array(logDet.rows));
    },
    advance: (weights, { solverSteps, scoringSteps }) => {
      parameters.write(weights);
      runner.push(parameters, train, train, { steps: solverSteps, gathered: "positions" });
      runner.push(parameters, validation, validation, { steps: scoringSteps });
    },
    chain: (length) => {
      if (chain?.length !== length) {
        dropChain();
        const made = createBlockRunner(engine, { ...config, chain: length });
        chain = { length, runner: made, parameters: engine.parameters(new Float32Array(length * size)) };
      }
      return chain!;
    },
    breathe: createBreather(),
    dispose: () => {
      for (const particles of [train, validation, scratch]) disposeParticles(particles);
      dropChain();
      noise?.table.dispose();
      probe?.dispose();
      parameters.dispose();
    },
  };
}
