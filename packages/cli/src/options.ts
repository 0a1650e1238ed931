/** Flags that several commands share. */
import { type Command, Option } from "commander";
import type { io } from "jkoflow";
import type { EngineOptions } from "jkoflow/engine";
import {
  commentMark,
  DECIMALS,
  delimiter,
  mark,
  nameList,
  numberFrom,
  oneOf,
  pathOf,
  THOUSANDS,
  wholeNumber,
} from "./flagValues.ts";

export interface CommonFlags {
  readonly seed?: number;
  readonly threads?: number;
  readonly engine?: "native" | "wasm" | "reference";
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export interface ReadFlags {
  readonly header?: boolean;
  readonly delimiter?: io.Delimiter;
  readonly array?: string;
  readonly decimal?: io.Decimal;
  readonly thousands?: io.Thousands;
  readonly comment?: string;
  readonly gap?: readonly string[];
}

export function addSeed(command: Command, what: string): Command {
  return command.option("--seed <n>", what, wholeNumber("--seed", 0));
}

/** Of commands on models that know times. */
export function addTime(command: Command): Command {
  return command.option(
    "--at <t>",
    "of a run by jko evolve or jko infer: at this time; default the last one",
    numberFrom("--at", 0),
  );
}

/** Of commands that write a table. */
export function addOutput(command: Command, what: string): Command {
  return command
    .option("-o, --output <file>", `${what}; default CSV on standard output`, pathOf("-o"))
    .option("--force", "replace the file behind -o where it exists");
}

export function addEngine(command: Command): Command {
  return command
    .option("--threads <n>", "processors to use; results do not depend on it", wholeNumber("--threads", 1))
    .option(
      "--engine <kind>",
      "native, wasm or reference; default the fastest there is",
      oneOf("--engine", ["native", "wasm", "reference"]),
    );
}

export function addTalk(command: Command): Command {
  return command
    .option("--json", "one JSON event per line on standard output, the last one the result")
    .option("--quiet", "no progress and no notices");
}

export function addReading(command: Command): Command {
  return command
    .option("--header", "the first line of a text file holds names; --no-header: numbers")
    .addOption(new Option("--no-header", "the first line of a text file holds numbers").hideHelp())
    .option("--delimiter <name>", "comma, tab, semicolon, pipe or blank; found by default", delimiter)
    .option("--decimal <mark>", "before decimals in text: . or , ; found by default", mark("--decimal", DECIMALS))
    .option("--thousands <mark>", "between thousands in text: , . ' _ or blank", mark("--thousands", THOUSANDS))
    .option("--comment <mark>", "begins comment lines of a text, or none; # is found by default", commentMark)
    .option("--gap <words>", "words for a missing value besides NA, NaN, null, #N/A, - and more", nameList)
    .option("--array <name>", "which array of an NPZ file");
}

export const headerOf = ({ header }: ReadFlags): "present" | "absent" | undefined =>
  header === undefined ? undefined : header ? "present" : "absent";

/** What the flags say of a text; undefined where they say nothing. */
export function dialectOf({ decimal, thousands, comment, gap }: ReadFlags): io.Dialect | undefined {
  const said = Object.entries({ decimal, thousands, comment, gaps: gap }).filter(([, value]) => value !== undefined);
  return said.length === 0 ? undefined : Object.fromEntries(said);
}

export function engineOptions({ threads, engine }: CommonFlags, onNotice?: (line: string) => void): EngineOptions {
  const notices = onNotice === undefined ? {} : { onNotice };
  return { kind: engine ?? "auto", ...(threads === undefined ? {} : { threads }), ...notices };
}
