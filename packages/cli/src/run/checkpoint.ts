/** Checkpoints of a run: `ckpt-<events>.safetensors`, the last two are kept, the newest whole one counts. */
import fs from "node:fs";
import { basename, join } from "node:path";
import { InputError } from "jkoflow";
import { diskFiles, type FileSystem, writeAtomic } from "../files/atomic.ts";
import { readInside } from "../files/inside.ts";
import { decodeState, encodeState } from "./stateCodec.ts";

const FORMAT = "1";
const FORMAT_PLACE = "format";
const KIND = "jkoflow checkpoint";
const KEPT = 2;

export interface Checkpoint {
  readonly state: unknown;
  /** Which run it belongs to: the digest of its configuration. */
  readonly run: string;
  /** The kernel that computed it. */
  readonly kernel: string;
  /** Events and bytes of events.jsonl up to this state. */
  readonly events: number;
  readonly eventBytes: number;
  /** Version of the library. */
  readonly version: string;
}

const nameOf = (events: number): string => `ckpt-${String(events).padStart(9, "0")}.safetensors`;

/** The file of a checkpoint in the folder of its run. */
export const checkpointPath = (folder: string, { events }: Checkpoint): string => join(folder, nameOf(events));

export function checkpointNames(folder: string): string[] {
  return fs
    .readdirSync(folder)
    .filter((name) => /^ckpt-\d{9}\.safetensors$/.test(name))
    .sort();
}

export function saveCheckpoint(folder: string, checkpoint: Checkpoint, files: FileSystem = diskFiles): string {
  const { state, run, kernel, events, eventBytes, version } = checkpoint;
  const metadata = {
    kind: KIND,
    format: FORMAT,
    run,
    kernel,
    version,
    events: `${events}`,
    eventBytes: `${eventBytes}`,
  };
  const name = nameOf(events);
  writeAtomic(join(folder, name), encodeState(state, metadata), files);
  for (const old of checkpointNames(folder).slice(0, -KEPT)) fs.rmSync(join(folder, old), { force: true });
  return name;
}

/**
 * The newest checkpoint that is whole and belongs to this run; undefined when there is none yet.
 *
 * @throws InputError when there are checkpoints and none of them can be used.
 */
export function loadCheckpoint(
  folder: string,
  run: string,
  eventBytes: number,
  warn: (line: string) => void,
): Checkpoint | undefined {
  const names = checkpointNames(folder).reverse();
  const problems: string[] = [];
  const otherFormats: InputError[] = [];
  for (const name of names) {
    try {
      const checkpoint = readCheckpoint(join(folder, name), run, eventBytes);
      if (problems.length > 0) warn(`${problems.join("; ")}; going on from the older ${name}`);
      return checkpoint;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.push(error.message);
      if (error.problem.place === FORMAT_PLACE) otherFormats.push(error);
    }
  }
  if (names.length === 0) return undefined;
  if (otherFormats.length === names.length) throw otherFormats[0];
  throw new InputError({
    where: folder,
    came: `${names.length === 1 ? "a checkpoint that is" : "checkpoints that are all"} unusable (${problems.join("; ")})`,
    expected: "one whole checkpoint",
    fix: "delete the checkpoint files and resume: training then starts anew",
  });
}

function readCheckpoint(path: string, run: string, eventBytes: number): Checkpoint {
  const { state, metadata } = decodeState(readInside(path) ?? new Uint8Array(0), path);
  const fail = (place: string, came: string, expected: string, fix?: string): never => {
    throw new InputError({ where: path, place, came, expected, ...(fix ? { fix } : {}) });
  };
  if (metadata.kind !== KIND) fail("kind", `"${metadata.kind}"`, `"${KIND}"`);
  if (metadata.format !== FORMAT) {
    const writer = metadata.version ? `jkoflow ${metadata.version}` : "another version of jkoflow";
    const fix = `resume with the version that wrote it, or delete the checkpoint files: training then starts anew`;
    fail(FORMAT_PLACE, `format ${metadata.format}, written by ${writer}`, `format ${FORMAT}`, fix);
  }
  if (metadata.run !== run) fail("run", "a checkpoint of another run", "one of this run");
  const count = (place: "events" | "eventBytes"): number => {
    const value = Number(metadata[place]);
    return Number.isSafeInteger(value) && value >= 0 ? value : fail(place, `"${metadata[place]}"`, "a whole number");
  };
  for (const place of ["kernel", "version"]) if (!metadata[place]) fail(place, "none", "a name");
  const [events, length] = [count("events"), count("eventBytes")];
  if (basename(path) !== nameOf(events)) fail("events", `${events}`, "the number in the name of the file");
  if (!(length <= eventBytes)) fail("events", `events.jsonl has ${eventBytes} bytes`, `at least ${length}`);
  return {
    state,
    run,
    kernel: metadata.kernel,
    events,
    eventBytes: length,
    version: metadata.version,
  };
}
