/**
 * A run directory on a table: config.json, model.safetensors, events.jsonl (no wall-clock values), times.jsonl,
 * ckpt-*.safetensors, lock, report.json, report.html, plots/, and complete.json, written last of all.
 */
import fs from "node:fs";
import { InputError } from "jkoflow";
import { checkConfig, type RunConfig } from "../config/runConfig.ts";
import { sourceName } from "../input/source.ts";
import type { RunProblem, Sources } from "./problem.ts";
import { createFolder, differingKeys, openFolder, type RecordKind, type RunFolder, readFolder } from "./runFolder.ts";
import type { Origin } from "./sourceRows.ts";

export { isRun } from "./runFolder.ts";

const FORMAT = 1;

/** What config.json holds. */
export interface RunRecord {
  readonly format: number;
  readonly data: RunProblem["origins"];
  /** Resolved: every setting of the system is in it. */
  readonly config: RunConfig;
}

export type RunDirectory = RunFolder<RunRecord>;

const PARTS = ["train", "validation", "test"] as const;

const tableRecord: RecordKind<RunRecord> = {
  verb: "fit",
  check: checkRecord,
  identity: ({ data, config }) => [FORMAT, PARTS.map((part) => data[part]?.sha256 ?? null), config],
  differences: (there, here) => {
    const data = PARTS.filter((part) => there.data[part]?.sha256 !== here.data[part]?.sha256);
    const [before, now] = [there, here].map(
      ({ config: { settings, ...rest } }): Readonly<Record<string, unknown>> => ({ ...rest, ...settings }),
    );
    return [...data.map((part) => (part === "train" ? "the data" : `the ${part} rows`)), ...differingKeys(before, now)];
  },
};

/** As `createFolder`, of runs on tables. */
export const createRun = (folder: string, record: RunRecord, breakLock: boolean): RunDirectory =>
  createFolder(tableRecord, folder, record, breakLock);

/** As `openFolder`, of runs on tables. */
export const openRun = (folder: string, breakLock: boolean): RunDirectory => openFolder(tableRecord, folder, breakLock);

/** @throws InputError for anything but a whole config.json. */
export const readRecord = (folder: string): RunRecord => readFolder(tableRecord, folder);

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

function checkRecord(value: unknown, path: string): RunRecord {
  const fail = (place: string, came: unknown, expected: string): never => {
    throw new InputError({ where: path, place, came: JSON.stringify(came) ?? "nothing", expected });
  };
  const record = value as Partial<RunRecord> | null;
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
