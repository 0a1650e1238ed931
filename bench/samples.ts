/**
 * Do samples of a default fit look like the table? Real tables of all kinds of columns; `jko fit` and `jko sample` as a user
 * runs them; then boosted trees, cross-validated, tell samples from rows that the fit never saw. 0.5 is chance. Beside it a
 * Gaussian copula with the margins of the same rows, and these rows themselves, which no model beats but by luck.
 *
 * `npm run bench -- samples --data DIR [--sets penguins,abalone] [--seeds 1] [--most 4000] [--minutes 20] [--effort normal] [--quick]
 *  [--json FILE]`
 *
 * `--most` bounds the rows of a table, two thirds of them for the fit; `--minutes` a fit. The worst seed of jko counts.
 */

import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeNpy } from "../packages/jkoflow/src/io/index.ts";
import { createKey, fold, type Key, permutation } from "../packages/jkoflow/src/random/index.ts";
import { efforts } from "../packages/jkoflow/src/settings/index.ts";
import { fixed } from "./parts/figures.ts";
import { passingFolder } from "./parts/folder.ts";
import { fitGaussianCopula } from "./parts/gaussianCopula.ts";
import { markdownTable } from "./parts/measure.ts";
import { parseCount, parseNames, runBench } from "./parts/options.ts";
import { pythonCommand } from "./parts/python.ts";
import {
  type Conditions,
  conditions,
  conditionsLine,
  knownEntries,
  resultFile,
  storeEntries,
} from "./parts/results.ts";
import { codingOf, csvOf, knownSampleSets, loadSampleSet, type TextTable } from "./parts/sampleSets.ts";
import { treeAccuracy } from "./parts/treeAccuracy.ts";

/** Small sets of every kind of column. */
const QUICK = ["penguins", "geyser", "concrete"];
/** Of a table, to be told from samples. */
const HELD_SHARE = 1 / 3;
/** Samples are drawn so many times, as many as there are held-out rows; accuracies are means. */
const DRAWS = 3;
const RIVALS = ["flow", "copula", "real"] as const;
type Rival = (typeof RIVALS)[number];

interface Run {
  readonly seed: number;
  readonly accuracy: Readonly<Record<Rival, number>>;
  /** By scikit-learn on the first draw, where a Python has it. */
  readonly sklearn: Readonly<Partial<Record<Rival, number>>>;
  readonly seconds: number;
}

interface Entry extends Conditions {
  /** For the fit, and held out. */
  readonly rows: readonly [number, number];
  readonly columns: number;
  readonly words: number;
  readonly gaps: boolean;
  readonly runs: readonly Run[];
}

await runBench(async () => {
  const { values: options } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      sets: { type: "string" },
      seeds: { type: "string", default: "1" },
      most: { type: "string", default: "4000" },
      minutes: { type: "string", default: "20" },
      effort: { type: "string", default: "normal" },
      data: { type: "string", default: process.env.JKOFLOW_DATA },
      json: { type: "string" },
    },
  });
  const known = knownSampleSets(options.data);
  if (known.length === 0) return console.log("no table is at hand: --data DIR, a folder with uci/ and adbench/");
  const names = parseNames("sets", options.sets ?? (options.quick ? QUICK : known).join(","), known);
  const seeds = options.seeds.split(",").map((seed) => parseCount("seeds", seed));
  const most = parseCount("most", options.most);
  const minutes = parseCount("minutes", options.minutes);
  const [effort] = parseNames("effort", options.effort, efforts);
  const trial = options.quick || effort !== "normal";
  const file = options.json ?? resultFile(trial ? "samples-quick" : "samples");
  const folder = passingFolder();
  const sklearn = pythonCommand("sklearn_samples.py", "sklearn");
  const key = fold(createKey(1), "samples");

  for (const name of names) {
    const table = await loadSampleSet(name, options.data!, most, fold(key, name));
    const held = Math.round(table.rows.length * HELD_SHARE);
    const [heldOut, own] = [table.rows.slice(0, held), table.rows.slice(held)].map((rows) => ({ ...table, rows }));
    const coding = codingOf(table);
    const gaps = own.rows.some((row) => row.includes(""));
    const cols = table.columns.length;
    const [x, train] = [coding.numbers(heldOut), coding.numbers(own)];
    for (const seed of seeds) {
      const seeded = fold(key, name, seed);
      const start = performance.now();
      const flow = samplesOfFit(folder, own, gaps ? ["--missing", "indicator"] : [], {
        rows: DRAWS * held,
        seed,
        minutes,
        effort,
      });
      const seconds = (performance.now() - start) / 1000;
      if (flow === undefined) {
        console.log(`${name}, seed ${seed}: no fit within ${minutes} minutes`);
        continue;
      }
      const drawn: Record<Rival, Float64Array> = {
        flow: coding.numbers(flow),
        copula: fitGaussianCopula(train, cols, coding.words, fold(seeded, "copula")).sample(
          fold(seeded, "copula samples"),
          DRAWS * held,
        ),
        real: realRows(train, cols, fold(seeded, "real"), held),
      };
      const part = (rival: Rival, draw: number): Float64Array =>
        drawn[rival].subarray(draw * held * cols, (draw + 1) * held * cols);
      const accuracy = mapRivals((rival) => {
        const each = Array.from({ length: DRAWS }, (_, draw) =>
          treeAccuracy(x, part(rival, draw), cols, fold(seeded, "trees", draw)),
        );
        return each.reduce((sum, value) => sum + value / DRAWS, 0);
      });
      const judgedToo = sklearn && bySklearn(sklearn, folder, seed, x, cols, (rival) => part(rival, 0));
      const run: Run = { seed, accuracy, sklearn: judgedToo ?? {}, seconds };
      const before = knownEntries<Entry>(file)[name];
      const others = (before?.runs ?? []).filter((one) => one.seed !== seed && before.rows[1] === held);
      const entry: Entry = {
        ...conditions(1, {}),
        rows: [own.rows.length, held],
        columns: cols,
        words: coding.words.filter(Boolean).length,
        gaps,
        runs: [...others, run].sort((a, b) => a.seed - b.seed),
      };
      storeEntries(file, { [name]: entry }, render);
      const figures = RIVALS.map((rival) => `${rival} ${fixed(accuracy[rival], 3)} (${fixed(run.sklearn[rival], 3)})`);
      console.log(`${name}, seed ${seed}: ${figures.join(", ")}; ${fixed(seconds, 0)} s`);
    }
  }
  console.log(`\n${render(knownEntries<Entry>(file))}`);
});

function mapRivals<Value>(of: (rival: Rival) => Value): Record<Rival, Value> {
  return Object.fromEntries(RIVALS.map((rival) => [rival, of(rival)])) as Record<Rival, Value>;
}

/** Samples of a default fit, through the command; undefined where it took too long. */
function samplesOfFit(
  folder: string,
  table: TextTable,
  flags: readonly string[],
  { rows, seed, minutes, effort }: { rows: number; seed: number; minutes: number; effort: string },
): TextTable | undefined {
  const jko = fileURLToPath(new URL("../packages/cli/bin/jko.js", import.meta.url));
  const [data, run, samples] = ["table.csv", "run", "samples.csv"].map((name) => join(folder, name));
  rmSync(run, { recursive: true, force: true });
  rmSync(samples, { force: true });
  writeFileSync(data, csvOf(table));
  const call = (args: readonly string[], timeout?: number): boolean => {
    const { status, stderr, signal } = spawnSync(process.execPath, [jko, ...args], { encoding: "utf8", timeout });
    if (signal === "SIGTERM") return false;
    if (status !== 0) throw new Error(stderr.trim().split("\n").at(-1));
    return true;
  };
  // The same model whatever the report, and less to wait for.
  const words = [
    "--report",
    "none",
    "--columns-as",
    "auto",
    ...flags,
    ...(effort === "normal" ? [] : ["--effort", effort]),
  ];
  const common = ["--seed", String(seed), "--quiet"];
  if (!call(["fit", data, "--out", run, ...words, ...common], minutes * 60_000)) return undefined;
  call(["sample", run, "-n", String(rows), "-o", samples, ...common]);
  const [columns, ...cells] = readFileSync(samples, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split(","));
  return { columns, rows: cells };
}

/** Rows of the fit, none twice in a draw: [DRAWS n, cols]. */
function realRows(x: Float64Array, cols: number, key: Key, n: number): Float64Array {
  const out = new Float64Array(DRAWS * n * cols);
  for (let draw = 0; draw < DRAWS; draw++) {
    permutation(fold(key, draw), x.length / cols)
      .subarray(0, n)
      .forEach((row, i) => {
        out.set(x.subarray(row * cols, (row + 1) * cols), (draw * n + i) * cols);
      });
  }
  return out;
}

function bySklearn(
  { command, args, env }: NonNullable<ReturnType<typeof pythonCommand>>,
  folder: string,
  seed: number,
  x: Float64Array,
  cols: number,
  samplesOf: (rival: Rival) => Float64Array,
): Partial<Record<Rival, number>> {
  const write = (name: string, values: Float64Array): string => {
    const path = join(folder, `${name}.npy`);
    writeFileSync(path, writeNpy(values.slice(), [values.length / cols, cols]));
    return path;
  };
  const held = write("held", x);
  const tasks = RIVALS.map((rival) => ({ x: held, y: write(rival, samplesOf(rival)), seed }));
  const run = spawnSync(command, [...args, JSON.stringify(tasks)], {
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  if (run.status !== 0) throw new Error(run.stderr.trim().split("\n").at(-1));
  const accuracies = JSON.parse(run.stdout) as number[];
  return mapRivals((rival) => accuracies[RIVALS.indexOf(rival)]);
}

function render(entries: Readonly<Record<string, Entry>>): string {
  const all = Object.entries(entries).filter(([, { runs }]) => runs.length > 0);
  if (all.length === 0) return "No table was fitted.";
  const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value / values.length, 0);
  const worst = ({ runs }: Entry): number => Math.max(...runs.map(({ accuracy }) => accuracy.flow));
  const mean = ({ runs }: Entry, rival: Rival): number => meanOf(runs.map(({ accuracy }) => accuracy[rival]));
  const sklearn = ({ runs }: Entry, rival: Rival): number =>
    meanOf(runs.map((run) => run.sklearn[rival] ?? Number.NaN));
  const rows = all.map(([name, entry]) => [
    name,
    entry.rows.join(" + "),
    `${entry.columns}${entry.words > 0 ? `, ${entry.words} of words` : ""}${entry.gaps ? ", gaps" : ""}`,
    fixed(worst(entry), 3),
    fixed(mean(entry, "copula"), 3),
    fixed(mean(entry, "real"), 3),
    fixed(sklearn(entry, "flow"), 3),
    fixed(sklearn(entry, "copula"), 3),
    String(entry.runs.length),
    fixed(meanOf(entry.runs.map(({ seconds }) => seconds)), 0),
  ]);
  const means = (of: (entry: Entry) => number): string => fixed(meanOf(all.map(([, entry]) => of(entry))), 3);
  const lower = all.filter(([, entry]) => worst(entry) < mean(entry, "copula")).length;
  return [
    "# Samples of default fits, told from held-out rows by boosted trees",
    conditionsLine(all[0][1]),
    `Accuracy of five-fold cross-validation, means of ${DRAWS} draws of samples; 0.5 is chance. jko: the model that \`jko fit\` keeps by default, flow or mixture, the worst of its seeds. Copula: ` +
      "Gaussian, empirical margins, from all rows that the fit was given. Real rows: of those that the fit was given. In the columns " +
      "named sklearn scikit-learn's HistGradientBoostingClassifier judges the first draw.",
    markdownTable([
      [
        "table",
        "rows fitted + held out",
        "columns",
        "jko",
        "copula",
        "real rows",
        "jko, sklearn",
        "copula, sklearn",
        "seeds",
        "fit s",
      ],
      ...rows,
      [
        "mean",
        "",
        "",
        means(worst),
        means((entry) => mean(entry, "copula")),
        means((entry) => mean(entry, "real")),
        means((entry) => sklearn(entry, "flow")),
        means((entry) => sklearn(entry, "copula")),
        "",
        "",
      ],
    ]),
    `Samples of jko are harder to tell than the copula's on ${lower} of ${all.length} tables.`,
  ].join("\n\n");
}
