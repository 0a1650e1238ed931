/** complete.json: written last of all, it says with which files a run is complete. */
import { InputError, io } from "jkoflow";
import { writeAtomic } from "../files/atomic.ts";
import { readInside } from "../files/inside.ts";
import type { EventLine } from "../progress/eventLine.ts";
import { sha256 } from "../run/recording.ts";
import type { RunFolder } from "../run/runFolder.ts";
import type { Measures } from "./measures.ts";

/** What complete.json holds: a run is complete with these very files. */
interface Seal {
  readonly events: number;
  readonly modelSha256: string;
  readonly reportSha256: string;
}

/**
 * The result of a run that is complete, its model and its report whole; else it can be resumed from its last checkpoint.
 * `note` is told of a run that was complete, before one of these files was changed.
 */
export function readComplete<M = Measures>(
  run: Pick<RunFolder<unknown>, "path">,
  note: (line: string) => void = () => {},
): M | undefined {
  const seal = readInside(run.path("complete.json"));
  if (seal === undefined) return undefined;
  const { modelSha256, reportSha256 } = parse(seal);
  const isWhole = (name: string, digest: unknown): boolean => {
    const bytes = readInside(run.path(name));
    return bytes !== undefined && sha256(bytes) === digest;
  };
  const changed = [
    ["model.safetensors", modelSha256],
    ["report.json", reportSha256],
  ].find(([name, digest]) => !isWhole(name!, digest));
  if (changed === undefined) {
    return JSON.parse(new TextDecoder().decode(readInside(run.path("report.json")))).result as M;
  }
  note(`${run.path(changed[0]!)} is not the file that complete.json speaks of: the run is finished again`);
  return undefined;
}

/** A file that is no seal speaks of no file. */
function parse(bytes: Uint8Array): Partial<Seal> {
  try {
    return (io.parseStrictJson(new TextDecoder().decode(bytes), "complete.json") ?? {}) as Partial<Seal>;
  } catch (error) {
    if (error instanceof InputError) return {};
    throw error;
  }
}

/**
 * Seals a run whose log has the lines `events`, that of the training of `trainedHash`; `modelHash` is of the model that was kept.
 * A run that was moved or emptied meanwhile is not called complete.
 */
export function sealRun(
  run: Pick<RunFolder<unknown>, "path" | "confirm">,
  events: readonly EventLine[],
  trainedHash: string,
  modelHash: string,
): void {
  run.confirm();
  if (events.at(-1)?.modelHash !== trainedHash) {
    const fix = "put the file back, or remove the checkpoints (ckpt-*) and train anew by jko resume";
    const where = run.path("events.jsonl");
    throw new InputError({ where, came: "another log, or none", expected: "that of the training", fix });
  }
  const digest = (name: string): string => {
    const bytes = readInside(run.path(name));
    if (bytes !== undefined) return sha256(bytes);
    const fix = "was the folder removed or renamed meanwhile? jko resume where it is now";
    throw new InputError({ where: run.path(name), came: "no such file any more", expected: "that of the run", fix });
  };
  const modelSha256 = digest("model.safetensors");
  if (modelSha256 !== modelHash) {
    const fix = "go on with: jko resume";
    const where = run.path("model.safetensors");
    throw new InputError({ where, came: "another model", expected: "the one that was trained", fix });
  }
  const seal: Seal = { events: events.length, modelSha256, reportSha256: digest("report.json") };
  writeAtomic(run.path("complete.json"), `${JSON.stringify(seal)}\n`);
}
