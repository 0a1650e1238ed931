/**
 * The models that a flow is held against: a Gaussian, a mixture of Gaussians, and a mixture behind kernel margins. Where the flow is
 * given columns, so are they.
 *
 *   Gaussian   x | y normal with a mean linear in the covariates of y (see fitConditionalGaussian)
 *   mixtures   one of each label, where one column of labels is given and every label has rows enough; else one of the
 *              residuals of that regression
 */
import { data, fold, type Key } from "jkoflow";
import type { MixtureBase } from "jkoflow/distributions";
import {
  betterGaussian,
  fitConditionalGaussian,
  fitGaussian,
  fitMarginMixture,
  fitMixture,
  type Gaussian,
  type Mixture,
  mixtureRows,
} from "jkoflow/evaluate";
import type { MixtureParts } from "jkoflow/model";
import type { RunProblem } from "../run/problem.ts";
import { gaussianParts } from "./gaussianParts.ts";
import { labelsOf, rowsByLabel } from "./labels.ts";

export type BaselineProblem = Pick<RunProblem, "train" | "validation" | "conditions">;

export interface BaselineModel {
  readonly name: string;
  /** How it had to be fitted, where that is not as usual. */
  readonly note?: string;
  readonly logProb: (rows: data.Table, given?: data.ConditionRows) => Float64Array;
  readonly sample?: (key: Key, n: number) => data.Table;
  /** Of one that a run can keep: what becomes its model, in the coordinates in which it was fitted. */
  readonly parts?: () => MixtureParts;
}

/** A baseline that cannot be fitted to these rows, and why, in one sentence. */
export interface Refused {
  readonly name: string;
  readonly refused: string;
}

/** What the flow is held against, the cheapest first; `fit` may take a while and is called after training. */
export interface Baselines {
  readonly models: readonly { readonly name: string; readonly fit: () => BaselineModel | Refused }[];
}

/** A density of rows without names. */
interface Density {
  logProb(x: Float32Array, rows: number): Float64Array;
  parts(): MixtureBase;
  sample?(key: Key, rows: number): Float32Array;
}

/** Fits a mixture to training rows, its settings chosen on held-out ones. [n, d], [m, d] */
type FitMixture = (train: Float32Array, held: Float32Array, d: number, key: Key) => Density;

/** How the names of mixtures end that are fitted label by label; a run cannot keep those: a model has one base. */
export const OF_EACH_LABEL = "of each label";

const GAUSSIAN = "Gaussian";
const MIXTURE = "Gaussian mixture";
const MARGINS = "Gaussian mixture with kernel margins";
/** Of the mixtures; each has a key of its own. */
const MIXTURES: readonly { readonly name: string; readonly fit: FitMixture; readonly keyOf: (key: Key) => Key }[] = [
  { name: MIXTURE, fit: fitMixture, keyOf: (key) => key },
  { name: MARGINS, fit: fitMarginMixture, keyOf: (key) => fold(key, "margins") },
];

/** A label has a mixture of its own from so many training rows a column, and some rows to choose its size by. */
const ROWS_PER_COLUMN = 20;
const LEAST_VALIDATION_ROWS = 20;
/** Rows a column without which two components could not have a covariance each. */
const LEAST_ROWS_PER_COLUMN = 2;

function plain(name: string, density: Density, columns: readonly string[], note?: string): BaselineModel {
  return {
    name,
    ...(note === undefined ? {} : { note }),
    parts: () => ({ mixture: density.parts() }),
    logProb: ({ values, rows }) => density.logProb(values, rows),
    ...(density.sample ? { sample: (key, n) => data.createTable(density.sample!(key, n), columns) } : {}),
  };
}

const gaussianDensity = (gaussian: Gaussian): Density => ({ ...gaussian, parts: () => gaussianParts(gaussian) });

/** What a Gaussian that was shrunk says of itself. */
function shrinkageNote({ shrinkage }: Gaussian, rows: number, columns: number): string | undefined {
  const share = (100 * shrinkage).toFixed(0);
  if (share === "0") return undefined;
  return `correlations drawn towards 0 by ${share} % (Ledoit-Wolf), as validation rows prefer with ${rows} rows of ${columns} columns`;
}

const sizeNote = ({ chosen }: Mixture): string | undefined =>
  chosen.components === 1 ? "one component, so it is the Gaussian: validation rows reward no second one" : undefined;

function tooFewRows(name: string, rows: number, columns: number): Refused | undefined {
  const least = LEAST_ROWS_PER_COLUMN * columns;
  if (rows >= least) return undefined;
  return { name, refused: `${rows} training rows of ${columns} columns: components would need at least ${least}` };
}

/** Holds of the training rows what `mixtureRows` takes. */
export function plainBaselines({ train, validation }: BaselineProblem, key: Key): Baselines {
  const { columns, rows: n } = train;
  const d = columns.length;
  const rows = mixtureRows(train.values, d, key);
  return {
    models: [
      {
        name: GAUSSIAN,
        fit: () => {
          const gaussian = betterGaussian(rows.gaussians, validation.values);
          return plain(GAUSSIAN, gaussianDensity(gaussian), columns, shrinkageNote(gaussian, n, d));
        },
      },
      {
        name: MIXTURE,
        fit: () => {
          const refused = tooFewRows(MIXTURE, n, d);
          if (refused) return refused;
          const mixture = fitMixture(rows, validation.values, d, key);
          return plain(MIXTURE, mixture, columns, sizeNote(mixture));
        },
      },
      {
        name: MARGINS,
        fit: () =>
          tooFewRows(MARGINS, n, d) ??
          plain(MARGINS, fitMarginMixture(rows, validation.values, d, fold(key, "margins")), columns),
      },
    ],
  };
}

/** The regression on what is given, the residuals of the rows of both parts, and the Gaussian of the residuals. */
function regression({ train, validation, conditions }: BaselineProblem) {
  const d = train.columns.length;
  const encoder = data.fitCondition(conditions!.train);
  const y = encoder.encode(conditions!.train);
  const model = fitConditionalGaussian(train.values, y, train.rows, d, encoder.width);
  const residuals = model.residuals(train.values, y, train.rows);
  const held = model.residuals(validation.values, encoder.encode(conditions!.validation), validation.rows);
  const shrunk = fitGaussian(residuals, train.rows, d, { shrinkage: "ledoit-wolf" });
  const around = (density: Density): Pick<BaselineModel, "logProb" | "parts"> => ({
    logProb: ({ values, rows }, given) => density.logProb(model.residuals(values, encoder.encode(given!), rows), rows),
    parts: () => ({ mixture: density.parts(), opening: model.opening() }),
  });
  return { residuals, held, around, gaussian: betterGaussian([model.gaussian, shrunk], held) };
}

/** Holds the training rows. */
export function conditionalBaselines(problem: BaselineProblem, key: Key): Baselines {
  const linear = "Gaussian, linear in what is given";
  return {
    models: [
      {
        name: linear,
        fit: () => {
          const { gaussian, around } = regression(problem);
          const note = shrinkageNote(gaussian, problem.train.rows, problem.train.columns.length);
          return { name: linear, ...(note === undefined ? {} : { note }), ...around(gaussianDensity(gaussian)) };
        },
      },
      ...MIXTURES.map(({ name, fit, keyOf }) => ({
        name,
        fit: () => {
          const { rows, columns } = problem.train;
          return tooFewRows(name, rows, columns.length) ?? conditionalMixture(name, fit, problem, keyOf(key));
        },
      })),
    ],
  };
}

function conditionalMixture(name: string, fit: FitMixture, problem: BaselineProblem, key: Key): BaselineModel {
  const labelled = mixtureOfLabels(name, fit, problem, key);
  if (labelled) return labelled;
  const { residuals, held, around } = regression(problem);
  return {
    name: `${name} around that`,
    ...around(fit(residuals, held, problem.train.columns.length, key)),
  };
}

function mixtureOfLabels(
  name: string,
  fit: FitMixture,
  { train, validation, conditions }: BaselineProblem,
  key: Key,
): BaselineModel | undefined {
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
  const densities = new Map<string, Density>(
    parts.map(([label, rows]) => {
      const values = data.takeRows(validation, heldRows.get(label)!).values;
      return [label, fit(data.takeRows(train, rows).values, values, d, fold(key, label))];
    }),
  );
  return {
    name: `${name} ${OF_EACH_LABEL}`,
    logProb: (table, given) => {
      const out = new Float64Array(table.rows);
      for (const [label, rows] of rowsByLabel(labelsOf(given!)!)) {
        const scores = densities.get(label)!.logProb(data.takeRows(table, rows).values, rows.length);
        rows.forEach((row, i) => {
          out[row] = scores[i];
        });
      }
      return out;
    },
  };
}
