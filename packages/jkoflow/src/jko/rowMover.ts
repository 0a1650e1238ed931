/** Rows moved by maps of one kind, without their densities: a forward pass in the engine. */
import type { Engine, Table } from "../engine/index.ts";
import { createGraph, createProgram } from "../graph/index.ts";
import type { MapKind } from "../maps/index.ts";

export interface RowMover {
  /** Rows in place, by a map of these weights. */
  push(table: Table, weights: Float32Array): void;
  dispose(): void;
}

export function createRowMover<C extends { readonly dimension: number }>(
  engine: Engine,
  kind: MapKind<C>,
  config: C,
): RowMover {
  const graph = createGraph();
  const { parameters, at } = kind.build(graph, config);
  const outputs = { x: at(graph.rows("x", config.dimension)).y };
  const moving = engine.load(createProgram({ name: "move", parameters, outputs }));
  const stored = engine.parameters(new Float32Array(kind.size(config)));
  return {
    push: (table, weights) => {
      stored.write(weights);
      moving.run({ parameters: stored, inputs: { x: table }, rows: table.rows, outputs: { x: table } });
    },
    dispose: () => {
      moving.dispose();
      stored.dispose();
    },
  };
}
