/** What a conditional problem adds to training: covariates of the field, or means of a label-dependent target. */
import {
  conditionPool,
  createOpening,
  fitCondition,
  fitOpening,
  labelMeans,
  meansOf,
  type OpeningState,
  type Problem,
  shuffleRows,
} from "../data/index.ts";
import { InputError } from "../errors/index.ts";
import type { GivenRows } from "../model/index.ts";
import type { Key } from "../random/index.ts";
import type { HeldRows } from "./growth.ts";

export type Base = "standard" | "labels";

export interface PreparedRows {
  /** Rows as the first block gets them, in the order of training, with what is given of them. */
  readonly rows: HeldRows;
  /** Standardised held-out rows in that order. */
  readonly heldOut: Float32Array;
  /** Before the first block, where rows are given cells of their own. */
  readonly opening?: OpeningState;
  /** For the model; undefined without conditions. */
  readonly given?: GivenRows;
  /** Columns of the covariates that the field is given. */
  readonly fieldCondition: number;
  /** M of mu(y) = y M, for base "labels". */
  readonly baseMeans?: Float32Array;
}

/**
 * Rows for training: held-out ones are shuffled by key, so that the first ones are a fair sample.
 * @throws InputError for base "labels" without labels.
 */
export function prepareRows(
  { conditions }: Pick<Problem, "conditions">,
  x: { readonly train: Float32Array; readonly validation: Float32Array },
  d: number,
  { base, nodes }: { readonly base: Base; readonly nodes: number },
  key: Key,
): PreparedRows {
  const validation = shuffleRows(x.validation, d, key);
  if (conditions === undefined) {
    if (base === "standard") return { rows: { train: x.train, validation }, heldOut: validation, fieldCondition: 0 };
    throw new InputError({ where: "base", came: "labels, without a condition", expected: "columns of labels" });
  }
  const encoder = fitCondition(conditions.train);
  const train = encoder.encode(conditions.train);
  const heldOut = shuffleRows(encoder.encode(conditions.validation), encoder.width, key);
  const given = { condition: { encoder, pool: conditionPool(encoder, conditions.train) }, train, heldOut };
  if (base === "standard") {
    const cols = encoder.width;
    const covariates = {
      trainCondition: { values: train, cols },
      validationCondition: { values: heldOut, cols },
    };
    // What a user gives may be anything and is left to the field; cells are of the rows, and move whole groups of them.
    if (!encoder.columns.some(({ kind }) => kind === "cell")) {
      return { rows: { train: x.train, validation, ...covariates }, heldOut: validation, given, fieldCondition: cols };
    }
    const opening = fitOpening({ x: x.train, y: train }, { x: validation, y: heldOut }, d, cols);
    const { forward } = createOpening(opening);
    const opened = { train: forward(x.train, train), validation: forward(validation, heldOut) };
    return { rows: { ...opened, ...covariates }, heldOut: validation, opening, given, fieldCondition: cols };
  }
  const baseMeans = labelMeans(encoder, x.train, train, d, nodes);
  const means = { trainMean: meansOf(train, baseMeans, d), validationMean: meansOf(heldOut, baseMeans, d) };
  return { rows: { train: x.train, validation, ...means }, heldOut: validation, given, fieldCondition: 0, baseMeans };
}
