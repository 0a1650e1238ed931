/** What config.json holds of a run by `jko evolve` or `jko infer`: the problem in the words it was asked in, and its settings. */
import { InputError, problems, type Settings } from "jkoflow";
import { neuralJkoIc, temperedSmc } from "jkoflow/systems";
import { type ReportExtent, reportExtents } from "../config/reportExtent.ts";
import { systemNames } from "../config/systemName.ts";
import { differingKeys, type RecordKind, type RunFolder } from "../run/runFolder.ts";

const FORMAT = 1;

/** A file and its bytes. */
export interface Source {
  readonly path: string;
  readonly sha256: string;
}

/** A problem in the words it was asked in; what is absent was not said. */
export interface ProblemWords {
  /** Of a built-in problem, as ou:2. */
  readonly name?: string;
  /** A file that exports a problem. */
  readonly module?: Source;
  readonly columns?: readonly string[];
  readonly start?: string;
  /** A table whose rows the start is fitted to. */
  readonly startRows?: Source;
  readonly potential?: string;
  readonly logDensity?: string;
  /** A command of the shell that computes the log-density. */
  readonly process?: string;
  readonly diffusion?: number;
  readonly interaction?: string;
  readonly internal?: string;
  /** A table to whose rows F is a divergence. */
  readonly target?: Source;
  readonly divergence?: problems.Divergence;
  readonly blur?: number;
  /** As gamma=-3. */
  readonly collisions?: string;
  readonly time?: number;
  readonly step?: number;
}

/** A part of a problem that a flag says. */
export type Word = Exclude<keyof ProblemWords, "name" | "module" | "startRows">;

export interface EvolutionRecord {
  readonly format: number;
  readonly verb: string;
  readonly problem: ProblemWords;
  readonly system: string;
  readonly seed: number;
  readonly report: ReportExtent;
  /** Whether a second flow is trained with half the step. */
  readonly accuracy?: true;
  /** Resolved: every setting of the system is in it. */
  readonly settings: Settings;
}

export type EvolutionRun = RunFolder<EvolutionRecord>;

/** Whether the target is sampled, and no flow to it trained. */
export const isSampler = ({ system }: Pick<EvolutionRecord, "system">): boolean =>
  system === temperedSmc.name || isCorrected({ system });

/** Whether it is sampled by a chain of maps and rejection steps, which has the target in it. */
export const isCorrected = ({ system }: Pick<EvolutionRecord, "system">): boolean => system === neuralJkoIc.name;

const isText = (x: unknown): x is string => typeof x === "string";
const isNumber = (x: unknown): x is number => typeof x === "number" && Number.isFinite(x);
const isObject = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === "object" && x !== null && !Array.isArray(x);
const isSource = (x: unknown): x is Source => isObject(x) && isText(x.path) && /^[0-9a-f]{64}$/.test(String(x.sha256));

type Rules = Readonly<Record<string, readonly [expected: string, accepts: (x: unknown) => boolean]>>;

const WORDS: Rules = {
  name: ["the name of a problem", isText],
  module: ["path and sha256", isSource],
  columns: ["a list of names", (x) => Array.isArray(x) && x.every(isText)],
  start: ["words", isText],
  startRows: ["path and sha256", isSource],
  potential: ["a formula", isText],
  logDensity: ["a formula", isText],
  process: ["a command", isText],
  diffusion: ["a number", isNumber],
  interaction: ["a formula", isText],
  internal: ["a formula", isText],
  target: ["path and sha256", isSource],
  divergence: [problems.divergences.join(" | "), (x) => problems.divergences.some((name) => name === x)],
  blur: ["a number", isNumber],
  collisions: ["words", isText],
  time: ["a number", isNumber],
  step: ["a number", isNumber],
};

const FIELDS: Rules = {
  format: [`${FORMAT}`, (x) => x === FORMAT],
  verb: ["a verb", isText],
  problem: ["an object", isObject],
  system: [systemNames("target").join(" | "), (x) => isText(x) && systemNames("target").includes(x)],
  seed: ["a whole number", (x) => Number.isSafeInteger(x)],
  report: [reportExtents.join(" | "), (x) => reportExtents.some((extent) => extent === x)],
  settings: ["an object", isObject],
};

const OPTIONAL: Rules = { accuracy: ["true", (x) => x === true] };

/** How runs of a verb are recorded. */
export const recordKind = (verb: string): RecordKind<EvolutionRecord> => ({
  verb,
  check: checkRecord,
  identity: ({ problem: { module, startRows, target, ...words }, ...rest }) => [
    rest,
    words,
    module?.sha256 ?? null,
    ...(startRows ? [startRows.sha256] : []),
    ...(target ? [{ target: target.sha256 }] : []),
  ],
  differences: (there, here) => {
    const flat = ({ problem: { module, startRows, target, ...words }, settings, ...rest }: EvolutionRecord) => ({
      ...rest,
      ...words,
      ...settings,
      ...(module ? { module: module.sha256.slice(0, 8) } : {}),
      ...(startRows ? { startRows: startRows.sha256.slice(0, 8) } : {}),
      ...(target ? { target: target.sha256.slice(0, 8) } : {}),
    });
    return differingKeys(flat(there), flat(here));
  },
});

export const newRecord = (record: Omit<EvolutionRecord, "format">): EvolutionRecord => ({ format: FORMAT, ...record });

function checkRecord(value: unknown, path: string): EvolutionRecord {
  checkFields(value, FIELDS, path, "", OPTIONAL);
  const record = value as EvolutionRecord;
  checkFields(record.problem, {}, path, "problem.", WORDS);
  return record;
}

function checkFields(value: unknown, needed: Rules, path: string, prefix: string, optional: Rules): void {
  const fail = (place: string, came: unknown, expected: string): never => {
    throw new InputError({ where: path, place, came: JSON.stringify(came) ?? "nothing", expected });
  };
  if (!isObject(value)) {
    fail("1:1", value, "an object");
    return;
  }
  const rules = { ...needed, ...optional };
  for (const [name, [expected, accepts]] of Object.entries(rules)) {
    if (value[name] === undefined && Object.hasOwn(optional, name)) continue;
    if (!accepts(value[name])) fail(`${prefix}${name}`, value[name], expected);
  }
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(rules, name));
  if (unknown !== undefined) fail(`${prefix}${unknown}`, value[unknown], `one of ${Object.keys(rules).join(", ")}`);
}
