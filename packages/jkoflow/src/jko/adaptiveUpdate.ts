/** One update of a block whose solver chooses its own steps: gradient over the accepted steps, Adam on the host. */
import type { OptimiserStep, Parameters, Table, Values } from "../engine/index.ts";
import { NumericError } from "../errors/index.ts";
import { type Accuracy, type BlockRunner, createAdaptiveTraining, type Weights } from "../flow/index.ts";
import { adamStep } from "../train/index.ts";

export interface AdaptiveUpdate {
  readonly values: Values;
  readonly gradientNorm: number;
  readonly evaluations: { readonly forward: number; readonly backward: number };
}

/** Where the probes of a batch lie: by the rows' indices, or from a row on. */
export type Probes = { readonly table: Table; readonly from?: number };

export interface AdaptiveUpdater {
  /** @throws NumericError when loss or gradient are not finite, SolverError when the field cannot be integrated. */
  update(
    parameters: Parameters,
    indices: Int32Array,
    probes: Probes | undefined,
    optimiser: OptimiserStep,
  ): AdaptiveUpdate;
  dispose(): void;
}

export function createAdaptiveUpdater(
  { engine, config }: BlockRunner,
  rows: Table,
  weights: Weights,
  accuracy: Accuracy,
): AdaptiveUpdater {
  const d = config.field.dimension;
  const training = createAdaptiveTraining(engine, config, weights, accuracy);
  const data = rows.read(); // the rows stay as they are while a block is trained
  const gather = (from: Float32Array, indices: Int32Array): Float32Array => {
    const picked = new Float32Array(indices.length * d);
    indices.forEach((row, i) => {
      picked.set(from.subarray(row * d, (row + 1) * d), i * d);
    });
    return picked;
  };
  return {
    update: (parameters, indices, probes, optimiser) => {
      const state = parameters.state();
      const probe =
        probes === undefined
          ? undefined
          : probes.from === undefined
            ? gather(probes.table.read(), indices)
            : probes.table.read(probes.from, indices.length);
      const { values, gradient, evaluations } = training.gradient(state.values, gather(data, indices), probe);
      const next = adamStep(state, gradient, optimiser);
      if (!Number.isFinite(values.loss) || !Number.isFinite(next.gradientNorm)) {
        throw new NumericError("adaptive training: the loss or its gradient is not finite");
      }
      parameters.restore(next.state);
      const named = Object.entries(values).map(([name, value]) => [name, Float32Array.of(value)]);
      return { values: Object.fromEntries(named), gradientNorm: next.gradientNorm, evaluations };
    },
    dispose: training.dispose,
  };
}
