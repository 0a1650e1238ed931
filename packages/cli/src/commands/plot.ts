/** `jko plot`: the figures of a finished run, drawn again. */
import type { Command } from "commander";
import { createEngine, InputError } from "jkoflow";
import { flowVerbAt } from "../evolution/finished.ts";
import { plotFlow } from "../evolution/use.ts";
import { pathOf } from "../flagValues.ts";
import { addEngine, addTalk, type CommonFlags, engineOptions } from "../options.ts";
import { createWatcher } from "../progress/watcher.ts";
import { readComplete } from "../report/complete.ts";
import { figuresOf, writePictures } from "../report/writeReport.ts";
import { readModelFile } from "../run/modelFile.ts";
import { loadProblem } from "../run/problem.ts";
import { checkOrigins, readRecord, sourcesOf } from "../run/runDirectory.ts";
import { readTrained } from "../run/training.ts";
import type { Shell } from "../shell.ts";

interface PlotFlags extends CommonFlags {
  readonly out?: string;
}

const EXAMPLES = `Examples:
  jko plot run
  jko plot run --out pictures
`;

export function addPlot(program: Command, shell: Shell): void {
  const command = program
    .command("plot")
    .summary("draw the figures of a run")
    .description(
      "Losses, likelihood and movement per block, particles, data against samples: SVG, and PNG where its renderer is installed.",
    )
    .argument("<run>", "run directory", pathOf("<run>"))
    .addHelpText("before", EXAMPLES)
    .option("-o, --out <dir>", "where to; default RUN/plots", pathOf("--out"));
  addTalk(addEngine(command)).action((folder: string, flags: PlotFlags) => {
    const verb = flowVerbAt(folder);
    return verb === undefined ? plot(folder, flags, shell) : plotFlow(verb, folder, flags, shell);
  });
}

async function plot(folder: string, flags: PlotFlags, shell: Shell): Promise<void> {
  const watcher = createWatcher(shell, flags);
  const record = readRecord(folder);
  const run = { folder, record, path: (name: string) => `${folder}/${name}` };
  const trained = readTrained(run);
  if (trained === undefined && readComplete(run) !== undefined) {
    throw new InputError({
      where: folder,
      place: "events.jsonl",
      came: "no events of the training in a run that is complete",
      expected: "those of the whole training, which the figures show",
      fix: "put the file back, or train again into another folder by jko fit",
    });
  }
  if (trained === undefined) {
    const fix = `finish it by jko resume ${folder}`;
    throw new InputError({ where: folder, came: "a run without a finished model", expected: "a trained run", fix });
  }
  const problem = await loadProblem(sourcesOf(record), record.config, shell);
  checkOrigins(record, problem.origins);
  const engine = await createEngine(engineOptions(flags));
  try {
    const measures = readComplete(run);
    const kept = measures?.kept ? readModelFile(folder).model : undefined;
    const figures = figuresOf(engine, run, problem, { trained, kept }, measures?.baselines ?? []);
    const paths = await writePictures(run, figures, flags.out);
    watcher.line({ event: "result", files: paths });
    if (!flags.json && !flags.quiet) await shell.out(`${paths.join("\n")}\n`);
  } finally {
    engine.dispose();
  }
}
