/** The measures in words and tables for people. */
import type { Estimate } from "jkoflow/evaluate";
import { count, counted, duration, nats } from "../progress/numbers.ts";
import type { FlowLess } from "./judgedBaselines.ts";
import type { OddRows } from "./judgedModel.ts";
import type { LabelScore } from "./labels.ts";
import type { Measures } from "./measures.ts";

/** Which rows the figures are from. */
export const judgedBy = (measures: Measures): string => (measures.testNll === null ? "validation" : "test");

export const judgedCount = ({ testNll, rows }: Measures): number => (testNll === null ? rows.validation : rows.test);

/** How baselines had to be fitted, and which could not. */
export const notesOfBaselines = ({ baselines, refused }: Measures): string[] => [
  ...baselines.flatMap(({ name, note }) => (note ? [`${name}: ${note}.`] : [])),
  ...refused.map((one) => `No ${one.name}: ${one.refused}.`),
];

const FLOW = "flow";

/** Flow and baselines: a row each, of the columns of `comparisonHeads`. */
export function comparison(measures: Measures): readonly (readonly string[])[] {
  const { validationNll, testNll, standardError, odd, seconds, baselines, flowLess } = measures;
  const rows = [{ name: FLOW, validationNll, testNll, standardError, others: odd.others, seconds }, ...baselines];
  const model = measures.kept?.name ?? (measures.stays ? FLOW : undefined);
  const isApart = isJudgedApart(measures);
  return rows.map((row) => {
    const less = flowLess.find((one) => one.name === row.name);
    return [
      row.name === model ? `${row.name} (kept)` : row.name,
      estimateInWords({ mean: row.testNll ?? row.validationNll, standardError: row.standardError }),
      ...(odd.rows.length > 0 ? [estimateInWords(row.others)] : []),
      ...(isApart ? [less ? estimateInWords(less.trimmed) : ""] : []),
      duration(row.seconds),
    ];
  });
}

/** Whether the differences that judge are not those of the column of NLL. */
const isJudgedApart = ({ ties, flowLess }: Measures): boolean =>
  flowLess.length > 0 && (ties.grids.length > 0 || flowLess.some(({ carriers }) => carriers.length > 0));

/** The heads of these columns: the model, its NLL, that without odd rows, how the flow is judged against it, the time. */
export const comparisonHeads = (measures: Measures): readonly string[] => [
  "",
  `${judgedBy(measures)} NLL (nats)`,
  ...(measures.odd.rows.length > 0 ? [othersHead(measures)] : []),
  ...(isJudgedApart(measures) ? ["flow less it, as judged"] : []),
  "time",
];

export const othersHead = ({ odd }: Measures): string => `without ${counted(odd.rows.length, "odd row")}`;

export const estimateInWords = ({ mean, standardError }: Estimate): string => `${nats(mean)} +- ${nats(standardError)}`;

/** The first few of many names. */
export function gathered(names: readonly string[], most = 4): string {
  if (names.length <= most + 1) return names.join(", ");
  return `${names.slice(0, most).join(", ")} and ${names.length - most} more columns`;
}

/** The difference of one baseline, for `jko evaluate`. */
export function flowLessLine({ carriers, trimmed, median, ...all }: FlowLess): string {
  const mean = `${estimateInWords(all)} nats`;
  if (carriers.length === 0) return mean;
  const which =
    carriers.length === 1 ? "1 row carries it, without it" : `${carriers.length} rows carry it, without them`;
  return `${mean}; ${which} ${estimateInWords(trimmed)}, median ${nats(median)}`;
}

/** The rows that carry the NLL, counted from 1 among the judged ones; empty where none do. */
export function oddLine({ rows, nll, median, others }: OddRows, judged: number, kind: string): string[] {
  if (rows.length === 0) return [];
  const named = gathered(
    rows.map((row) => count(row + 1)),
    5,
  ).replace(" more columns", " more");
  const which = rows.length === 1 ? `row ${named} carries` : `rows ${named} carry`;
  return [
    `${which} the mean NLL of ${count(judged)} ${kind} rows, ${estimateInWords(nll)} nats; without ${rows.length === 1 ? "it" : "them"} ${estimateInWords(others)}, median ${nats(median)}`,
  ];
}

/** One label of a given column. */
export function labelText({ rows, nll, standardError, baselineNll }: LabelScore): string {
  const beside = baselineNll === null ? "" : ` (baseline ${nats(baselineNll)})`;
  return `NLL ${nats(nll)} +- ${nats(standardError)} nats${beside} on ${count(rows)} rows`;
}

/** Label by label; empty without condition. */
export const labelLines = ({ byLabel = [] }: Measures): string[] =>
  byLabel.map((one) => `${one.column} ${one.label}: ${labelText(one)}`);

/** Labels on the terminal; the report has all. */
export const SHOWN_LABELS = 12;
