/**
 * A flow trained by a task of the benchmarks. Defaults, checks and keys are those of the library and of the command: `jko fit`
 * with the same rows, settings and seed comes to the same bits.
 */
import type { Engine } from "../../packages/jkoflow/src/engine/index.ts";
import { createKey } from "../../packages/jkoflow/src/random/index.ts";
import {
  type Settings,
  startTraining,
  systems,
  type Trained,
  type TrainingState,
} from "../../packages/jkoflow/src/systems/index.ts";
import type { Event } from "../../packages/jkoflow/src/train/index.ts";
import type { FitTask } from "./fit.ts";
import type { SplitProblem } from "./problem.ts";

export interface TrainedTask {
  readonly trained: Trained;
  /** Every setting of the system. */
  readonly settings: Settings;
}

/** `watch` sees every event; test rows are not looked at. */
export async function trainFlow(
  engine: Engine,
  { train, validation }: SplitProblem,
  { system = "jko-iflow", purpose, effort, settings, seed }: Omit<FitTask, "files" | "threads">,
  watch: (event: Event<TrainingState>) => void = () => {},
): Promise<TrainedTask> {
  const options = { purpose, effort, settings, key: createKey(seed) };
  const training = startTraining(systems[system], { train, validation }, options);
  const events = training.run(engine);
  for (;;) {
    const next = await events.next();
    if (next.done) return { trained: next.value, settings: training.settings };
    watch(next.value);
  }
}

/** A value of an event that is a number. */
export const numberOf = ({ values }: Event, name: string): number => Number(values[name]);

/** A value of an event that is a list of numbers. */
export const listOf = ({ values }: Event, name: string): number[] =>
  String(values[name]).split(" ").filter(Boolean).map(Number);
