/** `jko sample`: rows from a model. */
import type { Command } from "commander";
import { chain, createEngine, createKey, data, fold, InputError, type io, openTable } from "jkoflow";
import { refuseTimes } from "../evolution/finished.ts";
import { flowAt } from "../evolution/flowAt.ts";
import { sampleFlow } from "../evolution/use.ts";
import { givenValue, pathOf, wholeNumber } from "../flagValues.ts";
import { farLines } from "../input/farConditions.ts";
import { cellTexts, kindOf, numbersOf, sourceColumns } from "../input/schemaRows.ts";
import { addEngine, addOutput, addSeed, addTalk, addTime, type CommonFlags, engineOptions } from "../options.ts";
import { checkDraws, type DrawsFlags, drawsWish, openDraws } from "../output/drawsFile.ts";
import { checkOutput, checkRoom } from "../output/newFile.ts";
import { openTableWriter, outputFormat } from "../output/tableWriter.ts";
import { createWatcher } from "../progress/watcher.ts";
import { readModelFile } from "../run/modelFile.ts";
import type { Shell } from "../shell.ts";
import { needFile } from "./needFile.ts";

interface SampleFlags extends CommonFlags, DrawsFlags {
  readonly given?: Record<string, string>;
  readonly at?: number;
}

const EXAMPLES = `Examples:
  jko sample run -n 10000 -o samples.csv
  jko sample run -n 5 --seed 3
  jko sample run -n 100 --given species=Adelie
  jko sample run -n 4000 --chains 4 -o draws.csv    draws-1.csv to draws-4.csv, as Stan writes them
  jko sample run -n 4000 --chains 4 -o draws.json   for ArviZ: az.from_json
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
    )
    .option(
      "--chains <n>",
      "draws of so many chains, with their log-densities: .csv (a file a chain), .json or .npy",
      wholeNumber("--chains", 1),
    );
  addOutput(command, ".npy (float32), .csv, .tsv, or .json of draws");
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
  const wish = drawsWish(flags);
  const format = wish ? "npy" : outputFormat(flags.output); // draws are numbers, too
  needFile(flags);
  refuseTimes(flags.at);
  if (!wish) checkOutput(flags, [path]);
  const { model, sha256 } = readModelFile(path);
  const engine = await createEngine(engineOptions(flags));
  const whole = openTable(engine, model);
  const { open } = whole;
  const draw = chain.need(open, "sample", path);
  const key = fold(createKey(flags.seed ?? 0), "sample");
  const given = (chunk: number, rows: number) => open.conditions(fold(key, "given", chunk), rows, flags.given);
  // What is wrong with a value is said before a file is begun.
  watcher.notes(farLines(model, given(0, 1)));
  const { schema } = model;
  const columns = sourceColumns(model);
  if (wish) checkDraws(wish, flags, [path], columns.length);
  else checkRoom(flags.output, format, flags.number, columns.length);
  const isNumbers = format === "npy";
  const decode = (table: data.Table, y: data.ConditionRows): data.Table =>
    schema === undefined ? table : data.decodeTable(schema, table, y);
  const written = (table: data.Table): Pick<io.WritableTable, "values"> =>
    schema !== undefined && isNumbers ? numbersOf(schema, table, flags.output!) : table;
  const none = { values: new Float32Array(0), rows: 0, columns: open.columns };
  written(decode(none, given(0, 0))); // refuses words in a file of numbers
  const draws = wish && openDraws(wish, flags, columns, kindOf(schema));
  const writer = draws ?? openTableWriter(flags.output, columns, kindOf(schema), shell, schema && cellTexts(schema));
  try {
    for (let first = 0; first < flags.number; first += CHUNK) {
      const rows = Math.min(CHUNK, flags.number - first);
      const y = given(first / CHUNK, rows);
      const drawn = draw(fold(key, first / CHUNK), rows, { given: y });
      if (!drawn.values.every(Number.isFinite)) throw notFinite(path);
      const table = decode(drawn, y);
      const own = data.userConditions(y);
      draws?.score(whole.logProb(table, { key: fold(key, "score", first / CHUNK), ...(own ? { given: own } : {}) }));
      await writer.write(written(table).values, own?.columns ?? []);
    }
    await writer.finish();
  } finally {
    writer.abort();
    whole.dispose();
    engine.dispose();
  }
  const { number: rows } = flags;
  const output = wish && wish.paths.length > 1 ? wish.paths : flags.output;
  if (model.condition && data.pooledColumns(model.condition.encoder).length > 0 && isNumbers)
    watcher.note(`${flags.output} holds no given columns; ${wish ? "a table without --chains" : "CSV"} does`);
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
