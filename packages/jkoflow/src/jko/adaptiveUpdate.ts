/**
 * One update of a block whose solver chooses its own steps: the gradient is put together over the accepted steps, Adam runs
 * on the host. The solver's state is on the host too, so that the rows of a batch are read; those of the table are not.
 */
import type { OptimiserStep, Parameters, RowSource } from "../engine/index.ts";
import type { Functional } from "../functionals/index.ts";
import { createGraph, createProgram, scale } from "../graph/index.ts";
import { type Accuracy, type BlockRunner, createAdaptiveTraining } from "../maps/index.ts";
import { composedUpdate } from "../train/index.ts";
import type { BlockDraw, BlockFound } from "./blockDraw.ts";

export interface AdaptiveUpdate {
  /** @throws NumericError when loss or gradient are not finite, SolverError when the field cannot be integrated. */
  update(draw: BlockDraw, by: OptimiserStep): BlockFound;
  dispose(): void;
}

export function createAdaptiveUpdate(
  { engine, config }: BlockRunner,
  parameters: Parameters,
  objective: Functional,
  accuracy: Accuracy,
): AdaptiveUpdate {
  const d = config.field.dimension;
  const training = createAdaptiveTraining(engine, config, objective, accuracy);
  const graph = createGraph();
  const copy = engine.load(createProgram({ name: "rows of a batch", outputs: { y: scale(graph.rows("x", d), 1) } }));
  let batch = engine.table(1, d);
  /** Rows of a batch, by its indices or from a place on. */
  const gather = (x: RowSource, indices: Int32Array): Float32Array => {
    if (batch.rows !== indices.length) {
      batch.dispose();
      batch = engine.table(indices.length, d);
    }
    copy.run({ inputs: { x }, indices, outputs: { y: { table: batch, from: 0 } } });
    return batch.read();
  };
  return {
    update: ({ inputs, indices }, by) => {
      const probe = inputs.probe && gather(inputs.probe, indices);
      const found = training.gradient(parameters.read(), gather(inputs.x, indices), probe);
      const values = Object.entries(found.values).map(([name, value]) => [name, Float32Array.of(value)]);
      return composedUpdate(parameters, { ...found, values: Object.fromEntries(values) }, by);
    },
    dispose: () => {
      training.dispose();
      copy.dispose();
      batch.dispose();
    },
  };
}
