/** The flags of `jko fit`, and the settings of a run that they ask for. */
import type { Command } from "commander";
import type { data } from "jkoflow";
import { type Settings, systems } from "jkoflow";
import { efforts, type Purpose } from "jkoflow/settings";
import { reportExtents } from "../config/reportExtent.ts";
import { mergeConfig, type RunConfig, readConfigFile } from "../config/runConfig.ts";
import { systemNames } from "../config/systemName.ts";
import {
  bounds,
  duration,
  nameList,
  numberAbove,
  oneOf,
  pathOf,
  setting,
  shares,
  systemName,
  wholeNumber,
  width,
} from "../flagValues.ts";
import { MOST_TOY_ROWS } from "../input/toy.ts";
import {
  addEngine,
  addReading,
  addSeed,
  addTalk,
  type CommonFlags,
  dialectOf,
  headerOf,
  type ReadFlags,
} from "../options.ts";

export interface FitFlags extends CommonFlags, ReadFlags {
  readonly validation?: string;
  readonly test?: string;
  readonly split?: RunConfig["split"];
  readonly columns?: string[];
  readonly drop?: string[];
  readonly condition?: string[];
  readonly missing?: "error" | "drop" | "drop-rows" | "drop-columns" | "median" | "indicator";
  readonly columnsAs?: "numbers" | "auto";
  readonly categorical?: string[];
  readonly integer?: string[];
  readonly numeric?: string[];
  readonly bounds?: Record<string, data.Bounds>;
  readonly dequantize?: Record<string, number>;
  readonly rows?: number;
  readonly system?: string;
  readonly effort?: RunConfig["effort"];
  /** Seconds. */
  readonly time?: number;
  readonly preset?: string;
  readonly field?: string;
  readonly config?: string;
  readonly keep?: RunConfig["keep"];
  readonly for: Purpose;
  readonly set?: Settings;
  readonly report?: RunConfig["report"];
  readonly out?: string;
  readonly printConfig?: boolean;
  readonly checkpointEvery: number;
  readonly breakLock?: boolean;
}

export function configOf(flags: FitFlags): RunConfig {
  const { keep, system, preset, field, seed, rows, split, columns, drop, condition, dequantize, array, delimiter } =
    flags;
  const { effort = flags.time === undefined ? undefined : "best", time } = flags;
  const set = {
    ...(time === undefined ? {} : { timeLimit: time }),
    ...flags.set,
    ...(field === undefined ? {} : { field }),
  };
  const { columnsAs, categorical, integer, numeric, bounds: ends } = flags;
  const wishes = { columnsAs, categorical, integer, numeric, bounds: ends };
  const declared = Object.entries(wishes).filter(([, value]) => value !== undefined);
  const missing: RunConfig["missing"] | undefined = flags.missing === "drop" ? "drop-rows" : flags.missing;
  const header = headerOf(flags);
  const dialect = dialectOf(flags);
  const given = {
    keep,
    system,
    effort,
    preset,
    seed,
    rows,
    split,
    columns,
    drop,
    condition,
    dequantize,
    array,
    delimiter,
    dialect,
    missing,
    header,
    report: flags.report,
    settings: set,
    ...(declared.length > 0 ? { schema: Object.fromEntries(declared) } : {}),
  };
  const file = flags.config === undefined ? {} : readConfigFile(flags.config);
  const config = withDiscrete(mergeConfig(given, file), flags.for);
  const isNamed = (system ?? file.system) !== undefined;
  return { ...config, keep: config.keep ?? keptOf(flags.for, isNamed ? "named" : "default") };
}

/**
 * What becomes the model where nobody says: what held-out rows prefer. Who names a system wants its flow; and a model for anomalies
 * ranks rows by kernels too, which no likelihood of held-out rows judges.
 */
const keptOf = (purpose: Purpose, system: "named" | "default"): "flow" | "best" =>
  purpose === "anomalies" || system === "named" ? "flow" : "best";

/**
 * Whether what is discrete stands apart from the flow: where kinds of columns are inferred, of systems and fields that take what they are
 * given. A model for anomalies ranks rows by kernels too, which know nothing given.
 */
function withDiscrete(config: RunConfig, purpose: Purpose): RunConfig {
  const { schema, settings } = config;
  if (schema?.columnsAs !== "auto" || schema.discrete !== undefined) return config;
  const takes =
    systems[config.system].conditions === "accepted" &&
    purpose === "density" &&
    settings.field !== "potential" &&
    settings.base !== "labels" &&
    !(Number(settings.graphNodes ?? 0) > 0);
  return { ...config, schema: { ...schema, discrete: takes ? "apart" : "in the flow" } };
}

const EXAMPLES = `Examples:
  jko fit table.csv --out run
  jko fit normal-rows.csv --for anomalies     then: jko logprob RUN rows.csv --threshold 0.01
  jko fit toy:moons --effort best --time 10m --seed 1
  jko fit penguins.csv --bounds body_mass_g=0:
`;

/** The command with its flags; what it does is added by `addFit`. */
export function declareFit(program: Command): Command {
  const command = program
    .command("fit")
    .summary("train a flow on a table or a toy")
    .description("Train a flow on a table (CSV, TSV, NPY, NPZ, Parquet; - for standard input) or on toy:NAME.")
    .argument("<data>", "file, -, toy:NAME, or toy:PATH.png for a picture (dark is dense)", pathOf("<data>"))
    .addHelpText("before", EXAMPLES)
    .option("-o, --out <dir>", "run directory; default jko-run-NAME", pathOf("--out"))
    .option(
      "--validation <file>",
      "validation rows: held-out evaluations while training; default a share of the data",
      pathOf("--validation"),
    )
    .option("--test <file>", "test rows: for the report alone; default a share of the data", pathOf("--test"))
    .option("--split <shares>", "training, validation, test; default 80,10,10 by chance", shares)
    .option("--columns <names>", "the columns to use", nameList)
    .option("--drop <names>", "columns to leave out", nameList)
    .option("--condition <names>", "given columns: learn p(rest | them); NAME:number or NAME:category", nameList)
    .option(
      "--missing <policy>",
      "indicator (default): gaps are learnt; error, drop, drop-columns, median",
      oneOf("--missing", ["error", "drop", "drop-rows", "drop-columns", "median", "indicator"]),
    )
    .option("--categorical <names>", "columns of categories, words or whole numbers", nameList)
    .option("--integer <names>", "columns of whole numbers, scored by their probability", nameList)
    .option("--numeric <names>", "columns of plain numbers, whatever their values suggest", nameList)
    .option(
      "--columns-as <how>",
      "auto (default): infer their kinds; numbers: all are numbers",
      oneOf("--columns-as", ["numbers", "auto"]),
    )
    .option("--bounds <name=low:high>", "values of a column lie inside: age=0: or share=0:1; repeated", bounds)
    .option("--dequantize <name=width>", "add uniform noise of that width to a column of tied values", width)
    .option(
      "--rows <n>",
      "rows of a toy; default 100000",
      wholeNumber("--rows", 20, MOST_TOY_ROWS, "a toy is made in memory"),
    )
    .option("--system <name>", systemNames("table").join(", "), systemName("table"))
    .option("--preset <name>", "a set of settings, such as published; --set overrides it")
    .option("--field <kind>", "short for --set field=...: mlp or potential (JKO-iFlow)")
    .option(
      "--for <purpose>",
      "density, or anomalies: the model keeps its rows",
      oneOf("--for", ["density", "anomalies"]),
      "density",
    )
    .option(
      "--effort <word>",
      "fast, normal, or best: longer, with rounds over all blocks (JKO-iFlow)",
      oneOf("--effort", efforts),
    )
    .option("--time <t>", "no block or stage that ends later, as 10m; implies --effort best", duration("--time"))
    .option(
      "--keep <what>",
      "best (default): a baseline where held-out rows prefer it; flow: with --system or for anomalies",
      oneOf("--keep", ["flow", "best"]),
    )
    .option("--set <key=value>", "a setting of the system; see --print-config", setting)
    .option("--report <how>", "none, quick (baselines, one figure) or full", oneOf("--report", reportExtents))
    .option("--config <file>", "a JSON file of settings; flags override it", pathOf("--config"))
    .option("--print-config", "print the resolved settings and do nothing else")
    .option("--checkpoint-every <s>", "seconds between two checkpoints", numberAbove("--checkpoint-every", 0), 10)
    .option("--break-lock", "take a run directory over from a process on another host");
  addReading(command);
  addSeed(command, "seed of the split and of the training; default 0");
  return addTalk(addEngine(command));
}
