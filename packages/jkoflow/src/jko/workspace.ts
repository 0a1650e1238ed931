/** What training a block needs on the engine: rows on their way through the flow, the block's parameters, noise and probes. */
import type { Parameters } from "../engine/index.ts";
import type { Functional } from "../functionals/index.ts";
import {
  type BlockConfig,
  type BlockRunner,
  blockSize,
  createParticles,
  disposeParticles,
  type Particles,
} from "../maps/index.ts";
import { fold, type Key, normal, rademacher } from "../random/index.ts";
import { createBreather, createPool, frozenPool, type Pool } from "../train/index.ts";
import type { GrowthRows } from "./growth.ts";
import { createMeasures, type Measures } from "./measure.ts";
import type { StepSettings } from "./step.ts";

export interface Workspace {
  readonly runner: BlockRunner;
  /** Training rows, pushed through all blocks so far. */
  readonly train: Particles;
  readonly validation: Particles;
  /** Room for held-out rows on their way through a block under trial. */
  readonly scratch: Particles;
  readonly parameters: Parameters;
  /** Sums over the particles. */
  readonly measures: Measures;
  /** Standard normal rows that jitter draws from. */
  readonly noise?: Pool;
  /** Probes of a divergence estimate or of the Jacobian term. */
  readonly probe?: Pool;
  /** All rows through the block: training rows on its training grid, held-out rows on the scoring grid. */
  advance(weights: Float32Array, steps: number, scoringSteps: number): void;
  readonly breathe: () => Promise<void>;
  dispose(): void;
}

type Needs = Pick<StepSettings, "jitter" | "batchSize"> & Partial<StepSettings>;

/** A divergence estimate and the Jacobian term are made from probes. */
const needsProbe = ({ divergence }: BlockConfig, objective: Functional | undefined): boolean =>
  divergence === "hutchinson" || objective?.needs.includes("jacobian") === true;

/** `jitter` of the needs: the most noise that any training will put on a batch. A table of the engine is disposed of, too. */
export function createWorkspace(runner: BlockRunner, rows: GrowthRows, needs: Needs, key: Key): Workspace {
  const { engine, config } = runner;
  const d = config.field.dimension;
  const train = createParticles(engine, rows.train, d, rows.trainCondition, rows.trainMean);
  const validation = createParticles(engine, rows.validation, d, rows.validationCondition, rows.validationMean);
  const scratch = createParticles(engine, rows.validation, d, undefined, rows.validationMean);
  const { jitter, batchSize, objective, probes = "frozen", validationRows = 0 } = needs;
  const noise = jitter > 0 ? createPool(engine, d, fold(key, "noise"), batchSize) : undefined;
  const most = Math.max(train.x.rows, validation.x.rows);
  const makeProbe = (): Pool => {
    if (probes === "frozen") return frozenPool(engine.table(most, d, rademacher(fold(key, "probe"), most * d)));
    const scored = Math.min(validationRows, validation.x.rows); // held-out rows whose Jacobian term is estimated
    const draw = probes === "gaussian" ? normal : rademacher;
    return createPool(engine, d, fold(key, "probes"), batchSize, draw, scored);
  };
  const probe = needsProbe(config, objective) ? makeProbe() : undefined;
  const measures = createMeasures(engine, d);
  const parameters = engine.parameters(new Float32Array(blockSize(config)));
  return {
    ...{ runner, train, validation, scratch, parameters, measures },
    ...(noise ? { noise } : {}),
    ...(probe ? { probe } : {}),
    advance: (values, steps, scoringSteps) => {
      parameters.write(values);
      runner.push(parameters, train, train, { steps, gathered: "positions" });
      runner.push(parameters, validation, validation, { steps: scoringSteps });
    },
    breathe: createBreather(),
    dispose: () => {
      for (const particles of [train, validation, scratch]) disposeParticles(particles);
      measures.dispose();
      noise?.table.dispose();
      probe?.table.dispose();
      parameters.dispose();
    },
  };
}
