/**
 * What the stages after growth bring: `--effort best` on tables and planar targets, NLL before and after each round, with
 * the settings the library chooses. Each fit is a process of its own.
 *
 * `npm run bench -- effort [--quick] [--sets miniboone,rosePicture,...] [--effort best] [--seed 1] [--threads 1]
 *  [--data DIR] [--set key=value ...] [--json FILE]`
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { InputError } from "../packages/jkoflow/src/errors/index.ts";
import { scoreLogProb } from "../packages/jkoflow/src/evaluate/index.ts";
import { type Effort, efforts } from "../packages/jkoflow/src/settings/index.ts";
import { buildPrograms } from "./parts/build.ts";
import { runFit } from "./parts/child.ts";
import type { EffortFit, EffortTask } from "./parts/effortFit.ts";
import { type EffortEntry, renderEffort, renderEfforts } from "./parts/effortTables.ts";
import { parseCount, parseNames, parseSettings, runBench } from "./parts/options.ts";
import { type SplitProblem, writeProblem } from "./parts/problem.ts";
import { conditions, resultFile, storeEntries } from "./parts/results.ts";
import { loadSet, type SetName, setNames } from "./parts/tabularSets.ts";
import { exactLogProb, splitTarget, TARGET_ROWS, type TargetRows } from "./parts/targetSplit.ts";
import { loadTarget, type TargetName, targetNames } from "./parts/targets.ts";

type Name = SetName | TargetName;
const known: readonly Name[] = [...setNames, ...targetNames];
/** All but the largest table and the library's own curve. */
const usual = known.filter((name) => name !== "bsds300" && name !== "rose");

const QUICK_ROWS: TargetRows = { train: 4000, validation: 1000, test: 5000 };

interface Task {
  readonly problem: SplitProblem;
  readonly exactNll: number | null;
}

async function load(name: Name, data: string | undefined, seed: number, rows: TargetRows): Promise<Task | string> {
  if ((setNames as readonly string[]).includes(name)) {
    const problem = await loadSet(name as SetName, data);
    return typeof problem === "string" ? problem : { problem, exactNll: null };
  }
  const toy = await loadTarget(name as TargetName, data);
  if (typeof toy === "string") return toy;
  const problem = splitTarget(toy, name, seed, rows);
  return { problem, exactNll: scoreLogProb(exactLogProb(toy, problem.test)).nll };
}

await runBench(async () => {
  const { values: options } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      sets: { type: "string" },
      effort: { type: "string", default: "best" },
      seed: { type: "string", default: "1" },
      threads: { type: "string", default: "1" },
      data: { type: "string", default: process.env.JKOFLOW_DATA },
      set: { type: "string", multiple: true, default: [] },
      json: { type: "string" },
    },
  });
  const { quick } = options;
  const effort = options.effort as Effort;
  if (!efforts.includes(effort)) {
    throw new InputError({ where: "--effort", came: JSON.stringify(effort), expected: efforts.join(" | ") });
  }
  const chosen = parseNames("sets", options.sets ?? (quick ? "miniboone,moons" : usual.join(",")), known);
  const seed = parseCount("seed", options.seed);
  const threads = parseCount("threads", options.threads);
  const given = parseSettings(options.set);
  const settings = quick ? { updates: 60, roundUpdates: 20, jointUpdates: 20, rounds: 2, blocks: 2, ...given } : given;
  const program = buildPrograms().program("jkoflow_effort");
  const folder = mkdtempSync(join(tmpdir(), "jkoflow-bench-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const trial = options.set.length > 0; // a run with other settings is stored only where it was asked for
  const file = options.json ?? (trial ? undefined : resultFile(quick ? "effort-quick" : "effort"));
  for (const name of chosen) {
    const task = await load(name, options.data, seed, quick ? QUICK_ROWS : TARGET_ROWS);
    if (typeof task === "string") {
      console.log(`${task}\n`);
      continue;
    }
    const files = writeProblem(folder, task.problem);
    const asked: EffortTask = { files, seed, threads, settings, effort };
    const fits = await runFit(program, asked, (text) => console.error(`${name} ${text}`));
    const entry: EffortEntry = {
      ...conditions(threads, settings),
      effort,
      exactNll: task.exactNll,
      fit: fits[0] as EffortFit,
    };
    console.log(`${renderEffort(name, entry)}\n`);
    if (file !== undefined)
      storeEntries(file, { [effort === "best" ? name : `${name}, ${effort}`]: entry }, renderEfforts);
  }
});
