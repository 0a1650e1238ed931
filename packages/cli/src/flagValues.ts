/** How the words of flags become values: each function takes the text, and says what is wrong with it. */
import { type data, InputError, type io, type Settings } from "jkoflow";
import { parseSetting } from "jkoflow/settings";
import { checkSystemName, type SystemKind } from "./config/systemName.ts";
import { count } from "./progress/numbers.ts";

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

export const DECIMALS: Readonly<Record<string, io.Decimal>> = { ".": "point", ",": "comma" };
export const THOUSANDS: Readonly<Record<string, io.Thousands>> = {
  ",": "comma",
  ".": "point",
  " ": "blank",
  "'": "apostrophe",
  _: "underscore",
};

/** A mark, or its name. */
export function mark<T extends string>(flag: string, marks: Readonly<Record<string, T>>): (text: string) => T {
  return (text) => (Object.hasOwn(marks, text) ? marks[text] : oneOf(flag, Object.values(marks))(text));
}

export function commentMark(text: string): string {
  if (text === "none" || /^[!-~]$/.test(text)) return text;
  throw problem("--comment", text, "the character that begins comment lines, such as #, or none");
}

export function delimiter(text: string): io.Delimiter {
  const word = DELIMITERS.get(text) ?? text;
  return oneOf<io.Delimiter>("--delimiter", ["comma", "tab", "semicolon", "pipe", "blank"])(word);
}

export const systemName =
  (kind: SystemKind) =>
  (text: string): string =>
    checkSystemName(text, kind, "--system");

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
