/** The flags of `jko evolve` and `jko infer`, and the problem that they ask for in words. */
import { createHash } from "node:crypto";
import type { Command } from "commander";
import { InputError, problems, type Settings } from "jkoflow";
import { type ReportExtent, reportExtents } from "../config/reportExtent.ts";
import { systemNames } from "../config/systemName.ts";
import { readFileOf } from "../files/readFile.ts";
import { nameList, numberAbove, oneOf, pathOf, setting, systemName } from "../flagValues.ts";
import { addEngine, addSeed, addTalk, type CommonFlags } from "../options.ts";
import { namesOf } from "./list.ts";
import type { ProblemWords, Source, Word } from "./record.ts";
import type { FlowVerb } from "./verbs.ts";

export interface EvolutionFlags extends CommonFlags {
  readonly columns?: string[];
  readonly start?: string;
  readonly potential?: string;
  readonly logDensity?: string;
  readonly process?: string;
  readonly diffusion?: number;
  readonly interaction?: string;
  readonly internal?: string;
  readonly target?: string;
  readonly divergence?: problems.Divergence;
  readonly blur?: number;
  readonly collisions?: string;
  readonly time?: number;
  readonly step?: number;
  readonly system?: string;
  readonly set?: Settings;
  readonly report?: ReportExtent;
  readonly accuracy?: boolean;
  readonly tolerance?: number;
  readonly out?: string;
  readonly printConfig?: boolean;
  readonly checkpointEvery: number;
  readonly breakLock?: boolean;
}

type Flag = readonly [flag: string, says: string, parse: ((text: string, before?: string[]) => unknown) | undefined];

/** Flags of a problem of one's own, each with its line of help; a verb takes some of them. */
const WORDS: Readonly<Record<Word, Flag>> = {
  start: ["--start <law>", "normal:D, normal:D:SD, normal:D:SD:MEAN,...,MEAN, or a table of rows", undefined],
  potential: ["--potential <formula>", 'V of int V rho, such as "x^2/2 + 2*y^2"', undefined],
  diffusion: ["--diffusion <D>", "D of D int rho log rho", amount("--diffusion")],
  interaction: ["--interaction <formula>", 'W(x - y) of 1/2 int int W rho rho, such as "r^2/2 - log(r)"', undefined],
  internal: ["--internal <formula>", "f of int f(rho): c*rho^m", undefined],
  target: ["--target <table>", "rows: F is a divergence to them", pathOf("--target")],
  divergence: [
    "--divergence <name>",
    "of --target: js (Jensen-Shannon, default), kl or sinkhorn",
    oneOf("--divergence", problems.divergences),
  ],
  blur: ["--blur <length>", "of sinkhorn; default half of the spread of the rows", numberAbove("--blur", 0)],
  collisions: [
    "--collisions <kernel>",
    "Landau's equation: gamma=-3 (Coulomb), gamma=0 (Maxwell); or gamma=-3,C=0.1",
    undefined,
  ],
  logDensity: ["--log-density <formula>", 'the target, up to a constant, such as "-x^4/4 + x^2/2"', undefined],
  process: [
    "--process <command>",
    "a program that reads rows and writes their log-densities and slopes, beside --columns or --start",
    undefined,
  ],
  columns: ["--columns <names>", "names of the columns; default x1, x2, ...", nameList],
  time: ["--time <t>", "how far to go", numberAbove("--time", 0)],
  step: ["--step <h>", "step size of the scheme", numberAbove("--step", 0)],
};

/** Nothing below 0: a density that un-mixes has no flow. */
function amount(flag: string): (text: string) => number {
  return (text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (Number.isFinite(value) && value >= 0) return value;
    const fix = value < 0 ? "backward diffusion has no flow" : undefined;
    throw new InputError({ where: flag, came: JSON.stringify(text), expected: "a number from 0", fix });
  };
}

/** Adds the flags that the verb takes, and its problems by name to its help. */
export function declareFlags(command: Command, verb: FlowVerb): Command {
  const { words, catalogue } = verb;
  command.addHelpText(
    "after",
    `\nBy name (jko ${verb.name} list says what is known of each):\n${namesOf(catalogue)}\n`,
  );
  command.option("-o, --out <dir>", "run directory; default jko-run-NAME", pathOf("--out"));
  for (const word of words) {
    const [flag, says, parse] = WORDS[word];
    if (parse === undefined) command.option(flag, says);
    else command.option(flag, says, parse as (text: string) => unknown);
  }
  command
    .option("--system <name>", systemNames(verb.takes).join(", "), systemName(verb.takes))
    .option("--set <key=value>", "a setting of the system; see --print-config", setting)
    .option("--report <how>", "none, quick (no figures) or full", oneOf("--report", reportExtents))
    .option("--accuracy", "train with half the step too: extrapolated figures and an estimate of the error")
    .option(
      "--tolerance <nats>",
      "choose step sizes on the way: one step and two half as long are so near by moments",
      numberAbove("--tolerance", 0),
    )
    .option("--print-config", "print the resolved problem and settings, and do nothing else")
    .option("--checkpoint-every <s>", "seconds between two checkpoints", numberAbove("--checkpoint-every", 0), 10)
    .option("--break-lock", "take a run directory over from a process on another host");
  addSeed(command, "seed of the problem and of the training; default 0");
  return addTalk(addEngine(command));
}

/** Files that hold a problem, and not its name. */
const isModule = (text: string): boolean => /\.[cm]?[jt]s$/i.test(text);

/** A start that is a table; a law such as normal:2 has no such end. */
const isTable = (text: string): boolean => /\.(csv|tsv|txt|npy|npz|parquet)(\.gz)?$/i.test(text);

/** What defines a problem of one's own; a built-in one, or one of a module, has its own. */
const DEFINING: readonly Word[] = [
  "start",
  "potential",
  "diffusion",
  "interaction",
  "internal",
  "target",
  "divergence",
  "blur",
  "collisions",
  "logDensity",
  "process",
  "columns",
];

/** The flag of a part of a problem: --log-density of logDensity. */
export const flagOf = (part: string): string => `--${part.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** @throws InputError for flags that contradict each other, and for a problem that is not said. */
export function wordsOf(problem: string | undefined, flags: EvolutionFlags, verb: string): ProblemWords {
  const given = Object.fromEntries(
    (Object.keys(WORDS) as Word[]).filter((word) => flags[word] !== undefined).map((word) => [word, flags[word]]),
  );
  if (problem === undefined) {
    const { start, target, ...others } = given;
    const towards = typeof target === "string" ? { target: sourceOf(target) } : {};
    for (const word of ["divergence", "blur"] as const) {
      if (typeof target === "string" || flags[word] === undefined) continue;
      const fix = "name the table by --target, or leave it out";
      throw new InputError({ where: flagOf(word), came: "it without a target", expected: "--target rows.csv", fix });
    }
    if (flags.blur !== undefined && flags.divergence !== "sinkhorn") {
      const came = `it for ${flags.divergence ?? "js"}`;
      throw new InputError({ where: "--blur", came, expected: "--divergence sinkhorn", fix: "leave it out" });
    }
    if (typeof start === "string" && isTable(start)) return { startRows: sourceOf(start), ...towards, ...others };
    if (typeof target === "string") return { ...(typeof start === "string" ? { start } : {}), ...towards, ...others };
    if (DEFINING.some((word) => flags[word] !== undefined)) return given;
    const fix = `see jko ${verb} --help`;
    throw new InputError({ where: `jko ${verb}`, came: "no problem", expected: "a name, a file, or flags", fix });
  }
  const idle = DEFINING.find((word) => flags[word] !== undefined);
  if (idle !== undefined) {
    const came = `it beside ${JSON.stringify(problem)}, which has its own`;
    const fix = "leave one of the two out";
    throw new InputError({ where: flagOf(idle), came, expected: "a problem by name or by flags", fix });
  }
  if (!isModule(problem)) return { name: problem, ...given };
  return { module: sourceOf(problem), ...given };
}

const sourceOf = (path: string): Source => ({
  path,
  sha256: createHash("sha256").update(readFileOf(path)).digest("hex"),
});
