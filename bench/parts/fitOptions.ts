/** What every benchmark of fits can be told, and where its results go. */
import type { Settings } from "../../packages/jkoflow/src/systems/index.ts";
import { parseCount, parseSettings } from "./options.ts";
import { resultFile } from "./results.ts";

/** For `parseArgs`. */
export const fitOptions = {
  quick: { type: "boolean", default: false },
  threads: { type: "string", default: "1" },
  set: { type: "string", multiple: true, default: [] as string[] },
  json: { type: "string" },
} satisfies Readonly<Record<string, { type: "boolean" | "string"; multiple?: boolean; default?: unknown }>>;

/** For those that read data sets. */
export const dataOption = { data: { type: "string", default: process.env.JKOFLOW_DATA } } as const;

export interface FitWishes {
  readonly threads: number;
  /** In place of the defaults. */
  readonly settings: Settings;
  /** A run with other settings is stored only where it was asked for. */
  readonly file: string | undefined;
}

export function readFitOptions(
  bench: string,
  given: {
    readonly quick?: boolean;
    readonly threads: string;
    readonly set: readonly string[];
    readonly json?: string;
  },
  quickSettings: Settings = {},
): FitWishes {
  const { quick = false, threads, set, json } = given;
  return {
    threads: parseCount("threads", threads),
    settings: { ...(quick ? quickSettings : {}), ...parseSettings(set) },
    file: json ?? (set.length > 0 ? undefined : resultFile(quick ? `${bench}-quick` : bench)),
  };
}
