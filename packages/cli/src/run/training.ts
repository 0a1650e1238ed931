/** Training of a run: events to the log and to the watcher, checkpoints to the disk, from where a killed run was. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import {
  createKey,
  decodeModel,
  type Engine,
  encodeModel,
  fold,
  InputError,
  jko,
  type Model,
  NumericError,
  systems,
  type TrainingState,
  withSchema,
} from "jkoflow";
import { Interrupted } from "../exit.ts";
import { writeAtomic } from "../files/atomic.ts";
import { checkInside, readInside } from "../files/inside.ts";
import type { Watcher } from "../progress/watcher.ts";
import type { SignalWatch } from "../shell.ts";
import { version } from "../version.ts";
import { type Checkpoint, checkpointNames, checkpointPath, loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { afterOpening, createToNll, eventLine } from "./eventLines.ts";
import { readEvents, readTimes } from "./eventLog.ts";
import { openLineLog } from "./lineLog.ts";
import type { RunProblem } from "./problem.ts";
import type { RunDirectory } from "./runDirectory.ts";

export interface TrainingOptions {
  /** Seconds between two checkpoints inside a block. */
  readonly checkpointEvery: number;
  /** The signal that asked to stop, if one came. */
  readonly signals: SignalWatch;
  readonly watcher: Watcher;
}

export interface TrainedRun {
  readonly model: Model;
  /** SHA-256 of model.safetensors. */
  readonly modelHash: string;
  readonly stop: string;
  readonly solverGap: number;
  /** Spent on training, over all parts of an interrupted run. */
  readonly seconds: number;
}

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Train, or go on from the newest checkpoint; a run that is already trained is only read. */
export async function trainRun(
  engine: Engine,
  run: RunDirectory,
  problem: RunProblem,
  options: TrainingOptions,
): Promise<TrainedRun> {
  const finished = readTrained(run);
  if (finished) return finished;

  const { watcher, signals, checkpointEvery } = options;
  const { config } = run.record;
  const eventsPath = run.path("events.jsonl");
  const eventBytes = fs.existsSync(eventsPath) ? fs.statSync(eventsPath).size : 0;
  const checkpoint = loadCheckpoint(run.folder, run.identity, eventBytes, watcher.note);
  if (checkpoint) checkEvents(eventsPath, checkpoint, checkpointPath(run.folder, checkpoint));
  if (checkpoint && checkpoint.kernel !== engine.kernelId) {
    watcher.note(
      `the run was computed by ${checkpoint.kernel}, going on with ${engine.kernelId}: last bits may differ`,
    );
  }
  const log = openLineLog(eventsPath, { lines: checkpoint?.events ?? 0, bytes: checkpoint?.eventBytes ?? 0 });
  const times = createClock(run.path("times.jsonl"), checkpoint?.events ?? 0);
  let toNll = createToNll(problem, config.settings);

  let saved = performance.now();
  let last: string | undefined;
  const save = (state: () => TrainingState): void => {
    log.sync();
    const place = { run: run.identity, kernel: engine.kernelId, events: log.lines, eventBytes: log.bytes, version };
    last = saveCheckpoint(run.folder, { state: state(), ...place });
    times.mark(log.lines, "checkpoint");
    saved = performance.now();
  };

  try {
    const system = systems[config.system];
    const key = fold(createKey(config.seed), "train");
    const resume = checkpoint?.state as TrainingState | undefined;
    const training = system.train(engine, problem, system.check(config.settings), key, resume);
    const verdicts = (resume?.reports ?? []).map(({ verdict }) => verdict);
    for (;;) {
      const next = await training.next();
      if (next.done) {
        const { stop, solverGap } = next.value;
        refuseDivergence(next.value.model, verdicts);
        const model = ofUser(engine, next.value.model, problem);
        const bytes = encodeModel(model);
        writeAtomic(run.path("model.safetensors"), bytes);
        const line = { event: "trained", stop, solverGap, modelHash: sha256(bytes) };
        log.append(line);
        log.sync();
        times.mark(log.lines, "trained");
        watcher.line(line);
        return { model, modelHash: line.modelHash, stop, solverGap, seconds: times.seconds() };
      }
      const event = next.value;
      if (event.type === "start") toNll = afterOpening(toNll, event);
      const line = eventLine(event, toNll);
      // A resumed system says again how it starts; the log has that line already.
      if (event.type !== "start" || !checkpoint) log.append(line);
      watcher.line(line);
      watcher.event(event, toNll);
      if (event.type === "start") continue;
      if (event.type === "block") verdicts.push(event.report.verdict);
      const signal = signals.signal();
      const due = performance.now() - saved >= 1000 * checkpointEvery;
      if (event.type === "block" || event.type === "stage" || due || signal !== undefined) save(event.state);
      if (signal !== undefined) {
        await training.return(undefined as never);
        throw new Interrupted(`${signal}: saved ${last}; go on with: jko resume ${run.folder}`);
      }
    }
  } catch (error) {
    if (checkpoint && isOfState(error)) {
      const fix = "the file was edited; delete it, and resume goes on from the one before, or anew";
      throw new InputError({ ...error.problem, where: checkpointPath(run.folder, checkpoint), fix });
    }
    if (!(error instanceof NumericError)) throw error;
    const good = checkpointNames(run.folder).at(-1);
    throw new NumericError(`${error.message}; last good checkpoint ${good ?? "none"}`);
  } finally {
    log.close();
    times.close();
  }
}

/** A state to go on from did not fit the settings. */
const isOfState = (error: unknown): error is InputError =>
  error instanceof InputError && error.problem.where === jko.trainingState;

/**
 * Events up to a checkpoint must be those that the log has.
 * @throws InputError where another number of lines ends there.
 */
function checkEvents(path: string, checkpoint: Checkpoint, file: string): void {
  const { events, eventBytes } = checkpoint;
  const bytes = fs.existsSync(path) ? fs.readFileSync(path).subarray(0, eventBytes) : new Uint8Array(0);
  const lines = bytes.reduce((count, byte) => count + (byte === 0x0a ? 1 : 0), 0);
  if (lines === events && (bytes.length === 0 || bytes.at(-1) === 0x0a)) return;
  const came = `${events} events in ${eventBytes} bytes`;
  throw new InputError({
    where: file,
    place: "events",
    came,
    expected: `what events.jsonl has: ${lines} whole lines there`,
  });
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

/** Wall-clock seconds of training by event number, apart from the events so that those can be compared. */
function createClock(path: string, events: number) {
  checkInside(path);
  const before = readTimes(path).filter((time) => time.events <= events);
  const base = before.at(-1)?.seconds ?? 0;
  const kept = before.map((time) => `${JSON.stringify(time)}\n`).join("");
  if (before.length > 0) writeAtomic(path, kept);
  const log = openLineLog(path, { lines: before.length, bytes: Buffer.byteLength(kept) });
  const start = performance.now();
  const seconds = (): number => base + (performance.now() - start) / 1000;
  return {
    seconds,
    mark: (at: number, event: string): void => {
      log.append({ events: at, event, seconds: Number(seconds().toFixed(3)) });
      log.sync();
    },
    close: log.close,
  };
}
