/** The page of the benchmark of samplers. */
import { inferTests } from "./inferTests.ts";
import { markdownTable, median, rounded as roundedTo } from "./measure.ts";
import { type Conditions, changedSettings, conditionsLine } from "./results.ts";

export interface InferEntry extends Conditions {
  readonly test: string;
  readonly system: string;
  readonly seed: number;
  /** Absent where the run failed. */
  readonly figures?: Readonly<Record<string, number>>;
  readonly failure?: string;
}

const rounded = (value: number): string => roundedTo(value, 2);

/** Columns: the heading, the figure, and which of the seeds is the worst. */
const COLUMNS: readonly (readonly [heading: string, figure: string, worst: (values: readonly number[]) => number])[] = [
  ["half-energy distance", "energyDistance", (values) => Math.max(...values)],
  ["mean log-ratio", "meanLogRatio", (values) => Math.min(...values)],
  ["ln Z", "logZ", (values) => values.reduce((most, v) => (Math.abs(v) > Math.abs(most) ? v : most), 0)],
  ["ESS", "ess", (values) => Math.min(...values)],
  ["mode error", "modeError", (values) => Math.max(...values)],
  ["solver gap", "solverGap", (values) => values.reduce((most, v) => (Math.abs(v) > Math.abs(most) ? v : most), 0)],
  ["evaluations", "evaluations", (values) => Math.max(...values)],
  ["CPU s", "trainSeconds", (values) => Math.max(...values)],
  ["CPU s for 10,000 rows", "drawSeconds", (values) => Math.max(...values)],
];

/** Median and worst of the seeds. */
export function inferPage(entries: Readonly<Record<string, InferEntry>>): string {
  const all = Object.values(entries);
  const parts = [...new Set(all.map(({ test }) => test))].flatMap((test) => {
    const own = all.filter((entry) => entry.test === test);
    const lines = [...new Set(own.map(({ system }) => system))].map((system) => {
      const entries = own.filter((entry) => entry.system === system);
      const done = entries.flatMap(({ figures }) => (figures ? [figures] : []));
      const cells = COLUMNS.map(([, name, worst]) => {
        const values = done.flatMap((figures) => (figures[name] === undefined ? [] : [figures[name]]));
        return values.length === 0 ? "-" : `${rounded(median(values))}, ${rounded(worst(values))}`;
      });
      return [system, `${done.length} of ${entries.length}`, ...cells];
    });
    const heads = ["", "seeds", ...COLUMNS.map(([heading]) => heading)];
    return [`## ${test}`, "", `${inferTests[test]?.says ?? ""}.`, "", markdownTable([heads, ...lines]), ""];
  });
  return [
    "# Samplers where exact samples are known",
    "",
    "`npm run bench -- infer`. Median and worst of the seeds. Distances are without bias, of 10,000 rows and as many exact ones: 0",
    "is none. ln Z of every target is 0: of smc by the way of its rows, else by importance weights; the mean log-ratio is a lower bound",
    "of it, of smc that of its mixture. Evaluations: rows at which the target was computed, with its slopes.",
    "",
    ...parts,
    ...[...new Set(all.map((entry) => [conditionsLine(entry), changedSettings(entry)].filter(Boolean).join("; ")))].map(
      (line) => `- ${line}`,
    ),
  ].join("\n");
}
