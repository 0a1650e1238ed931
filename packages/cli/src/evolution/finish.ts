/** From the start or from a checkpoint to complete.json: what a new run along a flow and resume share. */
import { type chain, type Engine, type EvolutionProblem, evolutionSystems, InputError, maps, problems } from "jkoflow";
import { createPhases } from "../progress/phases.ts";
import { sealRun } from "../report/complete.ts";
import { readEventLines } from "../run/eventLog.ts";
import { createPause } from "../run/pause.ts";
import type { TrainingOptions } from "../run/recording.ts";
import type { OpenFlow } from "./along.ts";
import { type EvolutionMeasures, measureFlow } from "./measures.ts";
import type { EvolutionRun } from "./record.ts";
import { writeFlowReport } from "./report.ts";
import { trainFlow } from "./train.ts";

export async function finishFlow(
  engine: Engine,
  run: EvolutionRun,
  problem: EvolutionProblem,
  options: TrainingOptions,
): Promise<EvolutionMeasures> {
  const { watcher, signals } = options;
  const { system, seed, report: extent } = run.record;
  const trained = await trainFlow(engine, run, evolutionSystems[system], problem, options);
  const notes = evolutionSystems[system].notes?.(problem) ?? [];
  const phases = createPhases(watcher, extent);
  const pause = createPause(run, signals, phases);
  const flow = openStored(trained.flow, problem, run.path("model.safetensors"));
  const published = problems.publishedOf(run.record.problem.name);
  const measured = await measureFlow(engine, problem, flow, trained, { system, seed, extent, published }, pause);
  await pause(extent === "none" ? "writing the report ..." : "drawing the report ...");
  await writeFlowReport(run, problem, measured, engine.kernelId, notes, pause);
  phases.end(trained.seconds);
  sealRun(run, readEventLines(run.path("events.jsonl")), trained.modelHash, trained.modelHash);
  return measured.measures;
}

/** @throws InputError for maps that are not of the problem. */
export function openStored(stored: chain.Chain, { start, step }: EvolutionProblem, where: string): OpenFlow {
  const fail = (place: string, came: string, expected: string): never => {
    throw new InputError({ where, place, came, expected });
  };
  if (stored.columns.length !== start.dimension) {
    fail("columns", `${stored.columns.length} columns`, `${start.dimension} as the problem has`);
  }
  return { start, step, maps: stored.parts.map(({ config, weights }) => maps.openMap(config, weights, fail)) };
}
