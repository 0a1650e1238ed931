/** Intervals of `jko bands`, in figures. */
import {
  type EstimatedLaw,
  estimatedLaw,
  estimatePath,
  estimateRows,
  flowLaw,
  type Interval,
  intervalOf,
  jkoLaw,
  type LineErrors,
  type LineLaw,
  lowerPairs,
  offlineErrors,
  type Way,
} from "jkoflow/theory";
import { counted, small } from "../progress/numbers.ts";

export interface NamedInterval extends Interval {
  readonly name: string;
}

interface Named {
  readonly name: string;
  readonly value: number;
}

export interface Bands {
  readonly rows: number;
  /** What was estimated. */
  readonly estimates: readonly Named[];
  readonly intervals: readonly NamedInterval[];
  /** The scheme less the flow, with the estimated parameters. */
  readonly timeErrors: readonly Named[];
  /** In one column: the law and n times the variances of its errors. */
  readonly line: { readonly law: LineLaw; readonly errors: LineErrors } | null;
  readonly notes: readonly string[];
}

export interface BandsAsked {
  readonly start: { readonly mean: Float64Array; readonly covariance: Float64Array };
  /** What intervals are about, and what it is compared with. */
  readonly way: Way;
  readonly other: Way;
  readonly level: number;
  readonly temperature: number;
  readonly columns: readonly string[];
}

/** Intervals by the delta method are for many rows: with fewer they hold the truth less often than they say. */
const FEW_ROWS = 100;
/** A time error above this share of a standard error is told. */
const TOLD_SHARE = 0.1;

/** From independent rows [n, d] of the steady state. */
export function bandsOfRows(values: ArrayLike<number>, asked: BandsAsked): Bands {
  const { start, way, other, level, temperature, columns } = asked;
  const d = columns.length;
  const { mean, covariance, rows } = estimateRows(values, d);
  const steady = { mean, covariance, temperature };
  const law = estimatedLaw(steady, start, way);
  const compared = flat(estimatedLaw(steady, start, other), d);
  const names = namesOf(columns);
  const size = names.length;
  const found = flat(law, d);
  const intervals = found.map((value, k) => ({
    name: names[k],
    ...intervalOf(value, law.errors[k * size + k], rows, level),
  }));
  const line =
    d === 1
      ? {
          law: { mean: law.mean[0], variance: law.covariance[0] },
          errors: { mean: law.errors[0], covariance: law.errors[1], variance: law.errors[3] },
        }
      : null;
  const estimates = flat({ mean, covariance }, d).map((value, k) => ({ name: names[k], value }));
  return { rows, estimates, intervals, line, ...compare(intervals, compared, way, rows) };
}

/** From a path of one column. */
export function bandsOfPath(
  path: ArrayLike<number>,
  asked: BandsAsked & { readonly interval: number; readonly mean?: number },
): Bands {
  const { start, way, other, level, temperature, interval, mean, columns } = asked;
  const {
    model,
    errors: inputs,
    rows,
    correlation,
  } = estimatePath(path, {
    interval,
    temperature,
    ...(mean === undefined ? {} : { mean }),
  });
  const from = { mean: start.mean[0], variance: start.covariance[0] };
  const along = (by: Way) => ("time" in by ? flowLaw(model, from, by.time) : jkoLaw(model, from, by.step, by.steps));
  const law = along(way);
  const compared = along(other);
  const errors = offlineErrors(model, law, inputs);
  const [ofMean, ofVariance] = namesOf(columns);
  const intervals = [
    { name: ofMean, ...intervalOf(law.mean, errors.mean, rows, level) },
    { name: ofVariance, ...intervalOf(law.variance, errors.variance, rows, level) },
  ];
  const estimates = [
    ...(mean === undefined ? [{ name: "mean", value: model.mean }] : []),
    { name: "stiffness", value: model.stiffness },
    { name: "correlation of neighbours", value: correlation },
  ];
  return {
    rows,
    estimates,
    intervals,
    line: { law, errors },
    ...compare(intervals, [compared.mean, compared.variance], way, rows),
  };
}

function compare(intervals: readonly NamedInterval[], other: readonly number[], way: Way, rows: number) {
  const isScheme = !("time" in way);
  const timeErrors = intervals.map(({ name, value }, k) => ({
    name,
    value: isScheme ? value - other[k] : other[k] - value,
  }));
  const large = intervals.filter(({ standardError }, k) => Math.abs(timeErrors[k].value) > TOLD_SHARE * standardError);
  const notes = [
    ...(large.length === 0 || !isScheme
      ? []
      : [
          `note: the time error is above a tenth of the standard error of ${large.map(({ name }) => name).join(", ")}: these intervals are about the scheme, not about the flow; --centre continuum is about that, a smaller --step brings both together`,
        ]),
    ...(rows < FEW_ROWS
      ? [
          `note: ${counted(rows, "row")}: such intervals hold the truth less often than they say (about ${small(rows < 50 ? 91 : 94)} % instead of 95)`,
        ]
      : []),
  ];
  return { timeErrors, notes };
}

const namesOf = (columns: readonly string[]): string[] => {
  if (columns.length === 1) return ["mean", "variance"];
  const pairs = lowerPairs(columns.length).map(([i, j]) =>
    i === j ? `variance ${columns[i]}` : `covariance ${columns[j]}, ${columns[i]}`,
  );
  return [...columns.map((name) => `mean ${name}`), ...pairs];
};

const flat = ({ mean, covariance }: Pick<EstimatedLaw, "mean" | "covariance">, d: number): number[] => [
  ...mean,
  ...lowerPairs(d).map(([i, j]) => covariance[i * d + j]),
];
