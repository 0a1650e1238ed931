/**
 * How much memory do `jko fit` and `jko logprob` take on a large table? A mixture of eight Gaussians in ten columns is
 * written as NPY and as CSV; each command runs as a whole process, whose largest resident set is reported beside that of a
 * process that does nothing and that of the same fit on a small table.
 *
 * `npm run bench -- memory [--rows 1000000] [--columns 10] [--threads 1] [--json FILE]`
 */
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Table, takeRows } from "../packages/jkoflow/src/data/index.ts";
import { writeCsv, writeNpy } from "../packages/jkoflow/src/io/index.ts";
import { createKey } from "../packages/jkoflow/src/random/index.ts";
import { blobTable } from "./parts/blobs.ts";
import { fixed } from "./parts/figures.ts";
import { machineLine } from "./parts/machine.ts";
import { markdownTable } from "./parts/measure.ts";
import { parseCount, runBench } from "./parts/options.ts";
import { type Conditions, conditions, resultFile, storeEntries } from "./parts/results.ts";
import { type ProcessCost, runWhole } from "./parts/wholeProcess.ts";

/** Enough to reach every part of a fit; more updates need no more memory. */
const SETTINGS = { blocks: 1, updates: 50 };
/** All that does not grow with the table is there already. */
const SMALL_ROWS = 10_000;

const REST = `What a fit has beside the table (the row of \`small.npy\` shows all that does not grow with it): the compiled program and
Node itself (first row), the engine's buffers for one tile of rows, a pool of noise (2 MiB), the mixture's subset of 60,000
rows in float64, the report and its figures. What grows with the table: the copy itself; validation and test rows; the order
of the rows of one epoch and of the split (4 bytes a row each); the log-determinants (4 bytes a row). While the training
rows move into the engine, standardised part by part, they are there twice for a moment, which is the largest resident set
before the report; afterwards the reader's copy is let go (what JavaScript holds in array buffers falls from 61 to 28 MiB
there). The report comes last and draws its figures with a renderer of some 40 MiB.`;

interface Run extends ProcessCost {
  readonly command: string;
}

interface Entry extends Conditions {
  readonly rows: number;
  readonly columns: number;
  /** rows x columns x 4 bytes. */
  readonly copyMiB: number;
  readonly npyMiB: number;
  readonly csvMiB: number;
  readonly runs: readonly Run[];
}

await runBench(async () => {
  const { values: options } = parseArgs({
    options: {
      rows: { type: "string", default: "1000000" },
      columns: { type: "string", default: "10" },
      threads: { type: "string", default: "1" },
      json: { type: "string" },
    },
  });
  const rows = parseCount("rows", options.rows);
  const columns = parseCount("columns", options.columns);
  const threads = parseCount("threads", options.threads);
  const folder = mkdtempSync(join(tmpdir(), "jkoflow-bench-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string): string => join(folder, name);

  const table = blobTable(rows, columns, createKey("memory"));
  writeTable(table, file("table.npy"), file("table.csv"));
  writeTable(
    takeRows(
      table,
      Uint32Array.from({ length: SMALL_ROWS }, (_, i) => i),
    ),
    file("small.npy"),
  );

  const jko = fileURLToPath(new URL("../packages/cli/bin/jko.js", import.meta.url));
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
  const runs: Run[] = [];
  const run = async (...args: readonly string[]): Promise<void> => {
    const command = `jko ${args.join(" ").replaceAll(`${folder}/`, "")}`;
    const cost = await runWhole(jko, args);
    console.error(`${command}: ${cost.peakMiB.toFixed(0)} MiB`);
    runs.push({ command, ...cost });
  };
  const work = ["--quiet", "--threads", String(threads)];
  await run("--version");
  for (const name of ["small.npy", "table.npy", "table.csv"]) {
    await run("fit", file(name), "--out", file(name.replace(".", "-")), ...settings, ...work);
  }
  for (const name of ["small.npy", "table.npy", "table.csv"]) {
    await run("logprob", file("table-npy"), file(name), "--output", file("scores.npy"), ...work);
  }

  const mib = (bytes: number): number => bytes / 2 ** 20;
  const entry: Entry = {
    ...conditions(threads, SETTINGS),
    rows,
    columns,
    copyMiB: mib(rows * columns * 4),
    npyMiB: mib(statSync(file("table.npy")).size),
    csvMiB: mib(statSync(file("table.csv")).size),
    runs,
  };
  storeEntries(options.json ?? resultFile("memory"), { [`${rows} x ${columns}`]: entry }, page);
  console.log(page({ [`${rows} x ${columns}`]: entry }));
});

function writeTable({ values, rows, columns }: Table, npy: string, csv?: string): void {
  writeFileSync(npy, writeNpy(values, [rows, columns.length]));
  if (csv === undefined) return;
  const out = openSync(csv, "w");
  for (const part of writeCsv({ values, columns })) writeSync(out, part);
  closeSync(out);
}

function page(entries: Readonly<Record<string, Entry>>): string {
  const parts = Object.entries(entries).map(([name, entry]) => {
    const { copyMiB, npyMiB, csvMiB, runs, machine, date, threads } = entry;
    const base = runs[0].peakMiB;
    const table = markdownTable([
      ["command", "largest resident set, MiB", "above an empty process", "copies of the table", "CPU s"],
      ...runs.map(({ command, peakMiB, cpuSeconds }) => [
        `\`${command}\``,
        fixed(peakMiB, 0),
        fixed(peakMiB - base, 0),
        fixed((peakMiB - base) / copyMiB, 1),
        fixed(cpuSeconds, 1),
      ]),
    ]);
    const files = `one float32 copy is ${fixed(copyMiB, 1)} MiB, the NPY file ${fixed(npyMiB, 0)} MiB, the CSV file ${fixed(csvMiB, 0)} MiB`;
    return `## ${name}\n\n${machineLine(machine)}; ${threads} thread; ${date}; ${files}.\n\n${table}`;
  });
  return `# Memory\n\n\`npm run bench -- memory\`\n\n${parts.join("\n\n")}\n\n${REST}`;
}
