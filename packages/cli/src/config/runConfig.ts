/** What determines a run besides its data. Precedence: flags, then the configuration file, then the defaults. */
import { data, type Effort, InputError, io, type Settings, systems } from "jkoflow";
import { efforts } from "jkoflow/settings";
import { readFileOf } from "../files/readFile.ts";
import type { ReadOptions } from "./readOptions.ts";
import { type ReportExtent, reportExtents } from "./reportExtent.ts";
import { checkSystemName, systemNames } from "./systemName.ts";

export interface RunConfig extends ReadOptions {
  readonly system: string;
  /** How long to try: decides the defaults of the settings. */
  readonly effort: Effort;
  /** A set of settings of the system in place of some of its defaults. */
  readonly preset: string | null;
  readonly seed: number;
  /** Rows of a toy. */
  readonly rows: number;
  /** Shares of training, validation and test rows. */
  readonly split: readonly [number, number, number];
  /** Width of the uniform noise added to a column of tied values. */
  readonly dequantize: Readonly<Record<string, number>>;
  /** Given columns of a conditional flow, each NAME, NAME:category or NAME:number; absent without condition. */
  readonly condition?: readonly string[];
  /** What columns mean; absent in runs of before kinds of columns were inferred: all are numbers. */
  readonly schema?: Omit<data.SchemaWishes, "noise">;
  /**
   * What becomes the model of the run: the flow, or what held-out rows prefer. `jko fit` always says it; absent in runs of before
   * it was asked, which kept the flow.
   */
  readonly keep?: "flow" | "best";
  /** What is found out after the training; absent: all. */
  readonly report?: ReportExtent;
  /** Of the system; those that are not named have defaults that depend on the table. */
  readonly settings: Settings;
}

export const configDefaults: RunConfig = {
  system: "jko-iflow",
  effort: "normal",
  preset: null,
  seed: 0,
  rows: 100_000,
  split: [0.8, 0.1, 0.1],
  columns: null,
  drop: [],
  missing: "error",
  header: "detect",
  delimiter: "detect",
  array: null,
  dequantize: {},
  schema: { columnsAs: "auto" },
  settings: {},
};

interface Rule {
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
}

const word = (...words: string[]): Rule => ({
  expected: words.join(" | "),
  accepts: (x) => typeof x === "string" && words.includes(x),
});
const names: Rule = {
  expected: "a list of column names",
  accepts: (x) => Array.isArray(x) && x.every((name) => typeof name === "string"),
};
const isRecord = (x: unknown): x is Record<string, unknown> => x !== null && typeof x === "object" && !Array.isArray(x);

const schemaRules: ReadonlyMap<string, (x: unknown) => boolean> = new Map([
  ["columnsAs", (x) => x === "numbers" || x === "auto"],
  ["discrete", (x) => x === "apart" || x === "in the flow"],
  ["categorical", names.accepts],
  ["integer", names.accepts],
  ["numeric", names.accepts],
  ["bounds", (x) => isRecord(x) && Object.values(x).every(data.isBounds)],
]);

const oneWord =
  (...words: string[]) =>
  (x: unknown): boolean =>
    typeof x === "string" && words.includes(x);

const dialectRules: Readonly<Record<string, (x: unknown) => boolean>> = {
  decimal: oneWord("point", "comma"),
  thousands: oneWord("comma", "point", "blank", "apostrophe", "underscore"),
  comment: (x) => typeof x === "string" && (x === "none" || /^[!-~]$/.test(x)),
  gaps: (x) => Array.isArray(x) && x.every((gap) => typeof gap === "string" && gap.trim() !== ""),
};

const rules: Readonly<Record<keyof Required<RunConfig>, Rule>> = {
  system: word(...systemNames("table")),
  effort: word(...efforts),
  preset: { expected: "the name of a preset, or null", accepts: (x) => x === null || typeof x === "string" },
  seed: { expected: "a whole number", accepts: Number.isSafeInteger },
  rows: { expected: "a whole number from 20", accepts: (x) => Number.isSafeInteger(x) && (x as number) >= 20 },
  split: {
    expected: "three shares that sum to 1, such as [0.8, 0.1, 0.1], training above 0",
    accepts: (x) => {
      if (!Array.isArray(x) || x.length !== 3 || !x.every((share) => typeof share === "number" && share >= 0))
        return false;
      return x[0] > 0 && Math.abs(x[0] + x[1] + x[2] - 1) < 1e-9;
    },
  },
  columns: { expected: "a list of column names, or null", accepts: (x) => x === null || names.accepts(x) },
  drop: names,
  missing: word("error", "drop-rows", "drop-columns", "median", "indicator"),
  header: word("present", "absent", "detect"),
  delimiter: word("comma", "tab", "semicolon", "pipe", "blank", "detect"),
  dialect: {
    expected: "decimal (point | comma), thousands (comma, point, ...), comment (a character or none), gaps (words)",
    accepts: (x) =>
      isRecord(x) &&
      Object.entries(x).every(([key, item]) => Object.hasOwn(dialectRules, key) && dialectRules[key](item)),
  },
  array: { expected: "the name of an array, or null", accepts: (x) => x === null || typeof x === "string" },
  condition: names,
  dequantize: {
    expected: "widths above 0 by column name",
    accepts: (x) => isRecord(x) && Object.values(x).every((width) => typeof width === "number" && width > 0),
  },
  schema: {
    expected:
      "columnsAs (numbers | auto), discrete (apart | in the flow), categorical, integer and numeric names, bounds such as {age: [0, null]}",
    accepts: (x) => isRecord(x) && Object.entries(x).every(([key, item]) => schemaRules.get(key)?.(item) ?? false),
  },
  keep: word("flow", "best"),
  report: word(...reportExtents),
  settings: { expected: "an object", accepts: isRecord },
};

/** @throws InputError naming the key; for an unknown one the nearest known one. */
export function checkConfig(value: unknown, where: string): Partial<RunConfig> {
  if (!isRecord(value)) throw new InputError({ where, came: "no object", expected: "an object of settings" });
  for (const [key, item] of Object.entries(value)) {
    if (!Object.hasOwn(rules, key)) {
      const near = io.nearestName(key, Object.keys(rules));
      const inSettings = Object.hasOwn(systems[configDefaults.system].settings, key);
      const fix = inSettings ? `put it into "settings"` : near === undefined ? undefined : `did you mean ${near}?`;
      throw new InputError({ where, place: key, came: "an unknown key", expected: Object.keys(rules).join(", "), fix });
    }
    if (key === "system" && typeof item === "string") checkSystemName(item, "table", where, key);
    const { accepts, expected } = rules[key as keyof RunConfig];
    if (!accepts(item)) throw new InputError({ where, place: key, came: JSON.stringify(item), expected });
  }
  return value as Partial<RunConfig>;
}

/** A configuration file: the keys of `RunConfig`, all optional. */
export function readConfigFile(path: string): Partial<RunConfig> {
  const bytes = readFileOf(path);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new InputError({ where: path, came: "bytes that are not UTF-8", expected: "JSON in UTF-8" });
  }
  return checkConfig(io.parseStrictJson(text, path), path);
}

/** Flags that were given over the file over the defaults; `settings` are merged name by name. */
export function mergeConfig(flags: Partial<RunConfig>, file: Partial<RunConfig>): RunConfig {
  const given = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
  const settings = { ...file.settings, ...flags.settings };
  const schema = { ...configDefaults.schema, ...file.schema, ...flags.schema };
  // Where kinds of columns are inferred, a gap is something to learn; where all are numbers, it is a fault until a policy is named.
  const missing = schema.columnsAs === "auto" ? "indicator" : "error";
  const dialect = file.dialect || flags.dialect ? { dialect: { ...file.dialect, ...flags.dialect } } : {};
  return { ...configDefaults, missing, ...file, ...checkConfig(given, "options"), schema, ...dialect, settings };
}
