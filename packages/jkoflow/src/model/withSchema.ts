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

/** The model with what its columns mean, and scores of held-out rows that are those of the user's rows, nats. */
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
