/**
 * The one way in which this command creates or replaces a file: write a temporary one beside it, fsync, rename over it,
 * fsync the folder. Whatever happens on the way, the old file is whole.
 */
import fs from "node:fs";
import { dirname, join } from "node:path";
import { InputError } from "jkoflow";
import { isRunning } from "./processes.ts";

/** The operations a save is made of; a test makes each of them fail in turn. */
export interface FileSystem {
  open(path: string, flags: string): number;
  /** Returns how many bytes were taken, which may be fewer than offered. */
  write(file: number, bytes: Uint8Array, offset: number, length: number, position: number | null): number;
  fsync(file: number): void;
  close(file: number): void;
  rename(from: string, to: string): void;
  unlink(path: string): void;
}

export const diskFiles: FileSystem = {
  open: (path, flags) => fs.openSync(path, flags, 0o666),
  write: fs.writeSync,
  fsync: fs.fsyncSync,
  close: fs.closeSync,
  rename: fs.renameSync,
  unlink: fs.unlinkSync,
};

export interface AtomicFile {
  write(bytes: Uint8Array, position?: number): void;
  /** The file appears under its name. */
  commit(): void;
  /** Nothing was there. May be called at any time. */
  abort(): void;
}

let counter = 0;

/** A file in the making; nothing is visible under `path` before `commit`. */
export function openAtomic(path: string, files: FileSystem = diskFiles): AtomicFile {
  const temporary = `${path}.tmp-${process.pid}-${counter++}`;
  let file: number | undefined = openNew(temporary, path, files);
  let state: "open" | "done" = "open";

  const abort = (): void => {
    if (state === "done") return;
    state = "done";
    quietly(() => file !== undefined && files.close(file));
    quietly(() => files.unlink(temporary));
  };
  /** After a failed fsync the kernel may have dropped the pages: the descriptor is never used again. */
  const orAbort = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      abort();
      throw named(error, path);
    }
  };

  return {
    abort,
    write: (bytes, position) =>
      orAbort(() => {
        if (state === "done") throw new Error(`${path} is closed`);
        for (let at = 0; at < bytes.length; ) {
          at += files.write(file!, bytes, at, bytes.length - at, position === undefined ? null : position + at);
        }
      }),
    commit: () =>
      orAbort(() => {
        files.fsync(file!);
        const open = file!;
        file = undefined;
        files.close(open);
        files.rename(temporary, path);
        state = "done";
        syncFolder(dirname(path), files);
      }),
  };
}

/** @throws InputError where the folder of the file does not exist. */
function openNew(temporary: string, path: string, files: FileSystem): number {
  try {
    return files.open(temporary, "wx");
  } catch (error) {
    if (fs.existsSync(dirname(path))) throw named(error, path);
    const came = `no folder ${dirname(path)}`;
    throw new InputError({ where: path, came, expected: "an existing one", fix: "make it, or check the path" });
  }
}

/** Create or replace a file. */
export function writeAtomic(path: string, bytes: Uint8Array | string, files: FileSystem = diskFiles): void {
  const file = openAtomic(path, files);
  file.write(typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes);
  file.commit();
}

/** Removes the temporary files of processes that are gone. */
export function removeLeftovers(folder: string): void {
  for (const name of fs.readdirSync(folder)) {
    const owner = /\.tmp-(\d+)-\d+$/.exec(name);
    if (!owner || isRunning(Number(owner[1]))) continue;
    const path = join(folder, name);
    if (!fs.lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) fs.rmSync(path, { force: true });
  }
}

function syncFolder(folder: string, files: FileSystem): void {
  if (process.platform === "win32") return; // folders cannot be opened there
  const file = files.open(folder, "r");
  try {
    files.fsync(file);
  } finally {
    files.close(file);
  }
}

/** Errors of a descriptor do not tell the file. */
export function named(error: unknown, path: string): unknown {
  if (error instanceof Error) Object.assign(error, { path, dest: undefined });
  return error;
}

function quietly(work: () => unknown): void {
  try {
    work();
  } catch {
    // the first error is the one to report
  }
}

/** Whether a file name is that of a file in the making. */
export const isTemporary = (name: string): boolean => /\.tmp-\d+-\d+$/.test(name);
