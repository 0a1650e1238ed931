/** Results that last: one JSON file a benchmark, an entry for each table, and the same as a page of markdown. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describeMachine, type Machine, machineLine } from "./machine.ts";

/** When and where an entry was measured. */
export interface Conditions {
  readonly date: string;
  readonly machine: Machine;
  readonly threads: number;
  /** Settings in place of the defaults; empty in a run that counts. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export const conditions = (threads: number, settings: Conditions["settings"]): Conditions => ({
  date: new Date().toISOString().slice(0, 10),
  machine: describeMachine(),
  threads,
  settings,
});

/** When, where, and on how many threads, in words. */
export const conditionsLine = ({ date, machine, threads }: Conditions): string =>
  `${date}; ${machineLine(machine)}; ${threads} ${threads === 1 ? "thread" : "threads"}`;

/** The settings in place of the defaults, as they were given; empty for none. */
export const changedSettings = ({ settings }: Conditions): string =>
  Object.entries(settings)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(" ");

export const resultFile = (name: string): string => fileURLToPath(new URL(`../results/${name}.json`, import.meta.url));

/** What a file of results holds so far. */
export const knownEntries = <Entry>(file: string): Record<string, Entry> =>
  existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, Entry>) : {};

/** Put entries beside those of earlier runs, a new one in place of an old one of its name. */
export function storeEntries<Entry>(
  file: string,
  entries: Readonly<Record<string, Entry>>,
  render: (entries: Readonly<Record<string, Entry>>) => string,
): void {
  const all = { ...knownEntries<Entry>(file), ...entries };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(all, null, 1)}\n`);
  writeFileSync(file.replace(/(\.json)?$/, ".md"), `${render(all)}\n`);
}
