/** `jko evaluate`: how well a model describes rows, and how exact it is. */
import fs from "node:fs";
import type { Command } from "commander";
import { createEngine, createKey, data, fold, InputError, openModel, pairedDifference, scoreLogProb } from "jkoflow";
import { givenNames, readConditionsOf } from "../input/conditionRows.ts";
import { farLines } from "../input/farConditions.ts";
import { collectModelRows } from "../input/modelRows.ts";
import { openTable } from "../input/openTable.ts";
import { sourceColumns } from "../input/schemaRows.ts";
import { countUnfit, describeUnfit, fittingRows, noUnfit, type UnfitCount } from "../input/unfitRows.ts";
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
import { count, counted, nats, small } from "../progress/numbers.ts";
import { createWatcher } from "../progress/watcher.ts";
import { readComplete } from "../report/complete.ts";
import { excessInWords, fitTestLines, runFitTests } from "../report/fitTests.ts";
import { inversionErrors } from "../report/inversion.ts";
import { firstJudged, type Judged, judgedRows } from "../report/judged.ts";
import {
  baselineRows,
  compareWithBaselines,
  fittedOf,
  hardestOf,
  judgeBaseline,
  judgedScores,
  refusedOf,
} from "../report/judgedBaselines.ts";
import { scoresByLabel } from "../report/labels.ts";
import { bitsPerDimension, LEAST_TESTED, type Measures, oddRows, parameterCount } from "../report/measures.ts";
import { flowLessLine, labelText, oddLine, SHOWN_LABELS } from "../report/words.ts";
import { readModelFile } from "../run/modelFile.ts";
import { loadProblem, type RunProblem } from "../run/problem.ts";
import { checkOrigins, readRecord, sourcesOf } from "../run/runDirectory.ts";
import type { Shell } from "../shell.ts";
import { dialectFor } from "./dialect.ts";
import { rowOptions } from "./logprob.ts";

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
  let unfit: UnfitCount = noUnfit;
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
  if (judged.given) watcher.notes(farLines(model, judged.given));
  if (unfit.rows > 0) {
    const text = describeUnfit(unfit, "without a density, so that the NLL of all rows is infinite");
    watcher.note(
      `${text}; all figures are of the other ${counted(judged.table.rows, "row")}; --strict refuses such a file`,
    );
  }
  const rows = judged.table;
  const engine = await createEngine(engineOptions(flags));
  const open = openModel(engine, model);
  try {
    const training = problem && baselineRows(problem, readRecord(run!).config.seed);
    const scores = judgedScores(open.logProb, judged, training ?? UNKNOWN_TIES, problem?.bounds);
    const { logProb } = scores;
    const score = scoreLogProb(logProb);
    const some = firstJudged(judged, CHECKED_ROWS);
    const x = model.standardizer.forward(some.table);
    const y = open.covariates(some.given);
    const { steps } = model.flow;
    const [coarse, fine] = [open.flow.logProb(x, steps, y), open.flow.logProb(x, 2 * steps, y)];
    const judgedBaselines = (training?.models ?? []).map(({ fit }) => judgeBaseline(fit, training!, problem!, judged));
    const fitted = fittedOf(judgedBaselines);
    const flowLess = compareWithBaselines(scores, fitted);
    const hardest = fitted.find(({ row }) => row.name === hardestOf(flowLess)?.name);
    const users = data.userConditions(judged.given);
    const byLabel = users && scoresByLabel(users, logProb, hardest?.logProb);
    const before: Measures | undefined =
      run === undefined ? undefined : readComplete({ path: (name) => `${run}/${name}` });
    // Of a kept baseline the figures of the run's flow are not its own.
    const own = before?.kept ? before.baselines.find(({ name }) => name === before.kept?.name) : before;
    const heldOut = dataPath === undefined && judged.table === problem?.validation; // these rows chose the flow
    const measures = {
      system: model.system,
      validationNll: heldOut ? score.nll : (own?.validationNll ?? null),
      testNll: heldOut || unfit.rows > 0 ? null : score.nll,
      ...(unfit.rows > 0 ? { nllOfOthers: score.nll, outside: unfit } : {}),
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
      baselines: fitted.map(({ row }) => row),
      refused: refusedOf(judgedBaselines),
      flowLess,
      odd: oddRows(logProb, score),
      ...(byLabel ? { byLabel } : {}),
    };
    const few = flags.all && rows.rows < LEAST_TESTED;
    if (few) watcher.note(`${rows.rows} rows are too few for tests of fit: these take ${LEAST_TESTED} at least`);
    const fit =
      flags.all && !few
        ? runFitTests(open, judged, scores.encoded, flags.seed ?? 0, flags.rows ? { maxRows: flags.rows } : {})
        : undefined;
    const inversion = flags.all ? inversionErrors(engine, open, judged) : undefined;
    watcher.line({ event: "result", ...measures, ...(fit && { fit }), ...(inversion && { inversion }) });
    if (flags.json || flags.quiet) return;
    const line = (name: string, text: string): readonly [string, string] => [name, text];
    const scored = model.flow.baseMixture ? model.system : "flow";
    const lines = [
      line("rows", `${count(rows.rows)} of ${rows.columns.length} columns`),
      ...(unfit.rows > 0 ? [line("no density", `${counted(unfit.rows, "row")} besides: NLL inf over all`)] : []),
      line(scored, `${heldOut ? "validation " : ""}NLL ${nats(score.nll)} +- ${nats(score.standardError)} nats`),
      ...measures.baselines.map((row) =>
        line(row.name, `NLL ${nats(row.testNll ?? row.validationNll)} +- ${nats(row.standardError)} nats`),
      ),
      ...measures.refused.map(({ name, refused }) => line(name, refused)),
      ...flowLess.map((one) => line(`${scored} less ${one.name}`, flowLessLine(one))),
      line("bits per dimension", nats(measures.bitsPerDimension)),
      line(
        "median",
        `${nats(score.median)} nats; ${(100 * score.outlierShare).toPrecision(2)} % of the rows cost more than ${nats(score.median + 2 * Math.abs(score.median))}`,
      ),
      ...oddLine(measures.odd, rows.rows, heldOut ? "validation" : "judged").map((text) => line("odd rows", text)),
      ...(byLabel ?? []).slice(0, SHOWN_LABELS).map((one) => line(`${one.column} ${one.label}`, labelText(one))),
      line("inversion error", `${measures.inversionError.toExponential(1)} in standardised units`),
      line("solver gap", `${small(measures.solverGap)} nats`),
    ];
    const told: string[] = [];
    if (inversion) {
      const square = (value: number): string => value.toExponential(1);
      lines.push(
        line(
          "half mean square",
          `inversion error ${square(inversion.halfSquare)}, with adaptive steps ${square(inversion.adaptiveHalfSquare)}` +
            (inversion.blocks.length > 0 ? `; by block ${inversion.blocks.map(square).join(", ")}` : ""),
        ),
        ...(fit ? [line("samples", excessInWords(fit))] : []),
      );
      if (fit) told.push("", ...fitTestLines(fit));
    }
    const width = Math.max(...lines.map(([name]) => name.length));
    const table = lines.map(([name, text]) => `${name.padEnd(width)}  ${text}`);
    await shell.out(`${[...table, ...told].join("\n")}\n`);
  } finally {
    open.dispose();
    engine.dispose();
    watcher.close();
  }

  async function readJudged(path: string): Promise<Judged> {
    const { schema } = model;
    const reading = { ...rowOptions(flags), ...dialectFor(flags, run), onNote: watcher.note, given: givenNames(model) };
    const options = { ...reading, ...(schema ? { schema } : {}) };
    const file = await openTable(path, shell, model.condition ? "several" : "one");
    const raw = await collectModelRows(file, sourceColumns(model), options);
    const noise = fold(createKey(0), "evaluate");
    const read = await readConditionsOf(file, model.condition?.encoder, options);
    const users = read?.given;
    const own = new Set(raw.unfit.map(({ row }) => row));
    const inGiven = (read?.unfit ?? []).filter(({ row }) => !own.has(row));
    const all = [...raw.unfit, ...inGiven].sort((one, other) => one.row - other.row);
    unfit = countUnfit(noUnfit, all);
    const kept = all.length === 0 ? undefined : fittingRows(raw.rows, new Set(all.map(({ row }) => row)), path);
    const rows = kept ? data.takeRows(raw, kept) : raw;
    const y = users && kept ? data.takeConditions(users, kept) : users;
    if (!schema) return { table: rows, ...(y ? { given: y } : {}) };
    const { table, logWeight: weight, cells } = data.encodeTable(schema, rows, noise, { given: y });
    const given = data.joinConditions(y, cells);
    return { table, weight, ...(given ? { given } : {}) };
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
