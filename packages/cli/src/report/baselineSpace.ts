/**
 * The rows and the coordinates by which baselines are fitted. Values that repeat are drawn from the cells that they were
 * rounded from: else a model that lives on ties would be held against the flow. Bounds and odd values are transformed as for the flow: a Gaussian that lends
 * mass to impossible values, or whose deviation is that of a single slip, would be no opponent. Other columns stay as they
 * are, and a table of these alone is not copied.
 */
import { data, fold, type Key } from "jkoflow";
import type { RunProblem } from "../run/problem.ts";
import type { BaselineModel, BaselineProblem } from "./baselineModels.ts";

export interface BaselineSpace {
  readonly problem: BaselineProblem;
  /** Encoded rows to these coordinates and back. */
  readonly standardizer: data.Standardizer;
  /** A model of rows in these coordinates as one of encoded rows. */
  readonly back: (model: BaselineModel) => BaselineModel;
}

/** `grids` are the columns that repeat values, and `key` that of the draws from their cells. */
export function baselineSpace(
  { train: rows, validation: held, conditions, bounds }: RunProblem,
  grids: readonly data.GridColumn[],
  key: Key,
): BaselineSpace {
  const drawn = (table: data.Table, part: string): data.Table =>
    grids.length === 0 ? table : data.drawInCells(table, grids, fold(key, part), bounds);
  const [train, validation] = [drawn(rows, "train"), drawn(held, "validation")];
  const standardizer = data.fitStandardizer(train, {
    kind: "none",
    transform: "auto",
    heldOut: validation,
    ...(bounds ? { bounds } : {}),
  });
  const given = conditions ? { conditions } : {};
  if (standardizer.toJSON().transforms.every(({ kind }) => kind === "none")) {
    return { problem: { train, validation, ...given }, standardizer, back: (model) => model };
  }
  const moved = (table: data.Table): data.Table => ({ ...table, values: standardizer.forward(table) });
  return {
    problem: { train: moved(train), validation: moved(validation), ...given },
    standardizer,
    back: ({ sample, logProb, ...model }) => ({
      ...model,
      logProb: (rows, y) => {
        const scale = standardizer.logAbsDet(rows);
        return logProb(moved(rows), y).map((value, i) => value + scale[i]);
      },
      ...(sample ? { sample: (key, n) => standardizer.inverse(sample(key, n).values) } : {}),
    }),
  };
}
