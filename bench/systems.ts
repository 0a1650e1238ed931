/**
 * The systems of this library on the same tables: at equal budget (CPU seconds, by an update count that a short trial run
 * gives) and with their default settings. Each fit is a process of its own on one thread.
 *
 * `npm run bench -- systems [--quick] [--sets moons,checkerboard,miniboone,power,gas] [--systems ...] [--budget 30] [--seed 1]
 *  [--data DIR] [--json FILE]`
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createTable, findToy, type ToyName } from "../packages/jkoflow/src/data/index.ts";
import { createKey } from "../packages/jkoflow/src/random/index.ts";
import { systems } from "../packages/jkoflow/src/systems/index.ts";
import { buildPrograms } from "./parts/build.ts";
import { runFit } from "./parts/child.ts";
import { fixed } from "./parts/figures.ts";
import type { Fit, FitTask } from "./parts/fit.ts";
import { machineLine } from "./parts/machine.ts";
import { markdownTable } from "./parts/measure.ts";
import { parseCount, parseNames, runBench } from "./parts/options.ts";
import type { PeerCommand } from "./parts/peer.ts";
import { type SplitProblem, writeProblem } from "./parts/problem.ts";
import { torchCommand } from "./parts/python.ts";
import { type Conditions, conditions, resultFile, storeEntries } from "./parts/results.ts";
import { loadSet, type SetName } from "./parts/tabularSets.ts";
import { torchSettings } from "./parts/torchPeer.ts";

const TOYS: readonly ToyName[] = ["moons", "checkerboard"];
const TABLES: readonly SetName[] = ["miniboone", "power", "gas"];
const TOY_ROWS = { train: 20_000, validation: 4000, test: 20_000 };
/** Updates of the trial run that tells what an update costs. */
const TRIAL = 30;

interface Line {
  readonly system: string;
  /** CPU seconds that were given, or null for the default settings. */
  readonly budget: number | null;
  readonly fit: Fit;
}
interface Entry extends Conditions {
  readonly lines: readonly Line[];
}

async function problemOf(name: string, data: string | undefined): Promise<SplitProblem | string> {
  if (!(TOYS as readonly string[]).includes(name)) return loadSet(name as SetName, data);
  const toy = findToy(name);
  const part = (rows: number, key: string) => createTable(toy.sample(createKey(key), rows), ["x", "y"]);
  const { train, validation, test } = TOY_ROWS;
  return { train: part(train, "train"), validation: part(validation, "validation"), test: part(test, "test") };
}

await runBench(async () => {
  const { values: options } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      sets: { type: "string" },
      systems: { type: "string", default: Object.keys(systems).join(",") },
      budget: { type: "string" },
      seed: { type: "string", default: "1" },
      data: { type: "string", default: process.env.JKOFLOW_DATA },
      json: { type: "string" },
    },
  });
  const known = [...TOYS, ...TABLES];
  const sets = parseNames("sets", options.sets ?? (options.quick ? "moons" : known.join(",")), known);
  const chosen = parseNames("systems", options.systems, Object.keys(systems));
  const budget = parseCount("budget", options.budget ?? (options.quick ? "5" : "30"));
  const seed = parseCount("seed", options.seed);
  const program = buildPrograms().program("jkoflow_fit");
  const torch = options.quick ? undefined : torchCommand("torch_jko.py");
  const folder = mkdtempSync(join(tmpdir(), "jkoflow-bench-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const file = options.json ?? resultFile(options.quick ? "systems-quick" : "systems");

  for (const name of sets) {
    const problem = await problemOf(name, options.data);
    if (typeof problem === "string") {
      console.log(`${problem}\n`);
      continue;
    }
    const files = writeProblem(folder, problem);
    const lines: Line[] = [];
    const fit = async (command: PeerCommand, label: string, task: Omit<FitTask, "files" | "threads" | "seed">) => {
      const report = (text: string): void => console.error(`${name} ${label}, ${text}`);
      return (await runFit(command, { files, seed, threads: 1, ...task }, report))[0];
    };
    for (const system of chosen) {
      // A trial's blocks share their updates, so what one costs is told by all of them.
      const trial = await fit(program, `${system}, trial`, { system, settings: { updates: TRIAL, retries: 0 } });
      const blocks = Math.max(1, trial.blocks.length);
      const updates = Math.max(1, Math.floor(budget / (trial.cpuSeconds / trial.updates) / blocks));
      const within = { system, settings: { updates } };
      lines.push({ system, budget, fit: await fit(program, `${system}, ${budget} s`, within) });
      if (!options.quick)
        lines.push({ system, budget: null, fit: await fit(program, `${system}, default`, { system, settings: {} }) });
    }
    const peer = torchSettings[name as SetName];
    if (torch && peer) {
      lines.push({ system: "JKO in PyTorch", budget: null, fit: await fit(torch, "PyTorch", { settings: peer }) });
    }
    const entry: Entry = { ...conditions(1, {}), lines };
    console.log(`${render(name, entry)}\n`);
    storeEntries(file, { [name]: entry }, (all: Readonly<Record<string, Entry>>) =>
      ["# The systems of this library", ...Object.entries(all).map(([set, each]) => render(set, each))].join("\n\n"),
    );
  }
});

function render(name: string, { lines, date, machine }: Entry): string {
  const heads = [
    "system",
    "budget",
    "test NLL",
    "+-",
    "CPU s",
    "updates",
    "parameters",
    "NFE",
    "MiB",
    "inversion",
    "gap",
  ];
  const cells = lines.map(({ system, budget, fit }) => [
    system,
    budget === null ? "default" : `${budget} s`,
    fixed(fit.testNll, 3),
    fixed(fit.standardError, 3),
    fixed(fit.cpuSeconds, 1),
    String(fit.updates),
    String(fit.parameters),
    fit.evaluations ? `${fit.evaluations.forward}/${fit.evaluations.backward}` : "-",
    fixed(fit.peakMiB, 0),
    fit.inversionError === null ? "-" : fit.inversionError.toExponential(1),
    fit.gap === null ? "-" : fit.gap.toExponential(1),
  ]);
  return [`## ${name}`, "", `${date}; ${machineLine(machine)}; one thread.`, "", markdownTable([heads, ...cells])].join(
    "\n",
  );
}
