/**
 * A run directory: config.json, model.safetensors, events.jsonl (no wall-clock values), times.jsonl, ckpt-*.safetensors,
 * lock, report.json, report.html, plots/, and complete.json, written last of all.
 */
import { createHash } from "node:crypto";
import fs from "node:fs";
import { join } from "node:path";
import { InputError, io } from "jkoflow";
import { checkConfig, type RunConfig } from "../config/runConfig.ts";
import { isTemporary, removeLeftovers, writeAtomic } from "../files/atomic.ts";
import { readInside } from "../files/inside.ts";
import { makeFolder } from "../files/makeFolder.ts";
import { sourceName } from "../input/source.ts";
import { type Lock, takeLock } from "./lock.ts";
import type { RunProblem, Sources } from "./problem.ts";
import type { Origin } from "./sourceRows.ts";

const FORMAT = 1;

/** What config.json holds. */
export interface RunRecord {
  readonly format: number;
  readonly data: RunProblem["origins"];
  /** Resolved: every setting of the system is in it. */
  readonly config: RunConfig;
}

export interface RunDirectory {
  readonly folder: string;
  readonly record: RunRecord;
  /** Digest of what determines the bits of the run; where the data lie is not part of it. */
  readonly identity: string;
  path(name: string): string;
  /** @throws InputError where the folder is not there any more, or another process writes it. */
  confirm(): void;
  release(): void;
}

const recordText = (record: RunRecord): string => `${JSON.stringify(record, null, 2)}\n`;

function identityOf({ data, config }: RunRecord): string {
  const digests = [data.train, data.validation, data.test].map((origin) => origin?.sha256 ?? null);
  return createHash("sha256")
    .update(JSON.stringify([FORMAT, digests, config]))
    .digest("hex");
}

/** Free names after the data: jko-run-NAME, jko-run-NAME-2, ... */
export function freeFolder(data: string): string {
  const name = data === "-" ? "stdin" : data;
  const stem = `jko-run-${
    name
      .replace(/^.*[/:\\]/, "")
      .replace(/\.[^.]*$/, "")
      .replace(/[^\w.-]+/g, "-") || "data"
  }`;
  for (let i = 1; ; i++) {
    const name = i === 1 ? stem : `${stem}-${i}`;
    if (!fs.existsSync(name)) return name;
  }
}

/**
 * Make a run directory, or enter that of the same run.
 *
 * @throws InputError when the folder holds anything else: nothing in it is touched then.
 */
export function createRun(folder: string, record: RunRecord, breakLock: boolean): RunDirectory {
  const identity = identityOf(record);
  const used = fs.existsSync(folder) && !isOurs(folder);
  if (used) {
    const before = recordIn(folder);
    if (before === undefined) {
      throw new InputError({
        where: folder,
        came: "a folder with other files",
        expected: "a new or empty one",
        fix: "choose another --out",
      });
    }
    if (identityOf(before) !== identity) {
      throw new InputError({
        where: folder,
        came: `a run with other data or settings: ${differences(before, record)}`,
        expected: "a new folder, or a run of the same data and settings",
        fix: "choose another --out, remove the folder, or go on with that run by jko resume",
      });
    }
  }
  makeFolder(folder);
  const lock = takeLock(folder, breakLock);
  removeLeftovers(folder);
  if (!used) writeAtomic(join(folder, "config.json"), recordText(record));
  return directory(folder, used ? readRecord(folder) : record, lock);
}

/** What keeps a record from being that of a run: the first few, there and here. */
function differences(there: RunRecord, here: RunRecord): string {
  const parts = ["train", "validation", "test"] as const;
  const data = parts.filter((part) => there.data[part]?.sha256 !== here.data[part]?.sha256);
  const [before, now] = [there, here].map(
    ({ config: { settings, ...rest } }): Readonly<Record<string, unknown>> => ({ ...rest, ...settings }),
  );
  const text = (value: unknown): string => JSON.stringify(value) ?? "nothing";
  const keys = Object.keys({ ...now, ...before }).filter((key) => text(before[key]) !== text(now[key]));
  const found = [
    ...data.map((part) => (part === "train" ? "the data" : `the ${part} rows`)),
    ...keys.map((key) => `${key} ${text(before[key])} there, ${text(now[key])} here`),
  ];
  const shown = found.slice(0, SHOWN_DIFFERENCES);
  const more = found.length - shown.length;
  return shown.join("; ") + (more > 0 ? `; and ${more} more` : "");
}

const SHOWN_DIFFERENCES = 4;

/** @throws InputError when the folder is no run or another process writes it. */
export function openRun(folder: string, breakLock: boolean): RunDirectory {
  const record = readRecord(folder);
  const lock = takeLock(folder, breakLock);
  removeLeftovers(folder);
  return directory(folder, record, lock);
}

function directory(folder: string, record: RunRecord, lock: Lock): RunDirectory {
  const { confirm, release } = lock;
  return { folder, record, identity: identityOf(record), path: (name) => join(folder, name), confirm, release };
}

/** A folder that is empty but for what a process killed in its first moments leaves. */
function isOurs(folder: string): boolean {
  if (!fs.statSync(folder).isDirectory()) {
    throw new InputError({ where: folder, came: "a file", expected: "a folder, or a name that is free" });
  }
  return fs.readdirSync(folder).every((name) => name === "lock" || isTemporary(name));
}

/** The record of a folder that is a run. */
function recordIn(folder: string): RunRecord | undefined {
  try {
    return readRecord(folder);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

export const isRun = (folder: string): boolean => fs.existsSync(join(folder, "config.json"));

/** @throws InputError for anything but a whole config.json. */
export function readRecord(folder: string): RunRecord {
  const path = join(folder, "config.json");
  const bytes = readInside(path);
  if (bytes === undefined) {
    const came = fs.existsSync(folder) ? "no config.json in it" : "no such folder";
    throw new InputError({ where: folder, came, expected: "a run directory made by jko fit", fix: "check the path" });
  }
  const fail = (place: string, came: unknown, expected: string): never => {
    throw new InputError({ where: path, place, came: JSON.stringify(came) ?? "nothing", expected });
  };
  const record = io.parseStrictJson(new TextDecoder().decode(bytes), path) as Partial<RunRecord> | null;
  if (record === null || typeof record !== "object") return fail("1:1", record, "an object");
  if (record.format !== FORMAT) fail("format", record.format, `${FORMAT}`);
  const origin = (place: string, value: Origin | null | undefined, needed: "needed" | "or null"): void => {
    if (value === null && needed === "or null") return;
    if (typeof value?.path === "string" && /^[0-9a-f]{64}$/.test(value.sha256)) return;
    fail(`data.${place}`, value, "path and sha256");
  };
  origin("train", record.data?.train, "needed");
  origin("validation", record.data?.validation, "or null");
  origin("test", record.data?.test, "or null");
  checkConfig(record.config, `${path}:config`);
  return record as RunRecord;
}

/** The files of a run, to be read again. */
export function sourcesOf({ data }: RunRecord): Sources {
  return {
    train: data.train.path,
    ...(data.validation ? { validation: data.validation.path } : {}),
    ...(data.test ? { test: data.test.path } : {}),
  };
}

/** @throws InputError when a file is not what the run began with. */
export function checkOrigins({ data }: RunRecord, now: RunProblem["origins"]): void {
  for (const part of ["train", "validation", "test"] as const) {
    const [before, after] = [data[part], now[part]];
    if (before?.sha256 === after?.sha256) continue;
    throw new InputError({
      where: before === undefined || before === null ? part : sourceName(before.path),
      came: "other bytes than when the run began",
      expected: `SHA-256 ${before?.sha256}`,
      fix: "restore the file, or begin a new run with jko fit",
    });
  }
}
