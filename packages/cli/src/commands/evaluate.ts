/** `jko evaluate`: how well a model describes rows, and how exact it is. */
import fs from "node:fs";
import type { Command } from "commander";
import { createEngine, data, InputError, openModel } from "jkoflow";
import { wholeNumber } from "../flagValues.ts";
import { farLines } from "../input/farConditions.ts";
import { noUnfit } from "../input/unfitRows.ts";
import {
  addEngine,
  addReading,
  addSeed,
  addTalk,
  type CommonFlags,
  engineOptions,
  type ReadFlags,
} from "../options.ts";
import { createWatcher } from "../progress/watcher.ts";
import { readComplete } from "../report/complete.ts";
import { type EvaluatedRows, evaluationLines, evaluationOf, unfitNote } from "../report/evaluation.ts";
import { runFitTests } from "../report/fitTests.ts";
import { inversionErrors } from "../report/inversion.ts";
import { judgedRows } from "../report/judged.ts";
import { baselineRows, judgeBaseline } from "../report/judgedBaselines.ts";
import { judgeModel } from "../report/judgedModel.ts";
import { LEAST_TESTED, type Measures } from "../report/measures.ts";
import { readModelFile } from "../run/modelFile.ts";
import { loadProblem, type RunProblem } from "../run/problem.ts";
import { checkOrigins, readRecord, sourcesOf } from "../run/runDirectory.ts";
import type { Shell } from "../shell.ts";
import { dialectFor } from "./dialect.ts";
import { readJudged } from "./judgedFile.ts";
import { rowOptions } from "./logprobFlags.ts";

interface EvaluateFlags extends CommonFlags, ReadFlags {
  readonly all?: boolean;
  readonly rows?: number;
  readonly strict?: boolean;
}

const EXAMPLES = `Examples:
  jko evaluate run new-rows.csv
  jko evaluate run                      the run's own test rows
  jko evaluate run new-rows.csv --all   do samples of the model differ from these rows?
`;

export function addEvaluate(program: Command, shell: Shell): void {
  const command = program
    .command("evaluate")
    .summary("NLL with its standard error, inversion error, baselines")
    .description(
      "NLL in nats, bits per dimension, outliers, inversion error and solver gap; for a run with its data at hand also the baselines.",
    )
    .argument("<model>", "run directory or model file")
    .argument("[data]", "table with the model's columns, or -; default the test rows of the run")
    .addHelpText("before", EXAMPLES)
    .option("--all", "two-sample tests of the model's samples against the rows, and the inversion error of each block")
    .option("--rows <n>", "most rows and samples that --all compares; default 10000", wholeNumber("--rows", 10))
    .option("--strict", "refuse rows with a category that is not known, or a value outside of its bounds");
  addSeed(command, "seed of the samples that --all draws; default 0");
  addReading(command);
  addTalk(addEngine(command));
  command.action((model: string, data: string | undefined, flags: EvaluateFlags) =>
    evaluate(model, data, flags, shell),
  );
}

async function evaluate(
  modelPath: string,
  dataPath: string | undefined,
  flags: EvaluateFlags,
  shell: Shell,
): Promise<void> {
  const watcher = createWatcher(shell, flags);
  const file = readModelFile(modelPath);
  const { model, run } = file;
  if (!flags.all && (flags.rows !== undefined || flags.seed !== undefined)) {
    const flag = flags.rows === undefined ? "--seed" : "--rows";
    throw new InputError({ where: flag, came: "no --all", expected: "--all, whose samples it is about" });
  }
  if (flags.strict && dataPath === undefined) {
    throw new InputError({ where: "--strict", came: "no table", expected: "one, whose rows it is about" });
  }
  const problem = run === undefined ? undefined : await problemOf(run, dataPath, watcher.note, shell);
  const rows = await rowsOf();
  const { judged, unfit } = rows;
  const bound = model.schema && data.boundText(model.schema);
  if (bound !== undefined) watcher.note(bound);
  if (judged.given) watcher.notes(farLines(model, judged.given));
  if (unfit.rows > 0) watcher.note(unfitNote(unfit, judged.table.rows));
  const engine = await createEngine(engineOptions(flags));
  const open = openModel(engine, model);
  try {
    const training = problem && baselineRows(problem, readRecord(run!).config.seed);
    const baselines = (training?.models ?? []).map(({ fit }) => judgeBaseline(fit, training!, problem!, judged));
    const found = judgeModel(open, judged, training ?? UNKNOWN_TIES, baselines, problem?.bounds);
    const before: Measures | undefined =
      run === undefined ? undefined : readComplete({ path: (name) => `${run}/${name}` });
    const evaluation = evaluationOf(open, found, rows, before, file.sha256);
    const few = flags.all && judged.table.rows < LEAST_TESTED;
    if (few)
      watcher.note(`${judged.table.rows} rows are too few for tests of fit: these take ${LEAST_TESTED} at least`);
    const most = flags.rows ? { maxRows: flags.rows } : {};
    const fit = flags.all && !few ? runFitTests(open, judged, found.scores.encoded, flags.seed ?? 0, most) : undefined;
    const inversion = flags.all ? inversionErrors(engine, open, judged) : undefined;
    watcher.line({ event: "result", ...evaluation, ...(fit && { fit }), ...(inversion && { inversion }) });
    if (flags.json || flags.quiet) return;
    const scored = model.flow.baseMixture ? model.system : "flow";
    await shell.out(`${evaluationLines(evaluation, found, rows, scored, fit, inversion).join("\n")}\n`);
  } finally {
    open.dispose();
    engine.dispose();
    watcher.close();
  }

  async function rowsOf(): Promise<EvaluatedRows> {
    if (dataPath !== undefined) {
      const reading = { ...rowOptions(flags), ...dialectFor(flags, run), onNote: watcher.note };
      return { ...(await readJudged(dataPath, model, reading, shell)), part: "other" };
    }
    if (problem === undefined) {
      throw new InputError({
        where: modelPath,
        came: "no rows to judge by",
        expected: "a table",
        fix: "name one: jko evaluate MODEL DATA",
      });
    }
    return { judged: judgedRows(problem), unfit: noUnfit, part: problem.test ? "other" : "validation" };
  }
}

/** Of a model whose training rows are not at hand. */
const UNKNOWN_TIES = { ties: { grids: [], spikes: [] }, seed: 0 } as const;

/** The data of the run, where they are still what they were. */
async function problemOf(
  run: string,
  dataPath: string | undefined,
  note: (line: string) => void,
  shell: Shell,
): Promise<RunProblem | undefined> {
  const record = readRecord(run);
  const sources = sourcesOf(record);
  const paths = [sources.train, sources.validation, sources.test];
  // Standard input cannot be read again, and a file may be gone.
  const there = paths.every(
    (path) => path === undefined || path.startsWith("toy:") || (path !== "-" && fs.existsSync(path)),
  );
  if (dataPath !== undefined && !there) {
    note("the training data are not at hand: no baselines");
    return undefined;
  }
  const problem = await loadProblem(sources, record.config, shell);
  checkOrigins(record, problem.origins);
  return problem;
}
