/** From the start or from a checkpoint to complete.json: what a new run along a flow and resume share. */
import { type Engine, evolutionSystems, problems } from "jkoflow";
import { createPhases } from "../progress/phases.ts";
import { sealRun } from "../report/complete.ts";
import { readEventLines } from "../run/eventLog.ts";
import { createPause } from "../run/pause.ts";
import type { TrainingOptions } from "../run/recording.ts";
import { trainedOn, trainFiner } from "./finer.ts";
import { type EvolutionMeasures, measureFlow } from "./measures.ts";
import { openStored } from "./openStored.ts";
import type { AskedProblem } from "./problemOf.ts";
import type { EvolutionRun } from "./record.ts";
import { writeFlowReport } from "./report.ts";
import { trainFlow } from "./train.ts";

export async function finishFlow(
  engine: Engine,
  run: EvolutionRun,
  { problem, notes: asked }: AskedProblem,
  options: TrainingOptions,
): Promise<EvolutionMeasures> {
  const { watcher, signals } = options;
  const { system, seed, report: extent } = run.record;
  const trained = await trainFlow(engine, run, evolutionSystems[system], trainedOn(run.record, problem), options);
  const notes = [...asked, ...(evolutionSystems[system].notes?.(problem) ?? [])];
  const phases = createPhases(watcher, extent);
  const pause = createPause(run, signals, phases);
  const finer = run.record.accuracy ? await trainFiner(engine, run, problem, options) : undefined;
  const flow = openStored(trained.flow, problem, run.path("model.safetensors"));
  const published = problems.publishedOf(run.record.problem.name);
  const measured = await measureFlow(
    engine,
    problem,
    flow,
    trained,
    { system, seed, extent, published, isTarget: run.record.verb === "infer", ...(finer ? { finer } : {}) },
    pause,
  );
  await pause(extent === "none" ? "writing the report ..." : "drawing the report ...");
  await writeFlowReport(run, problem, measured, flow, engine.kernelId, notes, pause);
  phases.end(trained.seconds);
  sealRun(run, readEventLines(run.path("events.jsonl")), trained.modelHash, trained.modelHash);
  return measured.measures;
}
