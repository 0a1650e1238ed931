/**
 * A folder that one run writes: config.json with the record of what determines the run, lock, and whatever the run adds.
 * What a record holds is said by its kind; the folder only needs to know when two records are of the same run.
 */
import { createHash } from "node:crypto";
import fs from "node:fs";
import { join } from "node:path";
import { InputError, io } from "jkoflow";
import { isTemporary, removeLeftovers, writeAtomic } from "../files/atomic.ts";
import { readInside } from "../files/inside.ts";
import { makeFolder } from "../files/makeFolder.ts";
import { type Lock, takeLock } from "./lock.ts";

/** What config.json of a kind of runs holds. */
export interface RecordKind<R> {
  /** The command that makes such runs. */
  readonly verb: string;
  /** @throws InputError for anything but a whole record. */
  check(value: unknown, path: string): R;
  /** What determines the bits of the run, as JSON. */
  identity(record: R): unknown;
  /** What keeps a record from being that of a run, there and here, in words. */
  differences(there: R, here: R): readonly string[];
}

export interface RunFolder<R> {
  readonly folder: string;
  readonly record: R;
  /** Digest of what determines the bits of the run; where the data lie is not part of it. */
  readonly identity: string;
  path(name: string): string;
  /** @throws InputError where the folder is not there any more, or another process writes it. */
  confirm(): void;
  release(): void;
}

const digest = <R>(kind: RecordKind<R>, record: R): string =>
  createHash("sha256")
    .update(JSON.stringify(kind.identity(record)))
    .digest("hex");

/**
 * Make a run directory, or enter that of the same run.
 *
 * @throws InputError when the folder holds anything else: nothing in it is touched then.
 */
export function createFolder<R>(kind: RecordKind<R>, folder: string, record: R, breakLock: boolean): RunFolder<R> {
  const used = fs.existsSync(folder) && !isOurs(folder);
  if (used) {
    const before = recordIn(kind, folder);
    if (before === undefined) {
      throw new InputError({
        where: folder,
        came: "a folder with other files",
        expected: "a new or empty one",
        fix: "choose another --out",
      });
    }
    if (digest(kind, before) !== digest(kind, record)) {
      const found = kind.differences(before, record);
      const more = found.length - SHOWN_DIFFERENCES;
      const shown = found.slice(0, SHOWN_DIFFERENCES).join("; ") + (more > 0 ? `; and ${more} more` : "");
      throw new InputError({
        where: folder,
        came: `a run with other data or settings: ${shown}`,
        expected: "a new folder, or a run of the same data and settings",
        fix: "choose another --out, remove the folder, or go on with that run by jko resume",
      });
    }
  }
  makeFolder(folder);
  const lock = takeLock(folder, breakLock);
  removeLeftovers(folder);
  if (!used) writeAtomic(join(folder, "config.json"), `${JSON.stringify(record, null, 2)}\n`);
  return folderOf(kind, folder, used ? readFolder(kind, folder) : record, lock);
}

const SHOWN_DIFFERENCES = 4;

/** Keys whose values differ, with both values. */
export function differingKeys(
  there: Readonly<Record<string, unknown>>,
  here: Readonly<Record<string, unknown>>,
): string[] {
  const text = (value: unknown): string => JSON.stringify(value) ?? "nothing";
  return Object.keys({ ...here, ...there })
    .filter((key) => text(there[key]) !== text(here[key]))
    .map((key) => `${key} ${text(there[key])} there, ${text(here[key])} here`);
}

/** @throws InputError when the folder is no run or another process writes it. */
export function openFolder<R>(kind: RecordKind<R>, folder: string, breakLock: boolean): RunFolder<R> {
  const record = readFolder(kind, folder);
  const lock = takeLock(folder, breakLock);
  removeLeftovers(folder);
  return folderOf(kind, folder, record, lock);
}

function folderOf<R>(kind: RecordKind<R>, folder: string, record: R, { confirm, release }: Lock): RunFolder<R> {
  return { folder, record, identity: digest(kind, record), path: (name) => join(folder, name), confirm, release };
}

/** A folder that is empty but for what a process killed in its first moments leaves. */
function isOurs(folder: string): boolean {
  if (!fs.statSync(folder).isDirectory()) {
    throw new InputError({ where: folder, came: "a file", expected: "a folder, or a name that is free" });
  }
  return fs.readdirSync(folder).every((name) => name === "lock" || isTemporary(name));
}

/** The record of a folder that is a run. */
function recordIn<R>(kind: RecordKind<R>, folder: string): R | undefined {
  try {
    return readFolder(kind, folder);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

export const isRun = (folder: string): boolean => fs.existsSync(join(folder, "config.json"));

/** @throws InputError where there is no config.json, or one that is no JSON. */
function readConfig(folder: string): { readonly path: string; readonly value: unknown } {
  const path = join(folder, "config.json");
  const found = fs.statSync(folder, { throwIfNoEntry: false });
  const bytes = found?.isDirectory() ? readInside(path) : undefined;
  if (bytes === undefined) {
    const came = found === undefined ? "no such folder" : found.isDirectory() ? "no config.json in it" : "no folder";
    throw new InputError({ where: folder, came, expected: "a run directory", fix: "check the path" });
  }
  return { path, value: io.parseStrictJson(new TextDecoder().decode(bytes), path) };
}

/** The verb that made a run; runs of before there were several were made by `fit`. @throws InputError as `readFolder`. */
export function verbOf(folder: string): string {
  const { value } = readConfig(folder);
  const verb = typeof value === "object" && value !== null && "verb" in value ? value.verb : undefined;
  return typeof verb === "string" ? verb : "fit";
}

/** @throws InputError for anything but a whole config.json of the kind. */
export function readFolder<R>(kind: RecordKind<R>, folder: string): R {
  const verb = verbOf(folder);
  if (verb !== kind.verb) {
    throw new InputError({ where: folder, came: `a run of jko ${verb}`, expected: `one of jko ${kind.verb}` });
  }
  const { path, value } = readConfig(folder);
  return kind.check(value, path);
}
