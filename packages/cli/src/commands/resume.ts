/** `jko resume`: go on with a run that was interrupted, to the same bits. */
import type { Command } from "commander";
import { createEngine, InputError } from "jkoflow";
import { resumeFlow } from "../evolution/run.ts";
import { flowVerbs } from "../evolution/verbs.ts";
import { numberAbove, pathOf } from "../flagValues.ts";
import { addEngine, addTalk, type CommonFlags, engineOptions } from "../options.ts";
import { clockNote } from "../progress/lines.ts";
import { createWatcher } from "../progress/watcher.ts";
import { readComplete } from "../report/complete.ts";
import { summary } from "../report/summary.ts";
import { loadProblem } from "../run/problem.ts";
import { checkOrigins, openRun, sourcesOf } from "../run/runDirectory.ts";
import { verbOf } from "../run/runFolder.ts";
import { type Shell, watchSignals } from "../shell.ts";
import { finishRun } from "./finishRun.ts";

interface ResumeFlags extends CommonFlags {
  readonly checkpointEvery: number;
  readonly breakLock?: boolean;
}

const EXAMPLES = `Examples:
  jko resume run
  jko resume run --threads 2
`;

export function addResume(program: Command, shell: Shell): void {
  const command = program
    .command("resume")
    .summary("go on with an interrupted run")
    .description(
      "Go on from the newest checkpoint of a run; gives the same bits as the run left alone, but for what a limit by --time decides.",
    )
    .argument("<run>", "run directory", pathOf("<run>"))
    .addHelpText("before", EXAMPLES)
    .option("--checkpoint-every <s>", "seconds between two checkpoints", numberAbove("--checkpoint-every", 0), 10)
    .option("--break-lock", "take the run over from a process on another host");
  addTalk(addEngine(command));
  command.action((folder: string, flags: ResumeFlags) => resumeOf(folder)(folder, flags, shell));
}

type Resume = (folder: string, flags: ResumeFlags, shell: Shell) => Promise<void>;

/** How a run of each verb is gone on with. */
const verbs: ReadonlyMap<string, Resume> = new Map<string, Resume>([
  ["fit", resumeFit],
  ...Object.values(flowVerbs).map((verb): [string, Resume] => [verb.name, (...given) => resumeFlow(verb, ...given)]),
]);

/** @throws InputError for a run of a verb that is not known. */
function resumeOf(folder: string): Resume {
  const verb = verbOf(folder);
  const found = verbs.get(verb);
  if (found !== undefined) return found;
  const came = `a run of jko ${verb}`;
  throw new InputError({ where: folder, came, expected: `one of ${[...verbs.keys()].join(", ")}` });
}

async function resumeFit(folder: string, flags: ResumeFlags, shell: Shell): Promise<void> {
  const watcher = createWatcher(shell, flags);
  const signals = watchSignals(shell);
  const run = openRun(folder, flags.breakLock ?? false);
  try {
    let measures = readComplete(run, watcher.note);
    if (measures) watcher.note(`${folder} is complete already`);
    else {
      const clock = clockNote(run.record.config.settings);
      if (clock !== undefined) watcher.note(clock);
      const problem = await loadProblem(sourcesOf(run.record), run.record.config, shell);
      checkOrigins(run.record, problem.origins);
      const engine = await createEngine(engineOptions(flags, watcher.note));
      try {
        const options = { checkpointEvery: flags.checkpointEvery, signals, watcher };
        measures = await finishRun(engine, run, problem, options);
      } finally {
        engine.dispose();
      }
    }
    watcher.close();
    watcher.line({ event: "result", run: folder, ...measures });
    if (!flags.json && !flags.quiet) await shell.out(summary(measures, folder));
  } finally {
    run.release();
    signals.forget();
    watcher.close();
  }
}
