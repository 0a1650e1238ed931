/** A training along a flow to its end, with what it took. */
import type { Engine, EvolutionProblem, Settings } from "jkoflow";
import { createKey } from "jkoflow";
import { type AnyEvolutionSystem, chainOf, checkEvolutionSettings } from "jkoflow/systems";
import type { OpenFlow } from "../../packages/cli/src/evolution/along.ts";
import { openStored } from "../../packages/cli/src/evolution/openStored.ts";
import { startClock } from "./clock.ts";

export interface TrainedFlow {
  readonly flow: OpenFlow;
  readonly cpuSeconds: number;
}

export async function trainFlow(
  engine: Engine,
  system: AnyEvolutionSystem,
  problem: EvolutionProblem,
  given: Settings,
  seed: number,
): Promise<TrainedFlow> {
  const clock = startClock();
  const settings = checkEvolutionSettings(system, problem, given);
  const run = system.run({ engine, problem, settings, key: createKey(seed) });
  let next = await run.next();
  while (!next.done) next = await run.next();
  const flow = openStored(chainOf(system.name, problem.columns, next.value), problem, problem.title);
  return { flow, cpuSeconds: clock().cpuSeconds };
}
