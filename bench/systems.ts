/**
 * The systems of this library on the same tables: at equal budget (CPU seconds, by an update count that short trial runs
 * give), with their default settings, with effort best (JKO-iFlow's is the bench `effort`), and with presets. Each fit is a
 * process of its own on one thread. Planar targets have an exact density: the excess is the NLL over that of the exact
 * density on the same test rows, paired. Rows that are not run again stay in the results.
 *
 * `npm run bench -- systems [--quick] [--sets moons,circles,...,miniboone,power,gas] [--systems ...]
 *  [--only budget,default,best,PRESET,...] [--budget 30] [--set key=value ...] [--seed 1] [--data DIR] [--json FILE]`
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createTable, findToy, type ToyName } from "../packages/jkoflow/src/data/index.ts";
import { pairedDifference } from "../packages/jkoflow/src/evaluate/index.ts";
import { createKey } from "../packages/jkoflow/src/random/index.ts";
import { type Settings, systems } from "../packages/jkoflow/src/systems/index.ts";
import { shortened, withinBudget } from "./parts/budget.ts";
import { buildPrograms } from "./parts/build.ts";
import { runFit } from "./parts/child.ts";
import type { FitTask } from "./parts/fit.ts";
import { parseCount, parseNames, parseSettings, runBench } from "./parts/options.ts";
import type { PeerCommand } from "./parts/peer.ts";
import { readLogProb, type SplitProblem, writeProblem } from "./parts/problem.ts";
import { torchCommand } from "./parts/python.ts";
import { conditions, knownEntries, resultFile, storeEntries } from "./parts/results.ts";
import { joined, renderSystems, type SystemEntry, type SystemLine } from "./parts/systemsTable.ts";
import { loadSet, type SetName } from "./parts/tabularSets.ts";
import { exactLogProb } from "./parts/targetSplit.ts";
import { torchSettings } from "./parts/torchPeer.ts";

/** The planar targets of OT-Flow and FFJORD. */
const TOYS: readonly ToyName[] = [
  "moons",
  "checkerboard",
  "eightGaussians",
  "swissRoll",
  "circles",
  "pinwheel",
  "spirals",
  "twoSpirals",
];
const TABLES: readonly SetName[] = ["miniboone", "power", "gas"];
/** What runs unless sets are named. */
const USUAL = ["moons", "checkerboard", ...TABLES];
const TOY_ROWS = { train: 100_000, validation: 10_000, test: 50_000 };

type Asked = Omit<FitTask, "files" | "threads" | "seed">;

async function problemOf(name: string, data: string | undefined): Promise<SplitProblem | string> {
  if (!(TOYS as readonly string[]).includes(name)) return loadSet(name as SetName, data);
  const toy = findToy(name);
  const part = (rows: number, key: string) => createTable(toy.sample(createKey(key), rows), ["x", "y"]);
  const { train, validation, test } = TOY_ROWS;
  return { train: part(train, "train"), validation: part(validation, "validation"), test: part(test, "test") };
}

/** ln p of the test rows under the target itself, or undefined for a table. */
function exactFor(name: string, { test }: SplitProblem): Float64Array | undefined {
  if (!(TOYS as readonly string[]).includes(name)) return undefined;
  return exactLogProb(findToy(name), test);
}

await runBench(async () => {
  const { values: options } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      sets: { type: "string" },
      systems: { type: "string", default: Object.keys(systems).join(",") },
      only: { type: "string" },
      budget: { type: "string" },
      set: { type: "string", multiple: true, default: [] },
      seed: { type: "string", default: "1" },
      data: { type: "string", default: process.env.JKOFLOW_DATA },
      json: { type: "string" },
    },
  });
  const known = [...TOYS, ...TABLES];
  const sets = parseNames("sets", options.sets ?? (options.quick ? "moons" : USUAL.join(",")), known);
  const chosen = parseNames("systems", options.systems, Object.keys(systems));
  const budget = parseCount("budget", options.budget ?? (options.quick ? "5" : "30"));
  const runs = parseNames("only", options.only ?? (options.quick ? "budget" : "budget,default"), [
    "budget",
    "default",
    "best",
    ...new Set(chosen.flatMap((system) => Object.keys(systems[system].presets ?? {}))),
  ]);
  const given = parseSettings(options.set);
  const seed = parseCount("seed", options.seed);
  const program = buildPrograms().program("jkoflow_fit");
  const torch = options.quick || options.only ? undefined : torchCommand("torch_jko.py");
  const torchOtFlow = options.quick || !runs.includes("budget") ? undefined : torchCommand("torch_otflow.py");
  const folder = mkdtempSync(join(tmpdir(), "jkoflow-bench-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const trial = options.set.length > 0; // stored only where that was asked for
  const file = options.json ?? (trial ? undefined : resultFile(options.quick ? "systems-quick" : "systems"));

  for (const name of sets) {
    const problem = await problemOf(name, options.data);
    if (typeof problem === "string") {
      console.log(`${problem}\n`);
      continue;
    }
    const files = writeProblem(folder, problem);
    const lines: SystemLine[] = [];
    const exact = exactFor(name, problem);
    const fit = async (command: PeerCommand, label: string, task: Asked) => {
      const report = (text: string): void => console.error(`${name} ${label}, ${text}`);
      return (await runFit(command, { files, seed, threads: 1, logProbs: folder, ...task }, report))[0];
    };
    const add = async (
      command: PeerCommand,
      system: string,
      method: string,
      budget: number | null,
      task: Asked,
      run?: string,
    ) => {
      const made = await fit(command, `${system}, ${budget ?? run ?? "default"}`, task);
      const line = { system, budget, ...(run ? { run } : {}), fit: made };
      lines.push(exact ? { ...line, excess: pairedDifference(await readLogProb(folder, method), exact) } : line);
      return made;
    };
    for (const system of chosen) {
      if (runs.includes("budget")) {
        const tried = (short: Settings) => fit(program, `${system}, trial`, { system, settings: short });
        const settings = await withinBudget(tried, given, budget);
        const made = await add(program, system, "flow", budget, { system, settings });
        const shorter = shortened(settings, made, budget);
        if (shorter) {
          lines.pop();
          await add(program, system, "flow", budget, { system, settings: shorter });
        }
      }
      if (runs.includes("default")) await add(program, system, "flow", null, { system, settings: given });
      if (runs.includes("best") && system !== "jko-iflow")
        await add(program, system, "flow", null, { system, settings: given, effort: "best" }, "best");
      for (const [preset, choose] of Object.entries(systems[system].presets ?? {})) {
        if (!runs.includes(preset)) continue;
        await add(
          program,
          system,
          "flow",
          null,
          { system, settings: { ...choose(problem), ...given } as Settings },
          preset,
        );
      }
    }
    if (torchOtFlow && chosen.includes("ot-flow")) {
      const same = lines.find(({ system }) => system === "ot-flow")!.fit.settings as Settings; // all but the updates
      const tried = (settings: Settings) => fit(torchOtFlow, "OT-Flow in PyTorch, trial", { settings });
      const settings = await withinBudget(tried, same, budget);
      await add(torchOtFlow, "OT-Flow in PyTorch", "PyTorch", budget, { settings });
    }
    const peer = torchSettings[name as SetName];
    if (torch && peer) {
      await add(torch, "JKO in PyTorch", "PyTorch", null, { settings: peer });
    }
    const exactNll = exact && -exact.reduce((sum, value) => sum + value / exact.length, 0);
    const entry: SystemEntry = { ...conditions(1, given), ...(exactNll === undefined ? {} : { exactNll }), lines };
    console.log(`${renderSystems(name, entry)}\n`);
    if (file === undefined || lines.length === 0) continue;
    const before = knownEntries<SystemEntry>(file)[name];
    storeEntries(
      file,
      { [name]: before ? joined(before, entry) : entry },
      (all: Readonly<Record<string, SystemEntry>>) =>
        ["# The systems of this library", ...Object.entries(all).map(([set, each]) => renderSystems(set, each))].join(
          "\n\n",
        ),
    );
  }
});
