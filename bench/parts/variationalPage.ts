/** The page of the benchmark of the variational flow. */
import { markdownTable, median, rounded as roundedTo } from "./measure.ts";
import { type Conditions, changedSettings, conditionsLine } from "./results.ts";
import { type Figures, variationalTests } from "./variationalTests.ts";

export interface VariationalEntry extends Conditions {
  readonly test: string;
  readonly seed: number;
  /** Absent where the run failed. */
  readonly figures?: Figures;
  readonly failure?: string;
}

const rounded = (value: number | null): string => roundedTo(value, 3);

/** Every figure by name: median, and the farthest from 0 of all seeds. */
export function variationalPage(entries: Readonly<Record<string, VariationalEntry>>): string {
  const all = Object.values(entries);
  const tests = [...new Set(all.map(({ test }) => test))];
  const parts = tests.flatMap((test) => {
    const own = all.filter((entry) => entry.test === test);
    const done = own.flatMap(({ figures }) => (figures ? [figures] : []));
    const names = [...new Set(done.flatMap((figures) => Object.keys(figures)))];
    const lines = names.map((name) => {
      const values = done.flatMap((figures) =>
        figures[name] === undefined ? [] : [figures[name] ?? Number.POSITIVE_INFINITY],
      );
      const farthest = values.reduce((most, v) => (Math.abs(v) > Math.abs(most) ? v : most), 0);
      return [name, rounded(median(values)), rounded(farthest), values.map(rounded).join(", ")];
    });
    const says = `${variationalTests[test]?.says ?? ""}. ${own.length} seeds, ${own.length - done.length} failed.`;
    return [
      `## ${test}`,
      "",
      says,
      "",
      markdownTable([["figure", "median", "farthest from 0", "seeds"], ...lines]),
      "",
    ];
  });
  return [
    "# The variational flow where the solution is known",
    "",
    "`npm run bench -- variational`. One thread; CPU seconds of training. Seeds choose the random target too. F and gaps in nats, of",
    "the porous medium in the units of F. The published code was not run here: its figures for these problems are curves only.",
    "",
    ...parts,
    ...[...new Set(all.map((entry) => [conditionsLine(entry), changedSettings(entry)].filter(Boolean).join("; ")))].map(
      (line) => `- ${line}`,
    ),
  ].join("\n");
}
