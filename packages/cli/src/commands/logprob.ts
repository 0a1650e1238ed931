/** `jko logprob`: the log-density of each row, streamed: files may be larger than memory. */
import type { Command } from "commander";
import { createEngine, createKey, data, fold, InputError, openModel, scoreThreshold } from "jkoflow";
import { givenNames, readableTwice, readConditionsOf } from "../input/conditionRows.ts";
import { readModelFile } from "../input/modelFile.ts";
import { type ModelRowOptions, readModelRows } from "../input/modelRows.ts";
import { sourceColumns } from "../input/schemaRows.ts";
import {
  addEngine,
  addOutput,
  addReading,
  addSeed,
  addTalk,
  type CommonFlags,
  engineOptions,
  headerOf,
  oneOf,
  pathOf,
  type ReadFlags,
  shareOf,
  wholeNumber,
} from "../options.ts";
import { checkOutput, type OutputFlags } from "../output/newFile.ts";
import { openTableWriter, outputFormat } from "../output/tableWriter.ts";
import { count, nats } from "../progress/numbers.ts";
import { createWatcher } from "../progress/watcher.ts";
import { dialectFor } from "../run/dialect.ts";
import { addWeight } from "../run/weights.ts";
import type { Shell } from "../shell.ts";
import { needFile } from "./needFile.ts";

/** Those of a block of rows are held together: half a gigabyte. */
const MOST_DRAWS = 1000;

interface LogProbFlags extends CommonFlags, ReadFlags, OutputFlags {
  readonly threshold?: number;
  readonly missing: "error" | "nan";
  readonly draws: number;
}

const EXAMPLES = `Examples:
  jko logprob run table.csv -o scores.npy
  jko logprob run table.csv -o scores.csv --threshold 0.01
`;

export function addLogProb(program: Command, shell: Shell): void {
  const command = program
    .command("logprob")
    .summary("score rows")
    .description(
      "The log-density of each row in nats, in row order: float64, one number per row. Streams. For a model fit for anomalies a second column, score, is what thresholds go by.",
    )
    .argument("<model>", "run directory or model file", pathOf("<model>"))
    .argument("<data>", "table with the model's columns, or -", pathOf("<data>"))
    .addHelpText("before", EXAMPLES)
    .option(
      "--threshold <q>",
      "flag rows below this quantile of the held-out scores: a column in text, a count for NPY; lists the lowest",
      shareOf("--threshold"),
    )
    .option("--missing <policy>", "error, or nan: such a row scores NaN", oneOf("--missing", ["error", "nan"]), "error")
    .option(
      "--draws <k>",
      "draws of noise for each row, where integers, categories or missing cells make its score a lower bound: more draws, a tighter one; not beside --threshold",
      wholeNumber("--draws", 1, MOST_DRAWS, "memory holds them together, and more would hardly raise a score"),
      1,
    );
  addOutput(command, ".npy, .csv or .tsv");
  addSeed(command, "seed of these draws; default 0");
  addReading(command);
  addTalk(addEngine(command));
  command.action((model: string, data: string, flags: LogProbFlags) => logProb(model, data, flags, shell));
}

export const rowOptions = (flags: ReadFlags & { readonly missing?: "error" | "nan" }): ModelRowOptions => ({
  missing: flags.missing ?? "error",
  header: headerOf(flags) ?? "detect",
  delimiter: flags.delimiter ?? "detect",
  array: flags.array ?? null,
});

async function logProb(modelPath: string, dataPath: string, flags: LogProbFlags, shell: Shell): Promise<void> {
  const watcher = createWatcher(shell, flags);
  const format = outputFormat(flags.output);
  needFile(flags);
  checkOutput(flags, [modelPath, dataPath]);
  if (flags.threshold !== undefined && flags.draws > 1) {
    const expected = "one draw: the quantiles of held-out scores are of one";
    const fix = "flag with --draws 1, score with more in another run";
    throw new InputError({ where: "--draws", came: `${flags.draws} beside --threshold`, expected, fix });
  }
  const { model, sha256, run } = readModelFile(modelPath);
  const threshold = flags.threshold === undefined ? undefined : scoreThreshold(model, flags.threshold);
  const { schema } = model;
  const options: ModelRowOptions = {
    ...rowOptions(flags),
    ...dialectFor(flags, run),
    onNote: watcher.note,
    nanFlag: true,
    given: givenNames(model),
    ...(schema ? { schema } : {}),
  };
  const bound = schema && data.boundText(schema);
  const noise = fold(createKey(flags.seed ?? 0), "logprob");
  const again = model.condition ? await readableTwice(dataPath, shell) : shell;
  const given = await readConditionsOf(dataPath, model.condition?.encoder, options, again);
  const engine = await createEngine(engineOptions(flags));
  const open = openModel(engine, model);
  const flagged = threshold !== undefined && format !== "npy";
  const columns = ["logProb", ...(model.kernels ? ["score"] : []), ...(flagged ? ["low"] : [])];
  const writer = openTableWriter(flags.output, columns, "f8", shell);
  let rows = 0;
  let low = 0;
  let sum = 0;
  /** The least likely rows among those flagged, the lowest first. */
  let lowest: readonly LowRow[] = [];
  try {
    for await (const block of readModelRows(dataPath, sourceColumns(model), options, again)) {
      if (rows === 0 && bound !== undefined) {
        watcher.note(`${bound}; ${flags.draws} ${flags.draws === 1 ? "draw" : "draws"} a row`);
      }
      const { logProb, scores } = score(block, rows);
      if (threshold !== undefined) lowest = merge(lowest, scores, rows, threshold);
      rows += scores.length;
      const flagsOf = threshold === undefined ? undefined : scores.map((value) => (value < threshold ? 1 : 0));
      for (const value of logProb) sum += value;
      if (flagsOf) for (const flag of flagsOf) low += flag;
      await writer.write(interleave([logProb, ...(model.kernels ? [scores] : []), ...(flagged ? [flagsOf!] : [])]));
    }
    await writer.finish();
  } finally {
    writer.abort();
    open.dispose();
    engine.dispose();
  }
  if (threshold !== undefined) {
    const share = ((100 * low) / rows).toPrecision(3);
    watcher.note(
      `${count(low)} of ${count(rows)} rows (${share} %) lie below ${nats(threshold)}, the ${flags.threshold} quantile of the held-out scores`,
    );
    if (low > 0) {
      const listed = lowest.map(({ row, score }) => `row ${count(row)} (${nats(score)})`).join(", ");
      watcher.note(`the lowest, rows counted from 1: ${listed}`);
    }
  }
  const named = ({ row, score }: LowRow) => (model.kernels ? { row, score } : { row, logProb: score });
  const found = {
    ...(threshold === undefined ? {} : { threshold, low, lowest: lowest.map(named) }),
    ...(bound === undefined ? {} : { bound, draws: flags.draws }),
  };
  watcher.line({ event: "result", output: flags.output, rows, meanLogProb: sum / rows, ...found, modelHash: sha256 });
  watcher.close();

  /** Rows with a missing value score NaN where the model knows none; it sees zeros in their place. */
  function score(block: data.Table, firstRow: number): Scores {
    const places = Array.from({ length: block.rows }, (_, i) => firstRow + i);
    const y = given && data.takeConditions(given.given, places);
    const draws = Array.from({ length: bound === undefined ? 1 : flags.draws }, (_, k): Scores => {
      if (schema === undefined) return scoreEncoded(block, y);
      const { table, logWeight, cells } = data.encodeTable(schema, block, fold(noise, k), { firstRow, given: y });
      const { logProb, scores } = scoreEncoded(table, data.joinConditions(y, cells));
      return { logProb: addWeight(logProb, logWeight), scores: addWeight(scores, logWeight) };
    });
    const mean = (figure: keyof Scores): Float64Array =>
      draws.length === 1 ? draws[0][figure] : data.logMeanExp(draws.map((draw) => draw[figure]));
    const found = { logProb: mean("logProb"), scores: mean("scores") };
    if (given)
      for (const [i, row] of places.entries())
        if (given.missing.has(row)) found.logProb[i] = found.scores[i] = Number.NaN;
    return found;
  }

  function scoreEncoded({ values }: data.Table, y: data.ConditionRows | undefined): Scores {
    const d = open.columns.length;
    const x = values.some(Number.isNaN) ? values.map((value) => (Number.isFinite(value) ? value : 0)) : values;
    const logProb = open.logProb(x, y);
    const scores = open.score(x, logProb);
    for (let i = 0; i < values.length; i++)
      if (!Number.isFinite(values[i])) logProb[Math.floor(i / d)] = scores[Math.floor(i / d)] = Number.NaN;
    return { logProb, scores };
  }
}

/** Of each row; the same numbers where the model has no kernels. */
interface Scores {
  readonly logProb: Float64Array;
  readonly scores: Float64Array;
}

interface LowRow {
  /** Counted from 1, heads of columns left out. */
  readonly row: number;
  readonly score: number;
}

const LISTED = 5;

/** The lowest of those known and of a block that begins after `before` rows. */
function merge(known: readonly LowRow[], scores: Float64Array, before: number, threshold: number): readonly LowRow[] {
  const all = [...known];
  scores.forEach((score, i) => {
    if (score < threshold) all.push({ row: before + i + 1, score });
  });
  return all.sort((a, b) => a.score - b.score).slice(0, LISTED);
}

/** Columns of equal length as rows. */
function interleave(columns: readonly Float64Array[]): Float64Array {
  if (columns.length === 1) return columns[0];
  const out = new Float64Array(columns.length * columns[0].length);
  columns.forEach((column, k) => {
    for (let i = 0; i < column.length; i++) out[columns.length * i + k] = column[i];
  });
  return out;
}
