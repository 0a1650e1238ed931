/** `jko fit`: train a flow on a table, into a run directory. */
import type { Command } from "commander";
import { createEngine, createKey, data, InputError, startTraining, systems } from "jkoflow";
import type { Purpose } from "jkoflow/settings";
import type { RunConfig } from "../config/runConfig.ts";
import { refuseIdleArray } from "../input/arrayFlag.ts";
import { engineOptions } from "../options.ts";
import { clockNote } from "../progress/lines.ts";
import { counted } from "../progress/numbers.ts";
import { createWatcher } from "../progress/watcher.ts";
import { readComplete } from "../report/complete.ts";
import { summary } from "../report/summary.ts";
import { inCells } from "../run/inCells.ts";
import { loadProblem, type RunProblem, type Sources } from "../run/problem.ts";
import { createRun, freeFolder } from "../run/runDirectory.ts";
import { type Shell, watchSignals } from "../shell.ts";
import { finishRun } from "./finishRun.ts";
import { configOf, declareFit, type FitFlags } from "./fitFlags.ts";
import { refuseIdleFlags } from "./toyFlags.ts";

export function addFit(program: Command, shell: Shell): void {
  declareFit(program).action((path: string, flags: FitFlags) => fit(path, flags, shell));
}

function refuseIdleTime({ time }: FitFlags, system: string): void {
  if (time === undefined || Object.hasOwn(systems[system].settings, "timeLimit")) return;
  const expected = "no --time: it does not look at the clock";
  throw new InputError({ where: "--time", came: `${time} s for ${system}`, expected, fix: "take --effort fast" });
}

function refuseTwoStreams({ train, validation, test }: Sources): void {
  const named = [train, validation, test].filter((path) => path === "-").length;
  if (named < 2) return;
  const came = named === 2 ? "named twice" : "named three times";
  const expected = "at most one of the data, --validation and --test from there";
  throw new InputError({ where: "stdin", came, expected, fix: "put the others into files" });
}

/** Every setting of the system: the given ones, the preset, and defaults for this table. */
function resolveSettings(config: RunConfig, problem: RunProblem, purpose: Purpose): RunConfig {
  const { system, preset, effort, seed, settings } = config;
  const options = { purpose, effort, preset, settings, key: createKey(seed) };
  try {
    return { ...config, settings: startTraining(systems[system], inCells(problem, seed), options).settings };
  } catch (error) {
    if (!(error instanceof InputError && error.problem.where === "preset")) throw error;
    throw new InputError({ ...error.problem, where: "--preset" });
  }
}

async function fit(path: string, flags: FitFlags, shell: Shell): Promise<void> {
  const watcher = createWatcher(shell, flags);
  const signals = watchSignals(shell);
  try {
    refuseIdleFlags(path, flags);
    const { validation, test } = flags;
    const sources: Sources = { train: path, ...(validation ? { validation } : {}), ...(test ? { test } : {}) };
    refuseTwoStreams(sources);
    const wanted = configOf(flags);
    refuseIdleTime(flags, wanted.system);
    refuseIdleArray(wanted.array, [path, validation, test]);
    const problem = await loadProblem(sources, wanted, shell);
    const config = resolveSettings(wanted, problem, flags.for);
    if (flags.printConfig) return await shell.out(`${JSON.stringify(config, null, 2)}\n`);

    const folder = flags.out ?? freeFolder(path);
    const run = createRun(folder, { format: 1, data: problem.origins, config }, flags.breakLock ?? false);
    try {
      watcher.notes(problem.notes);
      const engine = await createEngine(engineOptions(flags, watcher.note));
      try {
        const complete = readComplete(run, watcher.note);
        const clock = clockNote(config.settings);
        if (complete) watcher.note(`${folder} is complete already`);
        else {
          if (clock !== undefined) watcher.note(clock);
          const wide = wideNote(wanted, config, problem);
          if (wide !== undefined) watcher.note(wide);
          watcher.phase(describeTask(folder, config, problem));
        }
        const options = { checkpointEvery: flags.checkpointEvery, signals, watcher };
        const measures = complete ?? (await finishRun(engine, run, problem, options));
        watcher.close();
        watcher.line({ event: "result", run: folder, ...measures });
        if (!flags.json && !flags.quiet) await shell.out(summary(measures, folder));
      } finally {
        engine.dispose();
      }
    } finally {
      run.release();
    }
  } finally {
    signals.forget();
    watcher.close();
  }
}

/** That a default is another one where the table is wide. */
function wideNote(wanted: RunConfig, { settings }: RunConfig, { trainRows, columns }: RunProblem): string | undefined {
  const d = columns.length;
  const isWide = d > data.MOST_WHITENED || trainRows <= d;
  if (!isWide || wanted.settings.standardize !== undefined || settings.standardize !== "zscore") return undefined;
  const takes = `at most ${data.MOST_WHITENED} columns, and more rows than columns`;
  return `${counted(d, "column")}, ${counted(trainRows, "training row")}: z-scores instead of whitening, which takes ${takes}`;
}

function describeTask(folder: string, { system }: RunConfig, { trainRows, columns }: RunProblem): string {
  return `${folder}: ${systems[system].title} on ${counted(trainRows, "row")} of ${counted(columns.length, "column")}`;
}
