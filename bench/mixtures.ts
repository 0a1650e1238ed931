/**
 * Does a flow nobody tuned beat mixtures of Gaussians? Ten tables, one split each (row i % 10 = 9 test, 8 validation),
 * z-scored by the training part, tied columns with the same noise for all: Gaussian, mixture and mixture behind kernel margins,
 * both chosen on validation rows, JKO-iFlow with the settings the library chooses. Wins and losses are all listed.
 *
 * `npm run bench -- mixtures [--tables powerPlant,cover] [--seed 1] [--threads 1] [--data DIR] [--set key=value ...]
 *  [--json FILE]`
 */
import { parseArgs } from "node:util";
import { type Estimate, pairedDifference } from "../packages/jkoflow/src/evaluate/index.ts";
import { buildPrograms } from "./parts/build.ts";
import { runFit } from "./parts/child.ts";
import { type DensityTableName, densityTableNames, loadDensityTable } from "./parts/densityTables.ts";
import { fixed } from "./parts/figures.ts";
import type { Fit } from "./parts/fit.ts";
import { dataOption, fitOptions, readFitOptions } from "./parts/fitOptions.ts";
import { passingFolder } from "./parts/folder.ts";
import { markdownTable } from "./parts/measure.ts";
import { parseCount, parseNames, runBench } from "./parts/options.ts";
import { readLogProb, writeProblem } from "./parts/problem.ts";
import { type Conditions, conditions, conditionsLine, storeEntries } from "./parts/results.ts";

interface Entry extends Conditions {
  readonly seed: number;
  /** Rows of training, validation, test; columns. */
  readonly rows: readonly number[];
  readonly columns: number;
  /** Widths of the uniform noise on tied columns, in the units of the file. */
  readonly widths: Readonly<Record<string, number>>;
  /** NLL of the flow minus that of each mixture, paired; negative: the flow is better. */
  readonly difference: Readonly<Record<"mixture" | "margins", Estimate>>;
  readonly fits: readonly Fit[];
}

const { quick: _, ...wishes } = fitOptions;

await runBench(async () => {
  const { values: options } = parseArgs({
    options: {
      ...wishes,
      ...dataOption,
      tables: { type: "string", default: densityTableNames.join(",") },
      seed: { type: "string", default: "1" },
    },
  });
  const names = parseNames("tables", options.tables, densityTableNames);
  const seed = parseCount("seed", options.seed);
  const { threads, settings, file } = readFitOptions("mixtures", options);
  const programs = buildPrograms();
  const folder = passingFolder();

  const entries: Record<string, Entry> = {};
  for (const name of names) {
    const prepared = await loadDensityTable(name, options.data);
    if (typeof prepared === "string") {
      console.log(prepared);
      continue;
    }
    const { problem, widths } = prepared;
    const task = { files: writeProblem(folder, problem), seed, logProbs: folder };
    const report = (text: string): void => console.error(`${name} ${text}`);
    const baselines = programs.program("jkoflow_baselines");
    const fits = [
      ...(await runFit(baselines, { ...task, settings: { margins: true }, threads: 1 }, report)),
      ...(await runFit(programs.program("jkoflow_fit"), { ...task, settings, threads }, report)),
    ];
    const flow = await readLogProb(folder, "flow");
    entries[name] = {
      ...conditions(threads, settings),
      seed,
      rows: [problem.train, problem.validation, problem.test].map(({ rows }) => rows),
      columns: problem.train.columns.length,
      widths,
      difference: {
        mixture: pairedDifference(flow, await readLogProb(folder, "mixture")),
        margins: pairedDifference(flow, await readLogProb(folder, "margins")),
      },
      fits,
    };
    console.log(`${renderTable({ [name]: entries[name] })}\n`);
    if (file !== undefined) storeEntries(file, { [name]: entries[name] }, renderAll);
  }
  if (Object.keys(entries).length > 0) console.log(`${renderTable(entries)}\n\n${renderCount(entries)}`);
});

/** Better by more than twice the standard error, worse by as much, or neither. */
function verdict({ mean, standardError }: Estimate): string {
  const clear = Math.abs(mean) > 2 * standardError ? "" : " (within 2 s.e.)";
  return `${mean < 0 ? "win" : "LOSS"}${clear}`;
}

function renderTable(entries: Readonly<Record<string, Entry>>): string {
  const head = [
    "table",
    "rows",
    "columns",
    "Gaussian",
    "mixture",
    "K",
    "with margins",
    "K",
    "flow",
    "flow - mixture",
    "s.e.",
    "flow - margins",
    "s.e.",
    "verdicts",
    "blocks",
    "gap",
    "CPU s, mixture",
    "CPU s, margins",
    "CPU s, flow",
    "wall s, flow",
  ];
  const rows = Object.entries(entries).map(([name, { rows, columns, difference, fits }]) => {
    const [gaussian, mixture, margins, flow] = fits;
    const components = ({ detail }: Fit): string => /K = (\d+)/.exec(detail)?.[1] ?? "-";
    return [
      name,
      String(rows[0]),
      String(columns),
      fixed(gaussian.testNll, 3),
      fixed(mixture.testNll, 3),
      components(mixture),
      fixed(margins.testNll, 3),
      components(margins),
      fixed(flow.testNll, 3),
      fixed(difference.mixture.mean, 3),
      fixed(difference.mixture.standardError, 3),
      fixed(difference.margins.mean, 3),
      fixed(difference.margins.standardError, 3),
      `${verdict(difference.mixture)}, ${verdict(difference.margins)}`,
      String(flow.blocks.filter(({ accepted }) => accepted).length),
      fixed(flow.gap, 4),
      fixed(mixture.cpuSeconds, 1),
      fixed(margins.cpuSeconds, 1),
      fixed(flow.cpuSeconds, 1),
      fixed(flow.wallSeconds, 1),
    ];
  });
  return markdownTable([head, ...rows]);
}

function renderCount(entries: Readonly<Record<string, Entry>>): string {
  const all = Object.values(entries);
  const wins = (against: "mixture" | "margins"): string =>
    `${all.filter(({ difference }) => difference[against].mean < 0).length} of ${all.length}`;
  return (
    `The flow beats the mixture on ${wins("mixture")} tables, the mixture with kernel margins on ${wins("margins")}. ` +
    "Verdicts are against the one and the other."
  );
}

function renderAll(entries: Readonly<Record<string, Entry>>): string {
  const known = Object.fromEntries(
    densityTableNames.filter((name) => name in entries).map((name) => [name, entries[name]]),
  );
  const noise = (name: DensityTableName): string => {
    const widths = Object.entries(known[name].widths).map(([column, width]) => `${column} ${width}`);
    return `- ${name}: ${widths.length > 0 ? widths.join(", ") : "none"}`;
  };
  return [
    "# Ten tables: the flow against mixtures of Gaussians",
    `${conditionsLine(Object.values(known)[0])} for the flow.`,
    "Test NLL in nats of the z-scored columns, the flow's on the fine grid; the difference is paired over test rows.",
    renderTable(known),
    renderCount(known),
    "Widths of the uniform noise on tied columns, in the units of the files, for all models alike. A column is tied when it " +
      "has fewer distinct values than half its rows or one value holds 1 % of them; the width is the smallest gap between " +
      "distinct values, at least a thousandth of the column's standard deviation.",
    (Object.keys(known) as DensityTableName[]).map(noise).join("\n"),
  ].join("\n\n");
}
