/** `jko sample`: rows from a model. */
import type { Command } from "commander";
import { chain, createEngine, createKey, data, fold, InputError, type io, openModel } from "jkoflow";
import { refuseTimes } from "../evolution/finished.ts";
import { flowAt } from "../evolution/flowAt.ts";
import { sampleFlow } from "../evolution/use.ts";
import { givenValue, pathOf, wholeNumber } from "../flagValues.ts";
import { farLines } from "../input/farConditions.ts";
import { cellTexts, kindOf, numbersOf, sourceColumns } from "../input/schemaRows.ts";
import { addEngine, addOutput, addSeed, addTalk, addTime, type CommonFlags, engineOptions } from "../options.ts";
import { checkOutput, checkRoom, type OutputFlags } from "../output/newFile.ts";
import { openTableWriter, outputFormat } from "../output/tableWriter.ts";
import { createWatcher } from "../progress/watcher.ts";
import { readModelFile } from "../run/modelFile.ts";
import type { Shell } from "../shell.ts";
import { needFile } from "./needFile.ts";

interface SampleFlags extends CommonFlags, OutputFlags {
  readonly number: number;
  readonly given?: Record<string, string>;
  readonly at?: number;
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
    .description("Draw rows from a model, in the units, types and column names of its training data.")
    .argument("<model>", "run directory or model file", pathOf("<model>"))
    .addHelpText("before", EXAMPLES)
    .requiredOption("-n, --number <n>", "rows", wholeNumber("-n", 1))
    .option(
      "--given <name=value>",
      "value of a given column, repeated; what is not given is drawn as it occurs in the training rows",
      givenValue,
    );
  addOutput(command, ".npy (float32), .csv or .tsv");
  addSeed(command, "seed of the noise; default 0");
  addTalk(addEngine(command));
  addTime(command);
  command.action((path: string, flags: SampleFlags) => {
    const place = flowAt(path);
    return place === undefined ? sample(path, flags, shell) : sampleFlow(place, path, flags, shell);
  });
}

async function sample(path: string, flags: SampleFlags, shell: Shell): Promise<void> {
  const watcher = createWatcher(shell, flags);
  outputFormat(flags.output);
  needFile(flags);
  refuseTimes(flags.at);
  checkOutput(flags, [path]);
  const { model, sha256 } = readModelFile(path);
  const engine = await createEngine(engineOptions(flags));
  const open = openModel(engine, model);
  const draw = chain.need(open, "sample", path);
  const key = fold(createKey(flags.seed ?? 0), "sample");
  const given = (chunk: number, rows: number) => open.conditions(fold(key, "given", chunk), rows, flags.given);
  // What is wrong with a value is said before a file is begun.
  watcher.notes(farLines(model, given(0, 1)));
  const { schema } = model;
  const columns = sourceColumns(model);
  const format = outputFormat(flags.output);
  checkRoom(flags.output, format, flags.number, columns.length);
  const isNumbers = format === "npy";
  const decode = (table: data.Table, y: data.ConditionRows): Pick<io.WritableTable, "values"> => {
    if (schema === undefined) return table;
    const raw = data.decodeTable(schema, table, y);
    return isNumbers ? numbersOf(schema, raw, flags.output!) : raw;
  };
  const none = { values: new Float32Array(0), rows: 0, columns: open.columns };
  decode(none, given(0, 0)); // refuses words in a file of numbers
  const writer = openTableWriter(flags.output, columns, kindOf(schema), shell, schema && cellTexts(schema));
  try {
    for (let first = 0; first < flags.number; first += CHUNK) {
      const rows = Math.min(CHUNK, flags.number - first);
      const y = given(first / CHUNK, rows);
      const drawn = draw(fold(key, first / CHUNK), rows, { given: y });
      if (!drawn.values.every(Number.isFinite)) throw notFinite(path);
      const table = decode(drawn, y);
      await writer.write(table.values, data.userConditions(y)?.columns ?? []);
    }
    await writer.finish();
  } finally {
    writer.abort();
    open.dispose();
    engine.dispose();
  }
  const { number: rows, output } = flags;
  if (model.condition && data.pooledColumns(model.condition.encoder).length > 0 && isNumbers)
    watcher.note(`${output} holds no given columns; CSV does`);
  watcher.line({ event: "result", output, rows, columns, modelHash: sha256 });
  watcher.close();
}

/** Far outside of what it was trained on a flow may come to no number at all. */
const notFinite = (where: string): InputError =>
  new InputError({
    where,
    place: "sample",
    came: "a value that is not finite",
    expected: "given numbers like those of the training rows",
    fix: "give others by --given",
  });
