/** Training along a flow: its events to the log and to whoever watches, with an estimate of the time left. */
import { chain, createKey, type Engine, type EvolutionProblem, type Evolved, fold } from "jkoflow";
import {
  type AnyEvolutionSystem,
  chainOf,
  checkEvolutionSettings,
  type EvolutionEvent,
  type EvolutionState,
  type MapConfig,
} from "jkoflow/systems";
import { readInside } from "../files/inside.ts";
import { eventLine } from "../progress/eventLine.ts";
import { duration, small } from "../progress/numbers.ts";
import { placeOf } from "../progress/place.ts";
import type { Watcher } from "../progress/watcher.ts";
import { readEventLines, readTimes } from "../run/eventLog.ts";
import { recordTraining, sha256, type TrainingOptions, writeModel } from "../run/recording.ts";
import type { EvolutionRun } from "./record.ts";

export interface TrainedFlow {
  readonly flow: chain.Chain;
  readonly modelHash: string;
  readonly stop: string;
  readonly seconds: number;
  /** What the critic's bound falls short of F by, of each step; empty for systems without a critic. */
  readonly gaps: readonly number[];
}

export async function trainFlow(
  engine: Engine,
  run: EvolutionRun,
  system: AnyEvolutionSystem,
  problem: EvolutionProblem,
  options: TrainingOptions,
): Promise<TrainedFlow> {
  const finished = readTrainedFlow(run);
  if (finished) return finished;
  const { seed } = run.record;
  const settings = checkEvolutionSettings(system, problem, run.record.settings);
  const show = createView(options.watcher, problem, Number(settings.tolerance ?? 0) > 0);
  const { result, seconds } = await recordTraining<
    EvolutionEvent,
    Evolved<MapConfig>,
    Omit<TrainedFlow, "seconds" | "gaps">
  >(engine, run, options, {
    begin: (state, pause) =>
      system.run({
        engine,
        problem,
        settings,
        key: fold(createKey(seed), "train"),
        pause,
        ...(state === undefined ? {} : { resume: state as EvolutionState }),
      }),
    lineOf: eventLine,
    show,
    stateOf: ({ type, state }) => (type === "start" ? undefined : { state, isMilestone: type === "step" }),
    end: (evolved) => {
      const flow = chainOf(system.name, problem.columns, evolved);
      const modelHash = writeModel(run, chain.encodeChain(flow));
      const { stop } = evolved;
      return { line: { event: "trained", stop, modelHash }, result: { flow, modelHash, stop } };
    },
  });
  return { ...result, seconds, gaps: gapsOf(run) };
}

/** As the log has them. */
const gapsOf = (run: Pick<EvolutionRun, "path">): number[] =>
  readEventLines(run.path("events.jsonl")).flatMap(({ event, gap }) =>
    event === "step" && typeof gap === "number" ? [gap] : [],
  );

/** Steps as lines that stay, updates as one that moves. */
function createView(
  watcher: Watcher,
  { time, step }: EvolutionProblem,
  isControlled: boolean,
): (event: EvolutionEvent) => void {
  const begin = performance.now();
  const steps = Math.round(time / step);
  let done: number | undefined; // steps before this process began
  let now = 0; // time that is reached, where it is not known how many steps there will be
  return ({ type, place, values }) => {
    const words = Object.entries(values)
      .filter(([name]) => name !== "step")
      .map(([name, value]) => `${name} ${typeof value === "number" ? small(value) : value}`)
      .join("  ");
    if (type === "note" || type === "start") return watcher.note(words);
    const at = placeOf(place).number;
    if (isControlled) {
      if (type === "step") now = Number(values.time);
      if (type === "step") return watcher.phase(`step ${at}, t = ${small(now)} of ${small(time)}  ${words}`);
      return watcher.moving(now / time, `${place.join(", ")}  ${words}`);
    }
    done ??= at - 1;
    if (type === "step") return watcher.phase(`step ${at}/${steps}  ${words}`);
    const since = (performance.now() - begin) / 1000;
    const passed = at - 1 - done;
    const left = passed > 0 ? `  ${duration((since / passed) * (steps - at + 1))} left` : "";
    watcher.moving((at - 1) / steps, `${place.join(", ")} of ${steps}  ${words}${left}`);
  };
}

/** The flow of a run whose training is over, if its file has the bytes that the log speaks of. */
export function readTrainedFlow(run: Pick<EvolutionRun, "path">): TrainedFlow | undefined {
  const line = readEventLines(run.path("events.jsonl")).at(-1);
  if (line?.event !== "trained") return undefined;
  const path = run.path("model.safetensors");
  const bytes = readInside(path);
  if (bytes === undefined || sha256(bytes) !== line.modelHash) return undefined;
  const seconds = readTimes(run.path("times.jsonl")).findLast((time) => time.event === "trained")?.seconds ?? 0;
  const [modelHash, stop] = [String(line.modelHash), String(line.stop)];
  return { flow: chain.decodeChain(bytes, path), modelHash, stop, seconds, gaps: gapsOf(run) };
}
