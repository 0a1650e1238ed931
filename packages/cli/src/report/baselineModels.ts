/**
 * The models that a flow is held against: a Gaussian and a mixture of Gaussians. Where the flow is given columns, so are they.
 *
 *   Gaussian   x | y normal with a mean linear in the covariates of y (see fitConditionalGaussian)
 *   mixture    one of each label, where one column of labels is given and every label has rows enough; else one of the
 *              residuals of that regression
 */
import {
  betterGaussian,
  data,
  fitConditionalGaussian,
  fitMixture,
  fold,
  type Key,
  type Mixture,
  type Model,
  mixtureRows,
} from "jkoflow";
import type { RunProblem } from "../run/problem.ts";
import { gaussianParts, keptMixture } from "./keptBaseline.ts";
import { labelsOf, rowsByLabel } from "./labels.ts";

export interface BaselineModel {
  readonly name: string;
  /** How it had to be fitted, where that is not as usual. */
  readonly note?: string;
  readonly logProb: (rows: data.Table, given?: data.ConditionRows) => Float64Array;
  /** As a model that a run can keep, where it can be one. */
  readonly model?: () => Model;
}

/** A label has a mixture of its own from so many training rows a column, and some rows to choose its size by. */
const ROWS_PER_COLUMN = 20;
const LEAST_VALIDATION_ROWS = 20;

const plain = (
  name: string,
  density: { logProb(x: Float32Array, rows: number): Float64Array },
  model?: () => Model,
): BaselineModel => ({
  name,
  logProb: ({ values, rows }) => density.logProb(values, rows),
  ...(model ? { model } : {}),
});

function regression({ train, conditions }: RunProblem) {
  const encoder = data.fitCondition(conditions!.train);
  const y = encoder.encode(conditions!.train);
  const model = fitConditionalGaussian(train.values, y, train.rows, train.columns.length, encoder.width);
  return { encoder, y, model };
}

/** What the flow is held against, the cheapest first; `fit` may take a while and is called after training. */
export interface Baselines {
  readonly models: readonly { readonly name: string; readonly fit: () => BaselineModel | Refused }[];
}

/** A baseline that cannot be fitted to these rows, and why, in one sentence. */
export interface Refused {
  readonly name: string;
  readonly refused: string;
}

/** Holds of the training rows what `mixtureRows` takes. */
export function plainBaselines({ train, validation }: RunProblem, key: Key): Baselines {
  const d = train.columns.length;
  const rows = mixtureRows(train.values, d, key);
  const whole = betterGaussian(rows.gaussians, validation.values);
  const mixture = () => {
    const fitted = fitMixture(rows, validation.values, d, key);
    return plain("Gaussian mixture", fitted, () => keptMixture("Gaussian mixture", fitted.parts(), validation));
  };
  const gaussian = () => keptMixture("Gaussian", gaussianParts(whole), validation);
  return {
    models: [
      { name: "Gaussian", fit: () => plain("Gaussian", whole, gaussian) },
      { name: "Gaussian mixture", fit: mixture },
    ],
  };
}

/** Holds the training rows. */
export function conditionalBaselines(problem: RunProblem, key: Key): Baselines {
  const { encoder, model } = regression(problem);
  const name = "Gaussian, linear in what is given";
  const gaussian: BaselineModel = {
    name,
    logProb: ({ values, rows }, given) => model.logProb(values, encoder.encode(given!), rows),
  };
  return {
    models: [
      { name, fit: () => gaussian },
      { name: "Gaussian mixture", fit: () => conditionalMixture(problem, key) },
    ],
  };
}

function conditionalMixture(problem: RunProblem, key: Key): BaselineModel {
  const labelled = mixtureOfLabels(problem, key);
  if (labelled) return labelled;
  const { train, validation, conditions } = problem;
  const d = train.columns.length;
  const { encoder, y, model } = regression(problem);
  const held = model.residuals(validation.values, encoder.encode(conditions!.validation), validation.rows);
  const mixture = fitMixture(model.residuals(train.values, y, train.rows), held, d, key);
  return {
    name: "Gaussian mixture around that",
    logProb: ({ values, rows }, given) => mixture.logProb(model.residuals(values, encoder.encode(given!), rows), rows),
  };
}

function mixtureOfLabels({ train, validation, conditions }: RunProblem, key: Key): BaselineModel | undefined {
  // Labels of several columns may occur together in other rows and never in these: then there is nothing to score by.
  if (conditions!.train.columns.length > 1) return undefined;
  const [labels, held] = [labelsOf(conditions!.train), labelsOf(conditions!.validation)];
  if (labels === undefined || held === undefined) return undefined;
  const d = train.columns.length;
  const heldRows = rowsByLabel(held);
  const parts = [...rowsByLabel(labels)];
  const enough = parts.every(
    ([label, rows]) =>
      rows.length >= ROWS_PER_COLUMN * d && (heldRows.get(label)?.length ?? 0) >= LEAST_VALIDATION_ROWS,
  );
  if (!enough) return undefined;
  const mixtures = new Map<string, Mixture>(
    parts.map(([label, rows]) => {
      const values = data.takeRows(validation, heldRows.get(label)!).values;
      return [label, fitMixture(data.takeRows(train, rows).values, values, d, fold(key, label))];
    }),
  );
  return {
    name: "Gaussian mixture of each label",
    logProb: (table, given) => {
      const out = new Float64Array(table.rows);
      for (const [label, rows] of rowsByLabel(labelsOf(given!)!)) {
        const scores = mixtures.get(label)!.logProb(data.takeRows(table, rows).values, rows.length);
        rows.forEach((row, i) => {
          out[row] = scores[i];
        });
      }
      return out;
    },
  };
}
