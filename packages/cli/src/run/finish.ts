/** From the start or from a checkpoint to complete.json: what fit and resume share. */
import { data, type Engine, InputError, io } from "jkoflow";
import { Interrupted } from "../exit.ts";
import { createPhases } from "../progress/phases.ts";
import { trainingEvaluations } from "../report/evaluations.ts";
import { judgedRows } from "../report/judged.ts";
import { type Baseline, type BaselineRows, baselineRows, fittedOf, judgeBaseline } from "../report/judgedBaselines.ts";
import { type Measures, measure } from "../report/measures.ts";
import { writeReport } from "../report/writeReport.ts";
import { writeAtomic } from "./atomic.ts";
import { readEvents } from "./eventLog.ts";
import { readInside } from "./inside.ts";
import { keepBest } from "./keep.ts";
import type { RunProblem } from "./problem.ts";
import { sha256, type TrainingOptions } from "./recording.ts";
import type { RunDirectory } from "./runDirectory.ts";
import { type TrainedRun, trainRun } from "./training.ts";

/** What complete.json holds: a run is complete with these very files. */
interface Seal {
  readonly events: number;
  readonly modelSha256: string;
  readonly reportSha256: string;
}

/**
 * The result of a run that is complete, its model and its report whole; else it can be resumed from its last checkpoint.
 * `note` is told of a run that was complete, before one of these files was changed.
 */
export function readComplete(
  run: Pick<RunDirectory, "path">,
  note: (line: string) => void = () => {},
): Measures | undefined {
  const seal = readInside(run.path("complete.json"));
  if (seal === undefined) return undefined;
  const { modelSha256, reportSha256 } = parse(seal);
  const isWhole = (name: string, digest: unknown): boolean => {
    const bytes = readInside(run.path(name));
    return bytes !== undefined && sha256(bytes) === digest;
  };
  const changed = [
    ["model.safetensors", modelSha256],
    ["report.json", reportSha256],
  ].find(([name, digest]) => !isWhole(name!, digest));
  if (changed === undefined) {
    return JSON.parse(new TextDecoder().decode(readInside(run.path("report.json")))).result as Measures;
  }
  note(`${run.path(changed[0]!)} is not the file that complete.json speaks of: the run is finished again`);
  return undefined;
}

/** A file that is no seal speaks of no file. */
function parse(bytes: Uint8Array): Partial<Seal> {
  try {
    return (io.parseStrictJson(new TextDecoder().decode(bytes), "complete.json") ?? {}) as Partial<Seal>;
  } catch (error) {
    if (error instanceof InputError) return {};
    throw error;
  }
}

/** A run that was moved or emptied meanwhile is not called complete. */
function sealRun(run: RunDirectory, trained: TrainedRun, { modelHash }: Measures): void {
  run.confirm();
  const events = readEvents(run.path("events.jsonl"));
  if (events.at(-1)?.modelHash !== trained.modelHash) {
    const fix = "put the file back, or remove the checkpoints (ckpt-*) and train anew by jko resume";
    const where = run.path("events.jsonl");
    throw new InputError({ where, came: "another log, or none", expected: "that of the training", fix });
  }
  const digest = (name: string): string => {
    const bytes = readInside(run.path(name));
    if (bytes !== undefined) return sha256(bytes);
    const fix = "was the folder removed or renamed meanwhile? jko resume where it is now";
    throw new InputError({ where: run.path(name), came: "no such file any more", expected: "that of the run", fix });
  };
  const modelSha256 = digest("model.safetensors");
  if (modelSha256 !== modelHash) {
    const fix = "go on with: jko resume";
    const where = run.path("model.safetensors");
    throw new InputError({ where, came: "another model", expected: "the one that was trained", fix });
  }
  const seal: Seal = { events: events.length, modelSha256, reportSha256: digest("report.json") };
  writeAtomic(run.path("complete.json"), `${JSON.stringify(seal)}\n`);
}

/** Why --keep best kept no baseline. */
export function flowStays(
  fitted: readonly { readonly row: Pick<Baseline, "keepable"> }[],
  { spikes }: Pick<BaselineRows["ties"], "spikes">,
): string {
  const why = !fitted.some(({ row }) => row.keepable)
    ? "baselines that are given something, as here columns, categories, gaps or atoms, cannot be kept"
    : spikes.length > 0
      ? `values recur in ${spikes.map(({ name }) => name).join(", ")} on no grid, so that a gain there may be none`
      : "validation rows prefer no baseline that can be kept";
  return `--keep best: the flow stays the model: ${why}`;
}

/** A quick report has the Gaussian and the mixture. */
const QUICK_BASELINES = 2;

export async function finishRun(
  engine: Engine,
  run: RunDirectory,
  problem: RunProblem,
  options: TrainingOptions,
): Promise<Measures> {
  const { watcher, signals } = options;
  const { seed, keep, report: extent = "full" } = run.record.config;
  // Before training, which lets the training rows go. Of wide tables this takes minutes in one piece.
  const isWide = problem.columns.length > data.MOST_WHITENED;
  const isWanted = extent !== "none" || keep === "best";
  if (isWide && isWanted) watcher.phase("preparing the baselines: minutes for a table as wide as this ...");
  const prepare = (): BaselineRows => baselineRows(problem, seed);
  const rows = !isWanted ? undefined : isWide ? signals.atOnce(prepare) : prepare();
  const trained = await trainRun(engine, run, problem, options);
  const phases = createPhases(watcher, extent);
  const pause = async (phase?: string): Promise<void> => {
    if (phase !== undefined) phases.next(phase);
    await new Promise((resolve) => setImmediate(resolve)); // lets a signal in
    run.confirm();
    const signal = signals.signal();
    if (signal === undefined) return;
    throw new Interrupted(`${signal}: the model is saved, its report is not; go on with: jko resume ${run.folder}`);
  };
  const fitted = [];
  const wanted = rows?.models ?? [];
  for (const { name, fit } of extent === "full" ? wanted : wanted.slice(0, QUICK_BASELINES)) {
    await pause(`fitting the ${name} on the same rows ...`);
    fitted.push(judgeBaseline(fit, rows!, problem, judgedRows(problem)));
  }
  const kept = keep === "best" ? keepBest(engine, run, problem, trained, rows!, fittedOf(fitted)) : undefined;
  if (keep === "best" && kept === undefined) watcher.note(flowStays(fittedOf(fitted), rows!.ties));
  const events = readEvents(run.path("events.jsonl"));
  const wish = { extent, seed, pause };
  const spent = trainingEvaluations(events);
  const measures = await measure(engine, problem, trained, spent, { rows, fitted, kept }, wish);
  await pause(extent === "none" ? "writing the report ..." : "drawing the report ...");
  await writeReport(engine, run, problem, trained, measures, pause);
  phases.end(trained.seconds);
  sealRun(run, trained, measures);
  return measures;
}
