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
import { eventLine, type ShownEvent } from "../progress/eventLine.ts";
import { placeOf } from "../progress/place.ts";
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
  /** F of the start and of each step as training measured it: what there is where a critic alone knows F. */
  readonly reported: readonly Reported[];
  /** Of steps by collisions; empty for others. */
  readonly collisions: readonly CollisionStep[];
}

/** How far its batches of particles went; names are those of columns. */
export interface CollisionStep {
  /** Least share of the step that a batch went. */
  readonly lambda: number;
  /** Least determinant of the map at a particle. */
  readonly determinant: number;
  /** Batches whose whole step would have folded. */
  readonly folded: number;
}

interface Reported {
  readonly total: number;
  /** Its standard error. */
  readonly error: number;
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
  const shownOf = createShown(problem, Number(settings.tolerance ?? 0) > 0 ? "chosen on the way" : "equal");
  const { result, seconds } = await recordTraining<
    EvolutionEvent,
    Evolved<MapConfig>,
    Omit<TrainedFlow, "seconds" | "gaps" | "reported" | "collisions">
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
    show: (event) => options.watcher.event(...shownOf(event)),
    stateOf: ({ type, state }) => (type === "start" ? undefined : { state, isMilestone: type === "step" }),
    end: (evolved) => {
      const flow = chainOf(system.name, problem.columns, evolved);
      const modelHash = writeModel(run, chain.encodeChain(flow));
      const { stop } = evolved;
      return { line: { event: "trained", stop, modelHash }, result: { flow, modelHash, stop } };
    },
  });
  return { ...result, seconds, ...loggedOf(run) };
}

/** As the log has them, one for each step: what is infinite is null in JSON. */
function loggedOf(run: Pick<EvolutionRun, "path">): Pick<TrainedFlow, "gaps" | "reported" | "collisions"> {
  const number = (value: unknown): number => (typeof value === "number" ? value : Number.POSITIVE_INFINITY);
  const lines = readEventLines(run.path("events.jsonl"));
  const steps = lines.filter(({ event }) => event === "step");
  const first = lines.find(({ event }) => event === "start");
  return {
    gaps: steps.flatMap(({ gap }) => (gap === undefined ? [] : [number(gap)])),
    reported: [...(first ? [first] : []), ...steps].map(({ energy, energyError }) => ({
      total: number(energy),
      error: number(energyError),
    })),
    collisions: steps.flatMap(({ lambda, determinant, folded }) =>
      folded === undefined
        ? []
        : [{ lambda: number(lambda), determinant: number(determinant), folded: number(folded) }],
    ),
  };
}

/**
 * An event as it is shown, and the share of the time that is done: F by its name, equal steps out of all of them; of steps that are chosen
 * on the way nobody knows how many there will be.
 */
function createShown({ time, step }: EvolutionProblem, steps: "equal" | "chosen on the way") {
  const all = Math.round(time / step);
  let reached = 0;
  return ({ type, place, values }: EvolutionEvent): [event: ShownEvent, share: number] => {
    if (type === "step") reached = Number(values.time);
    const { energy, step: _, ...others } = values;
    const [at, ...inner] = place;
    const share = steps === "equal" ? Math.max(0, placeOf(place).number - 1) / all : reached / time;
    const shown = at === undefined ? [] : [steps === "equal" ? `${at} of ${all}` : at, ...inner];
    return [{ type, place: shown, values: { ...(energy === undefined ? {} : { F: energy }), ...others } }, share];
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
  return { flow: chain.decodeChain(bytes, path), modelHash, stop, seconds, ...loggedOf(run) };
}
