/** From the start or from a checkpoint to complete.json: what fit and resume share. */
import fs from "node:fs";
import type { Engine } from "jkoflow";
import { Interrupted } from "../exit.ts";
import { trainingEvaluations } from "../report/evaluations.ts";
import { judgedRows } from "../report/judged.ts";
import { baselineRows, fittedOf, judgeBaseline } from "../report/judgedBaselines.ts";
import { type Measures, measure } from "../report/measures.ts";
import { writeReport } from "../report/writeReport.ts";
import { writeAtomic } from "./atomic.ts";
import { keepBest } from "./keep.ts";
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
  const { seed } = run.record.config;
  const rows = baselineRows(problem, seed); // before training, which lets the training rows go
  const trained = await trainRun(engine, run, problem, options);
  const pause = async (phase: string): Promise<void> => {
    watcher.phase(phase);
    await new Promise((resolve) => setImmediate(resolve)); // lets a signal in
    const signal = interrupted();
    if (signal === undefined) return;
    throw new Interrupted(`${signal}: the model is saved, its report is not; go on with: jko resume ${run.folder}`);
  };
  const fitted = [];
  for (const { name, fit } of rows.models) {
    await pause(`fitting the ${name} on the same rows ...`);
    fitted.push(judgeBaseline(fit, rows, problem, judgedRows(problem)));
  }
  await pause("scoring the flow, comparing its samples with the data ...");
  const events = readLines(run.path("events.jsonl"));
  const kept =
    run.record.config.keep === "best" ? keepBest(engine, run, problem, trained, rows, fittedOf(fitted)) : undefined;
  const measures = measure(engine, problem, trained, trainingEvaluations(events), rows, fitted, kept);
  await pause("drawing the report ...");
  await writeReport(engine, run, problem, trained, measures);
  writeAtomic(
    run.path("complete.json"),
    `${JSON.stringify({ events: events.length, modelSha256: measures.modelHash })}\n`,
  );
  return measures;
}
