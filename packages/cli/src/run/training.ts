/** Training of a run on a table, and the model that it left. */
import {
  createKey,
  decodeModel,
  type Engine,
  type Event,
  encodeModel,
  type Model,
  NumericError,
  startTraining,
  systems,
} from "jkoflow";
import { withSchema } from "jkoflow/model";
import type { Trained, TrainingState } from "jkoflow/systems";
import { readInside } from "../files/inside.ts";
import { eventLine } from "../progress/eventLine.ts";
import { isRound } from "../progress/place.ts";
import { readEvents, readTimes } from "./eventLog.ts";
import { createTranslator } from "./heldOutNll.ts";
import { inCells } from "./inCells.ts";
import type { RunProblem } from "./problem.ts";
import { recordTraining, sha256, type TrainingOptions, writeModel } from "./recording.ts";
import type { RunDirectory } from "./runDirectory.ts";

export interface TrainedRun {
  readonly model: Model;
  /** SHA-256 of model.safetensors. */
  readonly modelHash: string;
  readonly stop: string;
  readonly solverGap: number;
  /** Spent on training, over all parts of an interrupted run. */
  readonly seconds: number;
}

/** Train, or go on from the newest checkpoint; a run that is already trained is only read. */
export async function trainRun(
  engine: Engine,
  run: RunDirectory,
  problem: RunProblem,
  options: TrainingOptions,
): Promise<TrainedRun> {
  const finished = readTrained(run);
  if (finished) return finished;

  const { config } = run.record;
  const { system, settings, seed } = config;
  const training = startTraining(systems[system], inCells(problem, seed), {
    settings,
    key: createKey(seed),
    defaults: "none",
  });
  const tell = createTranslator(problem);
  let verdicts: string[] = [];
  const { result, seconds } = await recordTraining<Event<TrainingState>, Trained, Omit<TrainedRun, "seconds">>(
    engine,
    run,
    options,
    {
      begin: (state) => {
        const resume = state as TrainingState | undefined;
        verdicts = (resume?.reports ?? []).map(({ verdict }) => verdict);
        return training.run(engine, resume);
      },
      lineOf: (event) => {
        if (event.type === "step" && !isRound(event.place)) verdicts.push(String(event.values.verdict));
        return eventLine(tell(event));
      },
      show: (event) => options.watcher.event(tell(event)),
      stateOf: ({ type, state }) => (type === "start" ? undefined : { state, isMilestone: type === "step" }),
      end: ({ model: trained, stop, solverGap }) => {
        refuseDivergence(trained, verdicts);
        const model = ofUser(engine, trained, problem);
        const modelHash = writeModel(run, encodeModel(model));
        return {
          line: { event: "trained", stop, solverGap, modelHash },
          result: { model, modelHash, stop, solverGap },
        };
      },
    },
  );
  return { ...result, seconds };
}

/** The model of encoded rows as one of the user's: with what the columns mean, and scores that are comparable to theirs. */
export function ofUser(engine: Engine, model: Model, { schema, validation, conditions, weights }: RunProblem): Model {
  if (schema === undefined) return model;
  return withSchema(engine, model, schema, {
    table: validation,
    given: conditions?.validation,
    weight: weights.validation,
  });
}

/** A flow without a block is the best there is where no block helps, but not where none could be trained. */
function refuseDivergence(model: Model, verdicts: readonly string[]): void {
  if (model.flow.blocks.length > 0 || verdicts.length === 0) return;
  if (!verdicts.every((verdict) => verdict === "refused: not finite")) return;
  throw new NumericError(
    `training diverged in all ${verdicts.length} tries of block 1: the loss was not finite; try a lower rate, such as --set learningRate=1e-3`,
  );
}

/** The flow's file where a baseline is kept as the model of the run. */
export const FLOW_FILE = "flow.safetensors";

/** The flow of a run whose training is over, if there is a file with the bytes that the log speaks of. */
export function readTrained(run: Pick<RunDirectory, "path">): TrainedRun | undefined {
  const line = readEvents(run.path("events.jsonl")).at(-1);
  if (line?.event !== "trained") return undefined;
  const found = ["model.safetensors", FLOW_FILE].flatMap((name) => {
    const bytes = readInside(run.path(name));
    return bytes !== undefined && sha256(bytes) === line.modelHash ? [{ path: run.path(name), bytes }] : [];
  });
  if (found.length === 0) return undefined;
  const { path, bytes } = found[0];
  const [stop, modelHash] = [String(line.stop), String(line.modelHash)];
  const solverGap = line.solverGap === null ? Number.NaN : Number(line.solverGap);
  const seconds = readTimes(run.path("times.jsonl")).findLast((time) => time.event === "trained")?.seconds ?? 0;
  return { model: decodeModel(bytes, path), modelHash, stop, solverGap, seconds };
}
