/** Flags that several commands share, and how their words become values. */
import { type Command, Option } from "commander";
import { type data, InputError, type io, type Settings } from "jkoflow";
import type { EngineOptions } from "jkoflow/engine";
import { parseSetting } from "jkoflow/settings";
import { count } from "./progress/numbers.ts";

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

const problem = (where: string, came: string, expected: string, fix?: string): InputError =>
  new InputError({ where, came: JSON.stringify(came), expected, ...(fix === undefined ? {} : { fix }) });

/** @throws InputError for a name that a repeated flag had already, and for one that JSON cannot keep. */
function checkName(flag: string, name: string, before: Readonly<Record<string, unknown>>): void {
  if (name === "__proto__") throw problem(flag, name, "a name that can be the key of an object", "rename the column");
  if (Object.hasOwn(before, name)) throw problem(flag, name, "each name once", "leave one of the two out");
}

/** `why` there is no number above `most`. */
export function wholeNumber(flag: string, least: number, most?: number, why?: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    const fits = value >= least && value <= (most ?? Number.MAX_SAFE_INTEGER);
    if (/^[+-]?\d+(e\d+)?$/i.test(text) && Number.isSafeInteger(value) && fits) return value;
    const expected = `a whole number from ${least}${most === undefined ? "" : ` to ${count(most)}`}`;
    throw problem(flag, text, expected, most !== undefined && value > most ? why : undefined);
  };
}

/** A path of a flag or an argument; an empty one, as of a shell variable that is not set, would be the current folder. */
export function pathOf(flag: string): (text: string) => string {
  return (text) => {
    if (text.trim() !== "" && !text.includes("\0")) return text;
    throw problem(flag, text, "a path", text.includes("\0") ? undefined : "is a shell variable empty?");
  };
}

export function numberAbove(flag: string, limit: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (Number.isFinite(value) && value > limit) return value;
    throw problem(flag, text, `a number above ${limit}`);
  };
}

export function numberFrom(flag: string, least: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (Number.isFinite(value) && value >= least) return value;
    throw problem(flag, text, `a number from ${least}`);
  };
}

/** Between 0 and 1, both left out. */
export function shareOf(flag: string): (text: string) => number {
  return (text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (value > 0 && value < 1) return value;
    throw problem(flag, text, "a share between 0 and 1, such as 0.01");
  };
}

export function oneOf<T extends string>(flag: string, words: readonly T[]): (text: string) => T {
  return (text) => {
    if (words.includes(text as T)) return text as T;
    throw problem(flag, text, words.join(" | "));
  };
}

const SECONDS: ReadonlyMap<string, number> = new Map(Object.entries({ "": 1, s: 1, m: 60, min: 60, h: 3600 }));

/** "90", "90s", "10m", "1.5h" in seconds. */
export function duration(flag: string): (text: string) => number {
  return (text) => {
    const [, digits, unit] = /^(\d+(?:\.\d+)?|\.\d+)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
    const seconds = Number(digits) * (SECONDS.get((unit ?? "").toLowerCase()) ?? Number.NaN);
    if (Number.isFinite(seconds) && seconds > 0) return seconds;
    throw problem(flag, text, "a time, such as 90s, 10m or 1h");
  };
}

/** "a,b" and repeated flags. */
export const nameList = (text: string, before: readonly string[] = []): string[] => [
  ...before,
  ...text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== ""),
];

const DELIMITERS: ReadonlyMap<string, io.Delimiter> = new Map([
  [",", "comma"],
  [";", "semicolon"],
  ["\t", "tab"],
  ["\\t", "tab"],
  ["|", "pipe"],
  [" ", "blank"],
]);

const DECIMALS: Readonly<Record<string, io.Decimal>> = { ".": "point", ",": "comma" };
const THOUSANDS: Readonly<Record<string, io.Thousands>> = {
  ",": "comma",
  ".": "point",
  " ": "blank",
  "'": "apostrophe",
  _: "underscore",
};

/** A mark, or its name. */
function mark<T extends string>(flag: string, marks: Readonly<Record<string, T>>): (text: string) => T {
  return (text) => (Object.hasOwn(marks, text) ? marks[text] : oneOf(flag, Object.values(marks))(text));
}

function commentMark(text: string): string {
  if (text === "none" || /^[!-~]$/.test(text)) return text;
  throw problem("--comment", text, "the character that begins comment lines, such as #, or none");
}

export function delimiter(text: string): io.Delimiter {
  const word = DELIMITERS.get(text) ?? text;
  return oneOf<io.Delimiter>("--delimiter", ["comma", "tab", "semicolon", "pipe", "blank"])(word);
}

/** `--set key=value`, repeated; a value is JSON, or a word. */
export function setting(text: string, before: Settings = {}): Settings {
  const [name, value] = parseSetting("--set", text);
  return { ...before, [name]: value };
}

/** `--given name=value`, repeated. */
export function givenValue(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf("=");
  if (at < 1) throw problem("--given", text, "name=value, such as --given species=Adelie");
  const name = text.slice(0, at).trim();
  checkName("--given", name, before);
  return { ...before, [name]: text.slice(at + 1) };
}

/** `--dequantize name=width`, repeated. */
export function width(text: string, before: Readonly<Record<string, number>> = {}): Record<string, number> {
  const at = text.lastIndexOf("=");
  const value = Number(text.slice(at + 1));
  if (at < 1 || !(value > 0)) throw problem("--dequantize", text, "name=width, the width above 0");
  checkName("--dequantize", text.slice(0, at), before);
  return { ...before, [text.slice(0, at)]: value };
}

/** `--bounds name=low:high`, repeated; one of the ends may be left out. */
export function bounds(text: string, before: Readonly<Record<string, data.Bounds>> = {}): Record<string, data.Bounds> {
  const match = /^(.+)=([^:=]*):([^:=]*)$/.exec(text);
  const ends = match?.slice(2).map((end) => (end.trim() === "" ? null : Number(end))) ?? [];
  const [low, high] = ends;
  const known = ends.some((end) => end !== null) && ends.every((end) => end === null || Number.isFinite(end));
  if (!known || (low !== null && high !== null && !(low < high))) {
    throw problem("--bounds", text, "name=low:high, such as age=0: or share=0:1, low below high");
  }
  checkName("--bounds", match![1], before);
  return { ...before, [match![1]]: [low, high] };
}

/** "0.8,0.1,0.1" or "80/10/10" */
export function shares(text: string): [number, number, number] {
  const parts = text.split(/[,/:]/).map(Number);
  const sum = parts.reduce((a, b) => a + b, 0);
  if (parts.length !== 3 || !parts.every((part) => part >= 0) || !(parts[0] > 0)) {
    throw problem("--split", text, "three shares for training, validation and test, such as 80,10,10");
  }
  return parts.map((part) => part / sum) as [number, number, number];
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
