/**
 * What a flow is trained on where columns repeat values on a grid, as of decimals: rows drawn evenly from the cells that the values
 * were rounded from. At the values themselves the likelihood has no bound, and a flow that is trained on them draws itself
 * together on the grid and says nothing of the rest. Baselines are fitted to such rows too (report/baselineSpace.ts), and samples
 * are brought back to the grid. The rows that judge are those of the file.
 */
import { createKey, data, fold } from "jkoflow";
import type { RunProblem } from "./problem.ts";

/** The grids that the schema knows: filled cells are on none, so they could not be found. */
const gridsOf = (schema: data.Schema | undefined): Readonly<Record<string, data.KnownGrid>> =>
  Object.fromEntries(
    (schema?.columns ?? []).flatMap(({ name, decimals, values }): [string, data.KnownGrid][] => {
      if (values) return [[name, { values }]];
      return decimals === undefined ? [] : [[name, { step: 10 ** -decimals }]];
    }),
  );

/** Columns of the training rows that repeat values. */
export const tiesOf = ({ train, schema }: Pick<RunProblem, "train" | "schema">): data.TiedColumns =>
  data.tiedColumns(train, gridsOf(schema));

/** What a flow is trained on. */
export type TrainingRows = Pick<RunProblem, "train" | "validation" | "conditions" | "bounds" | "onMoved">;

/** The problem as it was, where no column repeats values on a grid. */
export function inCells(problem: RunProblem, seed: number): TrainingRows {
  const { grids } = tiesOf(problem);
  if (grids.length === 0) return problem;
  const key = fold(createKey(seed), "cells of the flow");
  const drawn = (table: data.Table, part: string): data.Table =>
    data.drawInCells(table, grids, fold(key, part), problem.bounds);
  return trainingRows(problem, drawn(problem.train, "train"), drawn(problem.validation, "validation"));
}

/** A function of its own, which holds the rows as they were no longer than their owner does. */
function trainingRows(
  { conditions, bounds, onMoved }: RunProblem,
  train: data.Table,
  validation: data.Table,
): TrainingRows {
  let held: data.Table | undefined = train;
  return {
    get train() {
      if (held === undefined) throw new Error("the training rows were let go when training began");
      return held;
    },
    validation,
    ...(conditions ? { conditions } : {}),
    ...(bounds ? { bounds } : {}),
    onMoved: () => {
      held = undefined;
      onMoved();
    },
  };
}
