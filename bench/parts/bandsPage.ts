/** The page of figures of intervals. */
import { markdownTable } from "./measure.ts";
import { type Conditions, conditionsLine } from "./results.ts";

/** Figures of a case by name. */
export type Line = Readonly<Record<string, number | string>>;

export interface BandsEntry extends Conditions {
  readonly test: string;
  readonly lines: readonly Line[];
  readonly cpuSeconds: number;
}

const says: Readonly<Record<string, string>> = {
  offline:
    "One column, parameters estimated once from n rows: share of nominal 95 % intervals that hold mean and variance, the scaled variance of the errors beside the theory's, n E W2^2 beside the theory's, Kolmogorov's distance of standardised errors of the mean to N(0, 1), mean width of the mean's interval",
  online:
    "One column, fresh estimates from m rows at every step: (m / h) times the variances, beside the recursion for this h and m and the limit, and the coverage of intervals by the limit",
  bootstrap:
    "The rival of few rows: percentiles of 200 parametric draws for each interval beside the delta method, h = .01",
  matrix: "Two columns that do not commute, n = 400, three steps of .25: coverage of each entry",
  path: "A path of an Ornstein-Uhlenbeck process of 2,000 intervals of .1, mean known: coverage",
  well: "A double well in quantile coordinates, 400 cells, 400 rows, fifteen steps of .02: coverage of mean and variance, standardised errors of the quantiles at .1, .5 and .9",
};

const shown = (value: number | string | undefined): string =>
  typeof value === "number" ? String(Number(value.toPrecision(4))) : (value ?? "");

export function bandsPage(entries: Readonly<Record<string, BandsEntry>>): string {
  const parts = Object.values(entries).flatMap(({ test, lines, cpuSeconds, ...about }) => {
    const names = [...new Set(lines.flatMap((line) => Object.keys(line)))];
    const rows = lines.map((line) => names.map((name) => shown(line[name])));
    return [
      `## ${test}`,
      "",
      `${says[test]}.`,
      "",
      markdownTable([names, ...rows]),
      "",
      `${cpuSeconds.toFixed(0)} CPU s; ${conditionsLine(about)}`,
      "",
    ];
  });
  return [
    "# Intervals where the target was estimated",
    "",
    "`npm run bench -- bands`. mu = 1, q = 1.5, temperature .5, start N(-2, .1), t = .6. A coverage of .95 has a standard error of sqrt(.0475 / replicates).",
    "",
    ...parts,
  ].join("\n");
}
