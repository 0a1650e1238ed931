/** Tests of fit: rows of the data against as many samples of the model; in numbers, in tables and in words. */
import { createKey, data, fold, type OpenModel, scoreLogProb } from "jkoflow";
import { type Estimate, type FitTest, type FitTestOptions, type TestsOfFit, testsOfFit } from "jkoflow/evaluate";
import { besideCells } from "jkoflow/model";
import { count, nats, small } from "../progress/numbers.ts";
import type { Judged } from "./judged.ts";
import { inOwnUnits } from "./ownUnits.ts";
import { rawPair } from "./rawRows.ts";

export interface FitTests {
  readonly tests: readonly FitTest[];
  /** Of the smallest p-value, corrected for the number of tests. */
  readonly pValue: number;
  /** A classifier that tells this share of the rows apart would have been found with a chance of 80 %. */
  readonly detectable: number;
  /** Rows of the data, and samples, that were compared. */
  readonly rows: number;
  /** NLL of the model's own samples: what rows cost when the model is right. */
  readonly sampleNll: Estimate;
  /** NLL of the data less that, with the error of the difference. */
  readonly excess: Estimate;
  readonly verdict: string;
}

/** At most so many rows of the data and samples; 10,000 is what papers take. */
const MOST_ROWS = 10_000;

const LEVEL = 0.05;

/** Where only a classifier that tells more than this share of the rows apart would be found, the rows are few. */
const GROSS = 0.6;

/**
 * Columns are measured in standard deviations of the rows, so that units do not matter; boosted trees see them as they are
 * in the table.
 * @throws InputError for fewer than ten rows.
 */
export function runFitTests(
  open: OpenModel,
  { table, given }: Judged,
  logProb: Float64Array,
  seed: number,
  options: FitTestOptions = {},
): FitTests {
  const n = Math.min(table.rows, options.maxRows ?? MOST_ROWS);
  const key = fold(createKey(seed), "tests of fit");
  // A conditional model is asked for rows with what the first n rows are given, and compared with these; cells are its own.
  const shown =
    given &&
    data.takeConditions(
      given,
      Array.from({ length: n }, (_, i) => i),
    );
  const y = besideCells(open.model, key, n, data.userConditions(shown));
  const first = { ...table, rows: n, values: table.values.subarray(0, n * table.columns.length) };
  const samples = open.sample(fold(key, "samples"), n, { given: y });
  const own = given ? first : table;
  const [rows, drawn] = [data.withCellColumns(own, shown), data.withCellColumns(samples, y)];
  const d = drawn.columns.length;
  const scale = scaler(rows.values, d);
  const { tests, pValue, detectable } = testsOfFit(scale(rows.values), scale(drawn.values), d, key, {
    ...options,
    maxRows: n,
    raw: rawPair(inOwnUnits(open.model.schema, own, shown), inOwnUnits(open.model.schema, samples, y)),
  });
  const ofSamples = scoreLogProb(open.logProb(samples, { given: y }));
  const score = scoreLogProb(logProb);
  const excess = {
    mean: score.nll - ofSamples.nll,
    standardError: Math.hypot(score.standardError, ofSamples.standardError),
  };
  const sampleNll = { mean: ofSamples.nll, standardError: ofSamples.standardError };
  return {
    tests,
    pValue,
    detectable,
    rows: n,
    sampleNll,
    excess,
    verdict: verdictOf({ tests, pValue, detectable }, n),
  };
}

/** Divides every column by its standard deviation over these rows; a constant column stays as it is. */
function scaler(values: Float32Array, d: number): (x: Float32Array) => Float32Array {
  const n = values.length / d;
  const [mean, square] = [new Float64Array(d), new Float64Array(d)];
  for (let i = 0; i < values.length; i++) mean[i % d] += values[i] / n;
  for (let i = 0; i < values.length; i++) square[i % d] += (values[i] - mean[i % d]) ** 2 / n;
  const sd = square.map((variance) => (variance > 0 ? Math.sqrt(variance) : 1));
  return (x) => x.map((value, i) => (value - mean[i % d]) / sd[i % d]);
}

/** Names as they stand in a sentence. */
const inWords = (name: string): string =>
  name
    .replace(/^MMD, /, "MMD with ")
    .replace("classifier", "classifier accuracy")
    .replace("boosted trees", "boosted trees' belief in the true origin");

/** The tests in one sentence; `rows` of the data were compared with as many samples. */
export function verdictOf({ tests, pValue, detectable }: TestsOfFit, rows: number): string {
  const least = tests.reduce((a, b) => (b.pValue < a.pValue ? b : a));
  if (pValue > LEVEL) {
    const found =
      "no difference between samples and data found by MMD (three bandwidths), energy distance, classifier, boosted trees " +
      `and sliced Wasserstein (least of ${tests.length} p-values ${share(least.pValue)}, ${share(pValue)} when corrected for their number)`;
    // The percentage that is named must suffice.
    const apart = `${Math.ceil(100 * detectable)} % of rows apart`;
    return detectable > GROSS
      ? `${count(rows)} rows are too few to find any but gross differences (a classifier would have to tell ${apart}); ${found}`
      : `${found}; a classifier that tells ${apart} would be found with a chance of 80 %`;
  }
  // Among tests with the same least p-value the one farthest above its threshold says most.
  const clearest = tests
    .filter((test) => test.pValue === least.pValue)
    .reduce((a, b) => (b.statistic / b.threshold > a.statistic / a.threshold ? b : a));
  const others = tests.filter((test) => test !== clearest && test.pValue <= LEVEL).map(({ name }) => inWords(name));
  const also = others.length === 0 ? "" : `; also above theirs: ${others.join(", ")}`;
  const [statistic, threshold] = besideThreshold(clearest);
  const told = Math.max(
    ...tests.flatMap(({ accuracy, pValue }) => (accuracy !== null && pValue <= LEVEL ? [accuracy] : [])),
  );
  const apart = told > 0.5 ? `a classifier tells ${Math.floor(100 * told)} % of held-out rows apart; ` : "";
  return (
    `samples differ from the data: ${apart}${inWords(clearest.name)} ${statistic} above its 95 % threshold ` +
    `${threshold} (p ${share(clearest.pValue)})${also}`
  );
}

const percent = (accuracy: number | null): string => `${(100 * (accuracy ?? Number.NaN)).toFixed(1)} %`;

/** A p-value is known to its first digits at best. */
const share = (value: number): string => `${Number(value.toPrecision(2))}`;

const figure = (value: number, more = 0): string =>
  Math.abs(value) < 0.01 ? value.toExponential(2 + more) : value.toFixed(4 + more);

/** Statistic and threshold with as many digits as it takes to tell them apart, up to four more than usual. */
function besideThreshold({ statistic, threshold }: FitTest): readonly [string, string] {
  const same = [0, 1, 2, 3].filter((more) => figure(statistic, more) === figure(threshold, more)).length;
  return [figure(statistic, same), figure(threshold, same)];
}

/** What each statistic looks at. */
export function meaning({ name, bandwidth, accuracy }: FitTest): string {
  if (name === "energy distance") return "differences at any scale; 0 for equal distributions";
  if (name === "classifier") return "share of held-out rows whose origin it finds; 0.5 is chance";
  if (name === "boosted trees") {
    return `belief of held-out trees in a row's true origin, in deviations from chance, columns as in the table; ${percent(accuracy)} of the rows assigned rightly`;
  }
  if (name === "sliced Wasserstein") return "how far mass must move along random lines, in standard deviations";
  const at = `squared MMD, Gaussian kernel of width ${small(bandwidth ?? Number.NaN)}`;
  if (name === "MMD, median bandwidth") return `${at}: the overall shape`;
  return name === "MMD, unit bandwidth" ? `${at}: a standard deviation` : `${at}: fine detail`;
}

/** One row a test: name, V-statistic, U-statistic, threshold, p, what it means. */
export const fitTestRows = ({ tests }: FitTests): readonly (readonly string[])[] =>
  tests.map((test) => {
    const [statistic, threshold] = besideThreshold(test);
    return [
      test.name,
      statistic,
      test.unbiased === null ? "" : figure(test.unbiased),
      threshold,
      share(test.pValue),
      test.pValue <= LEVEL ? "above" : "below",
      meaning(test),
    ];
  });

export const FIT_TEST_HEADS = ["test", "value", "unbiased", "95 % threshold", "p", "", "what it is"] as const;

/** How the data score against the model's own samples. */
export function excessInWords({ excess, sampleNll }: FitTests): string {
  const { mean, standardError } = excess;
  const own = `own samples ${nats(sampleNll.mean)} +- ${nats(sampleNll.standardError)} nats`;
  const by = `${nats(Math.abs(mean))} +- ${nats(standardError)} nats`;
  if (Math.abs(mean) <= 2 * standardError) return `${own}: the data cost as much (difference ${by})`;
  return mean > 0
    ? `${own}: the data cost ${by} more; the model is too narrow, or over-fitted`
    : `${own}: the data cost ${by} less; the model is too wide`;
}

export function fitTestLines(result: FitTests): string[] {
  const rows = [[...FIT_TEST_HEADS], ...fitTestRows(result).map((row) => [...row])];
  const widths = rows[0].map((_, k) => Math.max(...rows.map((row) => row[k].length)));
  const table = rows.map((row) =>
    row
      .map((cell, k) => cell.padEnd(widths[k]))
      .join("  ")
      .trimEnd(),
  );
  return [
    `${count(result.rows)} rows of the data against as many samples, columns in standard deviations:`,
    "",
    ...table,
    "",
    `Verdict: ${result.verdict}.`,
  ];
}
