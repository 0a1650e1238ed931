/** `jko fit`: train a flow on a table, into a run directory. */
import type { Command } from "commander";
import type { io } from "jkoflow";
import {
  checkConditions,
  createEngine,
  createKey,
  fold,
  InputError,
  type Purpose,
  type Settings,
  systems,
} from "jkoflow";
import { mergeConfig, type RunConfig, readConfigFile } from "../config/runConfig.ts";
import {
  addEngine,
  addReading,
  addSeed,
  addTalk,
  type CommonFlags,
  engineOptions,
  headerOf,
  nameList,
  numberAbove,
  oneOf,
  type ReadFlags,
  setting,
  shares,
  wholeNumber,
  width,
} from "../options.ts";
import { count } from "../progress/numbers.ts";
import { createWatcher } from "../progress/watcher.ts";
import { summary } from "../report/words.ts";
import { finishRun, readComplete } from "../run/finish.ts";
import { loadProblem, type RunProblem, type Sources } from "../run/problem.ts";
import { createRun, freeFolder } from "../run/runDirectory.ts";
import type { Shell } from "../shell.ts";

interface FitFlags extends CommonFlags, ReadFlags {
  readonly validation?: string;
  readonly test?: string;
  readonly split?: RunConfig["split"];
  readonly columns?: string[];
  readonly drop?: string[];
  readonly condition?: string[];
  readonly missing?: "error" | "drop" | "drop-rows" | "drop-columns" | "median";
  readonly dequantize?: Record<string, number>;
  readonly rows?: number;
  readonly system?: string;
  readonly preset?: string;
  readonly field?: string;
  readonly config?: string;
  readonly for: Purpose;
  readonly set?: Settings;
  readonly out?: string;
  readonly printConfig?: boolean;
  readonly checkpointEvery: number;
  readonly breakLock?: boolean;
}

const EXAMPLES = `Examples:
  jko fit table.csv --out run
  jko fit normal-rows.csv --for anomalies     then: jko logprob RUN rows.csv --threshold 0.01
  jko fit toy:moons --set blocks=4 --seed 1
`;

export function addFit(program: Command, shell: Shell): void {
  const command = program
    .command("fit")
    .summary("train a flow on a table or a toy")
    .description("Train a flow on a table (CSV, TSV, NPY, NPZ, Parquet; - for standard input) or on toy:NAME.")
    .argument("<data>", "file, -, toy:NAME, or toy:PATH.png for a picture (dark is dense)")
    .addHelpText("before", EXAMPLES)
    .option("-o, --out <dir>", "run directory; default jko-run-NAME")
    .option("--validation <file>", "rows that judge the blocks; default a share of the data")
    .option("--test <file>", "rows that judge the flow; default a share of the data")
    .option("--split <shares>", "training, validation, test; default 80,10,10 by chance", shares)
    .option("--columns <names>", "the columns to use", nameList)
    .option("--drop <names>", "columns to leave out", nameList)
    .option(
      "--condition <names>",
      "given columns: learn p(rest | them); words and few whole numbers are categories, NAME:number or NAME:category decides",
      nameList,
    )
    .option(
      "--missing <policy>",
      "error, drop, drop-columns or median",
      oneOf("--missing", ["error", "drop", "drop-rows", "drop-columns", "median"]),
    )
    .option("--dequantize <name=width>", "add uniform noise of that width to a column of tied values", width)
    .option("--rows <n>", "rows of a toy; default 100000", wholeNumber("--rows", 20))
    .option("--system <name>", `${Object.keys(systems).join(", ")}`, oneOf("--system", Object.keys(systems)))
    .option("--preset <name>", "a set of settings of the system, such as published; --set goes before it")
    .option("--field <kind>", "short for --set field=...: mlp or potential (JKO-iFlow)")
    .option(
      "--for <purpose>",
      "density, or anomalies: small tables are blurred, which ranks odd rows better and costs likelihood",
      oneOf("--for", ["density", "anomalies"]),
      "density",
    )
    .option("--set <key=value>", "a setting of the system; see --print-config", setting)
    .option("--config <file>", "a JSON file of settings; flags go before it")
    .option("--print-config", "print the resolved settings and do nothing else")
    .option("--checkpoint-every <s>", "seconds between two checkpoints", numberAbove("--checkpoint-every", 0), 10)
    .option("--break-lock", "take a run directory over from a process on another host");
  addReading(command);
  addSeed(command, "seed of the split and of the training; default 0");
  addTalk(addEngine(command));
  command.action((path: string, flags: FitFlags) => fit(path, flags, shell));
}

function configOf(flags: FitFlags): RunConfig {
  const { system, preset, field, seed, rows, split, columns, drop, condition, dequantize, array, delimiter } = flags;
  const set = field === undefined ? flags.set : { ...flags.set, field };
  const missing: io.MissingPolicy | undefined = flags.missing === "drop" ? "drop-rows" : flags.missing;
  const header = headerOf(flags);
  const given = {
    system,
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
    missing,
    header,
    settings: set,
  };
  return mergeConfig(given, flags.config === undefined ? {} : readConfigFile(flags.config));
}

/** Every setting of the system: the given ones, and defaults for this table. */
function resolveSettings(config: RunConfig, problem: RunProblem, purpose: Purpose): RunConfig {
  const system = systems[config.system];
  checkConditions(system, problem);
  const defaults = system.defaults(problem, fold(createKey(config.seed), "defaults"), purpose);
  const presets = system.presets ?? {};
  if (config.preset !== null && !Object.hasOwn(presets, config.preset)) {
    const known = Object.keys(presets);
    const expected = known.length > 0 ? known.join(" | ") : `none, ${system.title} has no presets`;
    throw new InputError({ where: "--preset", came: JSON.stringify(config.preset), expected });
  }
  const preset = config.preset === null ? {} : presets[config.preset](problem);
  return { ...config, settings: system.check({ ...defaults, ...preset, ...config.settings } as Settings) };
}

async function fit(path: string, flags: FitFlags, shell: Shell): Promise<void> {
  const watcher = createWatcher(shell, flags);
  let signal: string | undefined;
  const forget = shell.onSignal((name) => {
    signal = name;
  });
  try {
    const { validation, test } = flags;
    const sources: Sources = { train: path, ...(validation ? { validation } : {}), ...(test ? { test } : {}) };
    const wanted = configOf(flags);
    const problem = await loadProblem(sources, wanted, shell);
    const config = resolveSettings(wanted, problem, flags.for);
    if (flags.printConfig) return await shell.out(`${JSON.stringify(config, null, 2)}\n`);
    for (const note of problem.notes) watcher.note(note);

    const folder = flags.out ?? freeFolder(path);
    const run = createRun(folder, { format: 1, data: problem.origins, config }, flags.breakLock ?? false);
    try {
      const engine = await createEngine(engineOptions(flags, watcher.note));
      try {
        const complete = readComplete(run);
        if (complete) watcher.note(`${folder} is complete already`);
        else watcher.phase(describeTask(folder, config, problem));
        const options = { checkpointEvery: flags.checkpointEvery, interrupted: () => signal, watcher };
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
    forget();
    watcher.close();
  }
}

function describeTask(folder: string, { system }: RunConfig, { train }: RunProblem): string {
  return `${folder}: ${systems[system].title} on ${count(train.rows)} rows of ${train.columns.length} columns`;
}
