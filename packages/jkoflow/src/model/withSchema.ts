/** A model of encoded rows made one of the user's rows. */
import type { ConditionRows, Schema, Table } from "../data/index.ts";
import type { Engine } from "../engine/index.ts";
import type { Model } from "./model.ts";
import { openModel } from "./openModel.ts";
import { scoreQuantiles } from "./scoreQuantiles.ts";

/** Held-out rows as they were encoded. */
export interface EncodedRows {
  readonly table: Table;
  /** All that the flow is given of them. */
  readonly given?: ConditionRows | undefined;
  /** What their log-densities lack, nats. [n] */
  readonly weight?: Float64Array | undefined;
}

/**
 * The model with what its columns mean, and scores of held-out rows that are those of the user's rows, nats.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, data, openModel } from "jkoflow";
 * import { besideCells, mixtureModel, withSchema } from "jkoflow/model";
 * import { fitMixture } from "jkoflow/evaluate";
 *
 * const raw = data.tableOf(Array.from({ length: 60 }, (_, i) => ({ size: Math.sin(i), count: i % 50 })));
 * const { schema } = data.fitSchema(raw, {}, { integer: ["count"] }, "table");
 * const { table, logWeight: weight } = data.encodeTable(schema, raw, createKey(1));
 * const scaled = data.fitStandardizer(table, { kind: "zscore" });
 * const x = scaled.forward(table);
 * const plain = mixtureModel("one", scaled, { mixture: fitMixture(x, x, 2, createKey(0), { components: [1] }).parts() }, table);
 * const engine = await createEngine({ threads: 1 });
 * const model = withSchema(engine, plain, schema, { table, weight });
 * console.log(model.schema?.columns.map(({ kind }) => kind)); // [ 'number', 'integer' ]
 * console.log(besideCells(model, createKey(2), 5, undefined)); // undefined
 * console.log(openModel(engine, model).columns); // [ 'size', 'count' ]
 * engine.dispose();
 * ```
 */
export function withSchema(engine: Engine, model: Model, schema: Schema, heldOut: EncodedRows): Model {
  const { table, given, weight } = heldOut;
  if (weight === undefined) return { ...model, schema };
  const open = openModel(engine, model);
  try {
    const scores = open.score(table, open.logProb(table, { given })).map((value, i) => value + weight[i]);
    return { ...model, schema, scores: scoreQuantiles(scores) };
  } finally {
    open.dispose();
  }
}
