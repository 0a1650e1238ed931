/** The flags of `jko logprob`, and what they say of how rows are read. */
import type { Command } from "commander";
import { oneOf, pathOf, shareOf, wholeNumber } from "../flagValues.ts";
import type { ModelRowOptions } from "../input/modelRows.ts";
import {
  addEngine,
  addOutput,
  addReading,
  addSeed,
  addTalk,
  addTime,
  type CommonFlags,
  headerOf,
  type ReadFlags,
} from "../options.ts";
import type { OutputFlags } from "../output/newFile.ts";

/** Those of a block of rows are held together: half a gigabyte. */
const MOST_DRAWS = 1000;

export interface LogProbFlags extends CommonFlags, ReadFlags, OutputFlags {
  readonly threshold?: number;
  readonly missing: "error" | "nan";
  readonly outside: "-inf" | "nan";
  readonly strict?: boolean;
  readonly draws: number;
  readonly at?: number;
}

const EXAMPLES = `Examples:
  jko logprob run table.csv -o scores.npy
  jko logprob run table.csv -o scores.csv --threshold 0.01
  jko logprob run table.csv -o scores.csv --strict
`;

/** The command with its flags; what it does is added by `addLogProb`. */
export function declareLogProb(program: Command): Command {
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
      "--outside <score>",
      "of rows with a category that is not known, or a value outside of its bounds: -inf or nan",
      oneOf("--outside", ["-inf", "nan"]),
      "-inf",
    )
    .option("--strict", "refuse a file with such a row")
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
  addTime(command);
  return command;
}

export const rowOptions = (
  flags: ReadFlags & { readonly missing?: "error" | "nan"; readonly strict?: boolean },
): ModelRowOptions => ({
  missing: flags.missing ?? "error",
  unfit: flags.strict ? "refuse" : "pass",
  header: headerOf(flags) ?? "detect",
  delimiter: flags.delimiter ?? "detect",
  array: flags.array ?? null,
});
