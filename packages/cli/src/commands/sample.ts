/** `jko sample`: rows from a model. */
import type { Command } from "commander";
import { createEngine, createKey, fold, openModel } from "jkoflow";
import { readModelFile } from "../input/modelFile.ts";
import { addEngine, addSeed, addTalk, type CommonFlags, engineOptions, givenValue, wholeNumber } from "../options.ts";
import { openTableWriter, outputFormat } from "../output/tableWriter.ts";
import { createWatcher } from "../progress/watcher.ts";
import type { Shell } from "../shell.ts";
import { needFile } from "./needFile.ts";

interface SampleFlags extends CommonFlags {
  readonly number: number;
  readonly given?: Record<string, string>;
  readonly output?: string;
}

const EXAMPLES = `Examples:
  jko sample run -n 10000 -o samples.csv
  jko sample run -n 5 --seed 3
  jko sample run -n 100 --given species=Adelie
`;

/** Rows that are made at one time; part of what a seed means. */
const CHUNK = 65_536;

export function addSample(program: Command, shell: Shell): void {
  const command = program
    .command("sample")
    .summary("draw rows from a model")
    .description("Draw rows from a model, in the units and under the column names of its training data.")
    .argument("<model>", "run directory or model file")
    .addHelpText("before", EXAMPLES)
    .requiredOption("-n, --number <n>", "rows", wholeNumber("-n", 1))
    .option(
      "--given <name=value>",
      "value of a given column, repeated; what is not given is drawn as it occurs in the training rows",
      givenValue,
    )
    .option("-o, --output <file>", ".npy (float32), .csv or .tsv; default CSV on standard output");
  addSeed(command, "seed of the noise; default 0");
  addTalk(addEngine(command));
  command.action((path: string, flags: SampleFlags) => sample(path, flags, shell));
}

async function sample(path: string, flags: SampleFlags, shell: Shell): Promise<void> {
  const watcher = createWatcher(shell, flags);
  outputFormat(flags.output);
  needFile(flags);
  const { model, sha256 } = readModelFile(path);
  const engine = await createEngine(engineOptions(flags));
  const open = openModel(engine, model);
  const key = fold(createKey(flags.seed ?? 0), "sample");
  const given = (chunk: number, rows: number) => open.conditions(fold(key, "given", chunk), rows, flags.given);
  given(0, 1); // a wrong value is said before a file is begun
  const writer = openTableWriter(flags.output, open.columns, "f4", shell);
  try {
    for (let first = 0; first < flags.number; first += CHUNK) {
      const rows = Math.min(CHUNK, flags.number - first);
      const y = given(first / CHUNK, rows);
      await writer.write(open.sample(fold(key, first / CHUNK), rows, y).values, y.columns);
    }
    await writer.finish();
  } finally {
    writer.abort();
    open.dispose();
    engine.dispose();
  }
  const { number: rows, output } = flags;
  if (model.condition && outputFormat(output) === "npy") watcher.note(`${output} holds no given columns; CSV does`);
  watcher.line({ event: "result", output, rows, columns: model.standardizer.columns, modelHash: sha256 });
  watcher.close();
}
