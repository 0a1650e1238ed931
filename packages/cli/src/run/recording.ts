/** A training as it is kept: events to the log and to the watcher, checkpoints to the disk, from where a killed run was. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import { basename } from "node:path";
import { type Engine, InputError, jko, NumericError } from "jkoflow";
import { Interrupted } from "../exit.ts";
import { writeAtomic } from "../files/atomic.ts";
import { checkInside } from "../files/inside.ts";
import type { EventLine } from "../progress/eventLine.ts";
import type { Watcher } from "../progress/watcher.ts";
import type { SignalWatch } from "../shell.ts";
import { version } from "../version.ts";
import { type Checkpoint, checkpointNames, checkpointPath, loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { readTimes } from "./eventLog.ts";
import { openLineLog } from "./lineLog.ts";

export interface TrainingOptions {
  /** Seconds between two checkpoints inside a block. */
  readonly checkpointEvery: number;
  /** The signal that asked to stop, if one came. */
  readonly signals: SignalWatch;
  readonly watcher: Watcher;
}

/** The run that is written. */
export interface RecordedRun {
  readonly folder: string;
  readonly identity: string;
  path(name: string): string;
}

/** What a kind of training does at each turn: events E, an outcome O, what comes of it R. */
export interface Recorded<E, O, R> {
  /** Anew, or from the state of a checkpoint. `pause` may be awaited between two events; it throws where a signal came. */
  readonly begin: (state: unknown, pause: () => Promise<void>) => AsyncIterator<E, O>;
  readonly lineOf: (event: E) => EventLine;
  readonly show: (event: E) => void;
  /** What can be gone on from, and whether it is kept at once; undefined for an event that a resumed training says again. */
  readonly stateOf: (event: E) => { readonly state: () => unknown; readonly isMilestone: boolean } | undefined;
  /** Writes the model; `line` is the last one of the log. */
  readonly end: (outcome: O) => { readonly line: EventLine; readonly result: R };
}

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Writes the model of a run; its SHA-256. */
export function writeModel(run: Pick<RecordedRun, "path">, bytes: Uint8Array): string {
  writeAtomic(run.path("model.safetensors"), bytes);
  return sha256(bytes);
}

/** Train, or go on from the newest checkpoint. Seconds are those spent over all parts of an interrupted run. */
export async function recordTraining<E, O, R>(
  engine: Engine,
  run: RecordedRun,
  { watcher, signals, checkpointEvery }: TrainingOptions,
  recorded: Recorded<E, O, R>,
): Promise<{ readonly result: R; readonly seconds: number }> {
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

  let saved = performance.now();
  let last = checkpoint && basename(checkpointPath(run.folder, checkpoint));
  let unsaved: (() => unknown) | undefined; // the state of the last event
  const save = (state: () => unknown): void => {
    log.sync();
    const place = { run: run.identity, kernel: engine.kernelId, events: log.lines, eventBytes: log.bytes, version };
    last = saveCheckpoint(run.folder, { state: state(), ...place });
    times.mark(log.lines, "checkpoint");
    saved = performance.now();
    unsaved = undefined;
  };
  /** Between two events too: what came since the last one is done again by a run that goes on. */
  const pause = async (): Promise<void> => {
    const signal = signals.signal();
    if (signal === undefined) return;
    if (unsaved) save(unsaved);
    const kept = last === undefined ? "nothing is trained yet" : `saved ${last}`;
    throw new Interrupted(`${signal}: ${kept}; go on with: jko resume ${run.folder}`);
  };

  let training: AsyncIterator<E, O> | undefined;
  try {
    training = recorded.begin(checkpoint?.state, pause);
    for (;;) {
      const next = await training.next();
      if (next.done) {
        const { line, result } = recorded.end(next.value);
        log.append(line);
        log.sync();
        times.mark(log.lines, "trained");
        watcher.line(line);
        return { result, seconds: times.seconds() };
      }
      const event = next.value;
      const line = recorded.lineOf(event);
      const kept = recorded.stateOf(event);
      // A resumed system says again how it starts; the log has that line already.
      if (kept !== undefined || !checkpoint) log.append(line);
      watcher.line(line);
      recorded.show(event);
      if (kept === undefined) continue;
      unsaved = kept.state;
      if (kept.isMilestone || performance.now() - saved >= 1000 * checkpointEvery) save(unsaved);
      await pause();
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
    await training?.return?.(); // after the last state was read: it frees what the state is read from
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
