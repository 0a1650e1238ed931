/** `jko evaluate`: how well a model describes rows, and how exact it is. */
import fs from "node:fs";
import type { Command } from "commander";
import { createEngine, createKey, data, fold, InputError, openModel, pairedDifference, scoreLogProb } from "jkoflow";
import { readableTwice, readConditionsOf } from "../input/conditionRows.ts";
import { readModelFile } from "../input/modelFile.ts";
import { collectModelRows } from "../input/modelRows.ts";
import { sourceColumns } from "../input/schemaRows.ts";
import {
  addEngine,
  addReading,
  addSeed,
  addTalk,
  type CommonFlags,
  engineOptions,
  type ReadFlags,
  wholeNumber,
} from "../options.ts";
import { count, nats, small } from "../progress/numbers.ts";
import { createWatcher } from "../progress/watcher.ts";
import { excessInWords, fitTestLines, runFitTests } from "../report/fitTests.ts";
import { inversionErrors } from "../report/inversion.ts";
import { firstJudged, type Judged, judgedRows } from "../report/judged.ts";
import { type LabelScore, scoresByLabel } from "../report/labels.ts";
import {
  baselineRows,
  baselines,
  bitsPerDimension,
  LEAST_TESTED,
  type Measures,
  parameterCount,
} from "../report/measures.ts";
import { SHOWN_LABELS } from "../report/words.ts";
import { readComplete } from "../run/finish.ts";
import { loadProblem, type RunProblem } from "../run/problem.ts";
import { checkOrigins, readRecord, sourcesOf } from "../run/runDirectory.ts";
import { addWeight } from "../run/weights.ts";
import type { Shell } from "../shell.ts";
import { rowOptions } from "./logprob.ts";

interface EvaluateFlags extends CommonFlags, ReadFlags {
  readonly all?: boolean;
  readonly rows?: number;
}

const EXAMPLES = `Examples:
  jko evaluate run new-rows.csv
  jko evaluate run                      the run's own test rows
  jko evaluate run new-rows.csv --all   do samples of the model differ from these rows?
`;

/** Rows for the inverse and for the solver's gap. */
const CHECKED_ROWS = 10_000;

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
    .option("--rows <n>", "most rows and samples that --all compares; default 10000", wholeNumber("--rows", 10));
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
  const problem = run === undefined ? undefined : await problemOf(run, dataPath, watcher.note, shell);
  const judged = dataPath === undefined ? problem && judgedRows(problem) : await readJudged(dataPath);
  if (judged === undefined) {
    throw new InputError({
      where: modelPath,
      came: "no rows to judge by",
      expected: "a table",
      fix: "name one: jko evaluate MODEL DATA",
    });
  }
  const bound = model.schema && data.boundText(model.schema);
  if (bound !== undefined) watcher.note(bound);
  const rows = judged.table;
  const engine = await createEngine(engineOptions(flags));
  const open = openModel(engine, model);
  try {
    const encoded = open.logProb(rows, judged.given);
    const logProb = addWeight(encoded, judged.weight);
    const score = scoreLogProb(logProb);
    const some = firstJudged(judged, CHECKED_ROWS);
    const x = model.standardizer.forward(some.table);
    const y = open.covariates(some.given);
    const { steps } = model.flow;
    const [coarse, fine] = [open.flow.logProb(x, steps, y), open.flow.logProb(x, 2 * steps, y)];
    const fitted = problem && baselines(baselineRows(problem, readRecord(run!).config.seed), problem, judged);
    const mixture = (fitted?.[1] ?? fitted?.[0])?.logProb;
    const byLabel = judged.given && scoresByLabel(judged.given, logProb, mixture ?? logProb);
    const before: Measures | undefined =
      run === undefined ? undefined : readComplete({ path: (name) => `${run}/${name}` });
    const heldOut = dataPath === undefined && judged.table === problem?.validation; // these rows chose the flow
    const measures = {
      system: model.system,
      validationNll: heldOut ? score.nll : (before?.validationNll ?? null),
      testNll: heldOut ? null : score.nll,
      standardError: score.standardError,
      bitsPerDimension: bitsPerDimension(score.nll, rows.columns.length),
      median: score.median,
      outlierShare: score.outlierShare,
      blocks: model.flow.blocks.length,
      parameters: parameterCount(model),
      seconds: before?.seconds ?? null,
      inversionError: open.inversionError(some.table, some.given),
      solverGap: Math.abs(pairedDifference(fine, coarse).mean),
      modelHash: file.sha256,
      rows: rows.rows,
      columns: rows.columns.length,
      baselines: fitted ? fitted.map(({ row }) => row) : [],
      flowLessMixture: mixture ? pairedDifference(logProb, mixture) : null,
      ...(byLabel ? { byLabel: mixture ? byLabel : byLabel.map(({ mixtureNll: _, ...line }) => line) } : {}),
    };
    const few = flags.all && rows.rows < LEAST_TESTED;
    if (few) watcher.note(`${rows.rows} rows are too few for tests of fit: these take ${LEAST_TESTED} at least`);
    const fit =
      flags.all && !few
        ? runFitTests(open, judged, encoded, flags.seed ?? 0, flags.rows ? { maxRows: flags.rows } : {})
        : undefined;
    const inversion = flags.all ? inversionErrors(engine, open, judged) : undefined;
    watcher.line({ event: "result", ...measures, ...(fit && { fit }), ...(inversion && { inversion }) });
    if (flags.json || flags.quiet) return;
    const line = (name: string, text: string): string => `${name.padEnd(18)}  ${text}`;
    const lines = [
      line("rows", `${count(rows.rows)} of ${rows.columns.length} columns`),
      line("flow", `${heldOut ? "validation " : ""}NLL ${nats(score.nll)} +- ${nats(score.standardError)} nats`),
      ...measures.baselines.map((row) =>
        line(row.name, `NLL ${nats(row.testNll ?? row.validationNll)} +- ${nats(row.standardError)} nats`),
      ),
      ...(measures.flowLessMixture
        ? [
            line(
              "flow less mixture",
              `${nats(measures.flowLessMixture.mean)} +- ${nats(measures.flowLessMixture.standardError)} nats`,
            ),
          ]
        : []),
      line("bits per dimension", nats(measures.bitsPerDimension)),
      line(
        "median",
        `${nats(score.median)} nats; ${(100 * score.outlierShare).toPrecision(2)} % of the rows cost more than ${nats(score.median + 2 * Math.abs(score.median))}`,
      ),
      ...(byLabel ?? []).slice(0, SHOWN_LABELS).map((one) => line(`${one.column} ${one.label}`, describeLabel(one))),
      line("inversion error", `${measures.inversionError.toExponential(1)} in standardised units`),
      line("solver gap", `${small(measures.solverGap)} nats`),
    ];
    if (inversion) {
      const square = (value: number): string => value.toExponential(1);
      lines.push(
        line(
          "half mean square",
          `inversion error ${square(inversion.halfSquare)}, with adaptive steps ${square(inversion.adaptiveHalfSquare)}; ` +
            `by block ${inversion.blocks.map(square).join(", ")}`,
        ),
        ...(fit ? [line("samples", excessInWords(fit)), "", ...fitTestLines(fit)] : []),
      );
    }
    await shell.out(`${lines.join("\n")}\n`);
  } finally {
    open.dispose();
    engine.dispose();
    watcher.close();
  }

  async function readJudged(path: string): Promise<Judged> {
    const { schema } = model;
    const options = { ...rowOptions(flags), ...(schema ? { schema } : {}) };
    const again = model.condition ? await readableTwice(path, shell) : shell;
    const raw = await collectModelRows(path, sourceColumns(model), options, again);
    const noise = fold(createKey(0), "evaluate");
    const encoded = schema ? data.encodeTable(schema, raw, noise) : { table: raw, logWeight: undefined };
    const { table, logWeight: weight } = encoded;
    if (!model.condition) return { table, weight };
    return { table, weight, given: (await readConditionsOf(path, model.condition.encoder, options, again)).given };
  }
}

const describeLabel = ({ rows, nll, standardError }: LabelScore): string =>
  `NLL ${nats(nll)} +- ${nats(standardError)} nats on ${count(rows)} rows`;

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
