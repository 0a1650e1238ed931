/** A problem in raw rows with a schema: encoded for a system, and its model made one of the raw rows. */
import {
  cellColumns,
  cellLogProb,
  checkCells,
  type Encoded,
  encodedBounds,
  encodeTable,
  fitCells,
  joinConditions,
  matchColumns,
  type Problem,
  type RawProblem,
  type Schema,
  type Table,
} from "../data/index.ts";
import type { Engine } from "../engine/index.ts";
import { fold, type Key } from "../random/index.ts";
import type { Model } from "./model.ts";
import { withSchema } from "./withSchema.ts";

export interface EncodedProblem {
  readonly problem: Problem;
  /** The model of encoded rows as one of the raw rows. */
  readonly finish: (engine: Engine, model: Model) => Model;
}

/**
 * The noise of encoding is by key; what is discrete and stands apart is fitted to the training rows.
 * @throws InputError naming row and column of a cell that does not fit the schema.
 */
export function encodeProblem({ schema, ...problem }: RawProblem, key: Key): EncodedProblem {
  if (schema === undefined) return { problem, finish: (_, model) => model };
  const names = schema.columns.map(({ name }) => name);
  const bare: Schema = { columns: schema.columns }; // cells that a schema brings along are of other rows
  const encode = (table: Table, part: "train" | "validation"): Encoded => {
    const raw = matchColumns(table, names);
    checkCells(schema, raw, part);
    return encodeTable(bare, raw, fold(key, part));
  };
  const [train, validation] = [encode(problem.train, "train"), encode(problem.validation, "validation")];
  const users = problem.conditions;
  const columns = cellColumns(schema);
  const cells = columns.length === 0 ? undefined : fitCells(columns, train.cells!, users?.train);
  const given = {
    train: joinConditions(users?.train, train.cells),
    validation: joinConditions(users?.validation, validation.cells),
  };
  const whole = cells ? { ...schema, cells } : schema;
  const discrete = cells && cellLogProb(cells, validation.cells!, users?.validation);
  const weight = validation.logWeight?.map((value, i) => value + (discrete?.[i] ?? 0)) ?? discrete;
  return {
    problem: {
      ...problem,
      train: train.table,
      validation: validation.table,
      bounds: encodedBounds(schema),
      ...(given.train && given.validation ? { conditions: { train: given.train, validation: given.validation } } : {}),
    },
    finish: (engine, model) =>
      withSchema(engine, model, whole, { table: validation.table, given: given.validation, weight }),
  };
}
