/** From the start or from a checkpoint to complete.json: what fit and resume share. */
import { data, type Engine } from "jkoflow";
import { createPhases } from "../progress/phases.ts";
import { sealRun } from "../report/complete.ts";
import { trainingEvaluations } from "../report/evaluations.ts";
import { judgedRows } from "../report/judged.ts";
import { type BaselineRows, baselineRows, fittedOf, judgeBaseline } from "../report/judgedBaselines.ts";
import { keepBest } from "../report/keep.ts";
import { type Measures, measure } from "../report/measures.ts";
import { writeReport } from "../report/writeReport.ts";
import { readEvents } from "../run/eventLog.ts";
import { createPause } from "../run/pause.ts";
import type { RunProblem } from "../run/problem.ts";
import type { TrainingOptions } from "../run/recording.ts";
import type { RunDirectory } from "../run/runDirectory.ts";
import { trainRun } from "../run/training.ts";

/** A quick report has the Gaussian and the mixture; where a baseline may become the model, all are fitted for any report. */
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
  const pause = createPause(run, signals, phases);
  const fitted = [];
  const wanted = rows?.models ?? [];
  const isChosen = keep === "best";
  for (const { name, fit } of extent === "full" || isChosen ? wanted : wanted.slice(0, QUICK_BASELINES)) {
    await pause(`fitting the ${name} on the same rows ...`);
    fitted.push(judgeBaseline(fit, rows!, problem, judgedRows(problem)));
  }
  const choice = isChosen ? keepBest(engine, run, problem, trained, rows!, fittedOf(fitted)) : undefined;
  const events = readEvents(run.path("events.jsonl"));
  const wish = { extent, seed, pause };
  const spent = trainingEvaluations(events);
  const measures = await measure(engine, problem, trained, spent, { rows, fitted, choice }, wish);
  await pause(extent === "none" ? "writing the report ..." : "drawing the report ...");
  await writeReport(engine, run, problem, { trained, kept: choice?.model }, measures, pause);
  phases.end(trained.seconds);
  sealRun(run, readEvents(run.path("events.jsonl")), trained.modelHash, measures.modelHash);
  return measures;
}
