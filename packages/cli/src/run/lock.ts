/** One writer for a run directory: the file `lock` holds host, process number and start time of the writer. */
import fs from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { InputError, io } from "jkoflow";
import { readInside } from "../files/inside.ts";
import { isRunning, startOf } from "../files/processes.ts";

interface Owner {
  readonly host: string;
  readonly pid: number;
  readonly start: string;
}

export interface Lock {
  /** @throws InputError where the folder is gone, or another process took the lock. */
  confirm(): void;
  release(): void;
}

/**
 * Take the lock of a run directory; that of a process which is gone is taken over.
 *
 * @throws InputError when a living process, or one of another host, holds it; `breakLock` takes it all the same.
 */
export function takeLock(folder: string, breakLock: boolean): Lock {
  const path = join(folder, "lock");
  const own: Owner = { host: hostname(), pid: process.pid, start: startOf(process.pid) };
  const text = `${JSON.stringify(own)}\n`;
  for (let tries = 0; ; tries++) {
    try {
      fs.writeFileSync(path, text, { flag: "wx" });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || tries > 5) throw error;
    }
    const seen = readIfThere(path);
    if (seen !== undefined && !breakLock) refuseLiving(folder, seen);
    if (seen !== undefined) remove(path, seen);
  }
  const release = (): void => {
    if (readIfThere(path) === text) fs.rmSync(path, { force: true });
  };
  const confirm = (): void => {
    if (readIfThere(path) === text) return;
    const came = fs.existsSync(folder) ? "the lock of another process, or none" : "no such folder any more";
    const fix = "was it removed or renamed meanwhile? jko resume goes on with it where it is now";
    throw new InputError({ where: folder, came, expected: "the run directory of this process", fix });
  };
  return { confirm, release };
}

/** Rename first, then look: of two processes that found the same dead owner only one moves its lock away. */
function remove(path: string, seen: string): void {
  const aside = `${path}.tmp-${process.pid}-0`;
  try {
    fs.renameSync(path, aside);
  } catch {
    return; // the other was faster
  }
  if (readIfThere(aside) !== seen) {
    try {
      fs.linkSync(aside, path);
    } catch {
      // a third lock is there already
    }
  }
  fs.rmSync(aside, { force: true });
}

function refuseLiving(folder: string, text: string): void {
  const owner = ownerOf(text);
  if (owner === undefined) return; // half written by a process that was killed: nobody holds it
  const { host, pid, start } = owner;
  if (host === hostname()) {
    const same = isRunning(pid) && (start === "unknown" || startOf(pid) === start);
    if (!same) return;
  }
  throw new InputError({
    where: folder,
    place: "lock",
    came: `in use by process ${pid} on ${host}`,
    expected: "a run directory that no other process writes",
    fix:
      host === hostname()
        ? "wait for it to end, or choose another --out"
        : "if that process is gone, take over with --break-lock",
  });
}

/** Undefined for anything that no whole lock holds. */
function ownerOf(text: string): Owner | undefined {
  let value: unknown;
  try {
    value = io.parseStrictJson(text, "lock");
  } catch {
    return undefined;
  }
  const { host, pid, start } = (value ?? {}) as Partial<Record<keyof Owner, unknown>>;
  const isPid = Number.isSafeInteger(pid) && Number(pid) > 0;
  if (typeof host !== "string" || typeof start !== "string" || !isPid) return undefined;
  return { host, pid: Number(pid), start };
}

/** @throws InputError for a folder or a pipe of that name. */
function readIfThere(path: string): string | undefined {
  const bytes = readInside(path);
  return bytes && new TextDecoder().decode(bytes);
}
