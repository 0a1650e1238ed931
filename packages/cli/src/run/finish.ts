/** From the start or from a checkpoint to complete.json: what fit and resume share. */
import fs from "node:fs";
import type { Engine } from "jkoflow";
import { Interrupted } from "../exit.ts";
import { createPhases } from "../progress/phases.ts";
import { trainingEvaluations } from "../report/evaluations.ts";
import { baselineRows, type Measures, measure } from "../report/measures.ts";
import { writeReport } from "../report/writeReport.ts";
import { writeAtomic } from "./atomic.ts";
import { readLines } from "./lineLog.ts";
import type { RunProblem } from "./problem.ts";
import type { RunDirectory } from "./runDirectory.ts";
import { sha256, type TrainingOptions, trainRun } from "./training.ts";

/** The result of a run that is complete, its model whole; else it can be resumed from its last checkpoint. */
export function readComplete(run: Pick<RunDirectory, "path">): Measures | undefined {
  if (!fs.existsSync(run.path("complete.json")) || !fs.existsSync(run.path("report.json"))) return undefined;
  const { modelSha256 } = JSON.parse(fs.readFileSync(run.path("complete.json"), "utf8")) as { modelSha256?: string };
  const model = run.path("model.safetensors");
  if (!fs.existsSync(model) || sha256(fs.readFileSync(model)) !== modelSha256) return undefined;
  return (JSON.parse(fs.readFileSync(run.path("report.json"), "utf8")) as { result: Measures }).result;
}

export async function finishRun(
  engine: Engine,
  run: RunDirectory,
  problem: RunProblem,
  options: TrainingOptions,
): Promise<Measures> {
  const { watcher, interrupted } = options;
  const { seed, report: extent = "full" } = run.record.config;
  // Before training, which lets the training rows go.
  const fitted = extent === "none" ? undefined : baselineRows(problem, seed);
  const trained = await trainRun(engine, run, problem, options);
  const phases = createPhases(watcher, extent);
  const pause = async (phase?: string): Promise<void> => {
    if (phase !== undefined) phases.next(phase);
    await new Promise((resolve) => setImmediate(resolve)); // lets a signal in
    const signal = interrupted();
    if (signal === undefined) return;
    throw new Interrupted(`${signal}: the model is saved, its report is not; go on with: jko resume ${run.folder}`);
  };
  const events = readLines(run.path("events.jsonl"));
  const wish = { extent, seed, pause };
  const measures = await measure(engine, problem, trained, trainingEvaluations(events), fitted, wish);
  await pause(extent === "none" ? "writing the report ..." : "drawing the report ...");
  await writeReport(engine, run, problem, trained, measures, pause);
  phases.end(trained.seconds);
  writeAtomic(
    run.path("complete.json"),
    `${JSON.stringify({ events: events.length, modelSha256: trained.modelHash })}\n`,
  );
  return measures;
}
