/** `jko logprob`: the log-density of each row, streamed: files may be larger than memory. */
import type { Command } from "commander";
import { createEngine, createKey, data, fold, InputError, openModel, scoreThreshold } from "jkoflow";
import { refuseTimes } from "../evolution/finished.ts";
import { flowAt } from "../evolution/flowAt.ts";
import { logProbFlow } from "../evolution/use.ts";
import { givenNames, readConditionsOf } from "../input/conditionRows.ts";
import { farLines } from "../input/farConditions.ts";
import { type ModelRowOptions, readModelRows } from "../input/modelRows.ts";
import { openTable } from "../input/openTable.ts";
import { sourceColumns } from "../input/schemaRows.ts";
import { countUnfit, describeUnfit, noUnfit } from "../input/unfitRows.ts";
import { engineOptions } from "../options.ts";
import { describeLowest, type LowRow, lowestRows } from "../output/lowRows.ts";
import { checkOutput } from "../output/newFile.ts";
import { openTableWriter, outputFormat } from "../output/tableWriter.ts";
import { count, counted, nats } from "../progress/numbers.ts";
import { createWatcher } from "../progress/watcher.ts";
import { readModelFile } from "../run/modelFile.ts";
import type { Shell } from "../shell.ts";
import { dialectFor } from "./dialect.ts";
import { declareLogProb, type LogProbFlags, rowOptions } from "./logprobFlags.ts";
import { needFile } from "./needFile.ts";
import { rowScorer } from "./rowScorer.ts";

/** What a row scores that has no density. */
const OUTSIDE = { "-inf": Number.NEGATIVE_INFINITY, nan: Number.NaN } as const;

export function addLogProb(program: Command, shell: Shell): void {
  declareLogProb(program).action((model: string, data: string, flags: LogProbFlags) => {
    const place = flowAt(model);
    if (place === undefined) return logProb(model, data, flags, shell);
    return logProbFlow(place, model, data, flags, { ...rowOptions(flags), ...dialectFor(flags, undefined) }, shell);
  });
}

async function logProb(modelPath: string, dataPath: string, flags: LogProbFlags, shell: Shell): Promise<void> {
  const watcher = createWatcher(shell, flags);
  const format = outputFormat(flags.output);
  needFile(flags);
  refuseTimes(flags.at);
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
    gaps: "may score NaN",
    given: givenNames(model),
    ...(schema ? { schema } : {}),
  };
  const bound = schema && data.boundText(schema);
  const engine = await createEngine(engineOptions(flags));
  const open = openModel(engine, model);
  const flagged = threshold !== undefined && format !== "npy";
  const columns = ["logProb", ...(model.kernels ? ["score"] : []), ...(flagged ? ["low"] : [])];
  const writer = openTableWriter(flags.output, columns, "f8", shell);
  let rows = 0;
  let low = 0;
  let sum = 0; // over rows with a density and no missing value
  let scored = 0;
  let unfit = noUnfit;
  /** The least likely rows among those flagged, the lowest first. */
  let lowest: readonly LowRow[] = [];
  try {
    // Behind what may be wrong with the output: rows may be long in coming.
    const file = await openTable(dataPath, shell, model.condition ? "several" : "one");
    const given = await readConditionsOf(file, model.condition?.encoder, options);
    if (given) watcher.notes(farLines(model, given.given));
    const scoreRows = rowScorer(open, given, fold(createKey(flags.seed ?? 0), "logprob"), flags.draws);
    for await (const block of readModelRows(file, sourceColumns(model), options)) {
      if (rows === 0 && bound !== undefined) {
        watcher.note(`${bound}; ${flags.draws} ${flags.draws === 1 ? "draw" : "draws"} a row`);
      }
      const { logProb, scores, outside } = scoreRows(block, rows);
      unfit = countUnfit(unfit, outside);
      if (threshold !== undefined) lowest = lowestRows(lowest, scores, rows, threshold);
      const first = rows;
      rows += scores.length;
      const flagsOf = threshold === undefined ? undefined : scores.map((value) => (value < threshold ? 1 : 0));
      for (const { row } of outside) logProb[row - first] = Number.NaN;
      for (const value of logProb) {
        if (Number.isNaN(value)) continue;
        sum += value;
        scored++;
      }
      for (const { row } of outside) logProb[row - first] = scores[row - first] = OUTSIDE[flags.outside];
      if (flagsOf) for (const flag of flagsOf) low += flag;
      await writer.write(interleave([logProb, ...(model.kernels ? [scores] : []), ...(flagged ? [flagsOf!] : [])]));
    }
    await writer.finish();
  } finally {
    writer.abort();
    open.dispose();
    engine.dispose();
  }
  if (unfit.rows > 0) {
    const others =
      scored > 0 ? `; the mean of the other ${counted(scored, "row")} with a score is ${nats(sum / scored)} nats` : "";
    watcher.note(`${describeUnfit(unfit, `scored ${flags.outside}`)}${others}; --strict refuses such a file`);
  }
  if (threshold !== undefined) {
    const share = ((100 * low) / rows).toPrecision(3);
    watcher.note(
      `${count(low)} of ${count(rows)} rows (${share} %) lie below ${nats(threshold)}, the ${flags.threshold} quantile of the held-out scores`,
    );
    if (low > 0) {
      watcher.note(`the lowest, rows counted from 1: ${describeLowest(lowest)}`);
    }
  }
  const named = ({ row, score }: LowRow) => (model.kernels ? { row, score } : { row, logProb: score });
  const found = {
    ...(threshold === undefined ? {} : { threshold, low, lowest: lowest.map(named) }),
    ...(bound === undefined ? {} : { bound, draws: flags.draws }),
  };
  const means =
    unfit.rows === 0
      ? { meanLogProb: scored === rows ? sum / rows : Number.NaN }
      : { meanLogProb: null, meanOfOthers: scored > 0 ? sum / scored : null, outside: unfit };
  watcher.line({ event: "result", output: flags.output, rows, ...means, ...found, modelHash: sha256 });
  watcher.close();
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
