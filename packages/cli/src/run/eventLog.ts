/** The lines of events.jsonl and times.jsonl as they are read again: of whatever is in the files, only what these hold. */
import { InputError } from "jkoflow";
import type { EventLine } from "../progress/eventLine.ts";
import { isRound } from "../progress/place.ts";
import { readLines } from "./lineLog.ts";
import { currentLine } from "./olderEvents.ts";

type Check = (value: unknown) => boolean;
type Fields = readonly (readonly [name: string, check: Check])[];

/** JSON writes null for what is not finite. */
const number: Check = (x) => x === null || typeof x === "number";
const count: Check = (x) => Number.isSafeInteger(x) && Number(x) >= 0;
/** Ours: they stand in the page of the report. */
const word: Check = (x) => typeof x === "string" && /^[^<>&]*$/.test(x);

/** Numbers with blanks between; a free block has Infinity. */
const list: Check = (x) =>
  typeof x === "string" && x.split(" ").every((part) => part === "" || !Number.isNaN(Number(part)));
const place: Check = (x) => Array.isArray(x) && x.every(word);

/** What reports and figures take from each kind of line; a step is a part of the flow or a round after growth. */
const NEEDED: ReadonlyMap<unknown, Fields> = new Map<unknown, Fields>([
  ["start", []],
  ["note", []],
  [
    "update",
    [
      ["loss", number],
      ["forward", count],
      ["backward", count],
    ],
  ],
  [
    "step",
    [
      ["verdict", word],
      ["updates", count],
      ["change", number],
      ["changeError", number],
    ],
  ],
  [
    "trained",
    [
      ["stop", word],
      ["solverGap", number],
      ["modelHash", word],
    ],
  ],
]);

const OF_PART: Fields = [
  ["stepSize", number],
  ["arcLength", number],
  ["solverGap", number],
];
const OF_ROUND: Fields = [
  ["stepSizes", list],
  ["arcLengths", list],
  ["unevenness", number],
];

/** Held-out likelihoods are there where an update ends with a held-out evaluation. */
const OPTIONAL: Fields = [
  ["validationNll", number],
  ["nllBefore", number],
];

/**
 * The lines of a training; those that older versions wrote come as they would be written now.
 * @throws InputError for a line that is none of a training's, with what can be done about it.
 */
export function readEvents(path: string): EventLine[] {
  return readLines(path, EVENTS_FIX).map((read, i) => {
    const line = currentLine(read);
    const at = `line ${i + 1}`;
    const fail = (came: string, expected: string): never => {
      throw new InputError({ where: path, place: at, came, expected, fix: EVENTS_FIX });
    };
    const kind = NEEDED.get(line.event);
    if (kind === undefined) return fail("another line", "an event of the training");
    const special = line.event !== "step" ? [] : isRound(line.place) ? OF_ROUND : OF_PART;
    const placed: Fields = line.event === "trained" ? [] : [["place", place]];
    for (const [name, check] of [...placed, ...kind, ...special])
      if (!check(line[name])) fail(`no such ${name}`, `one of "${line.event}"`);
    for (const [name, check] of OPTIONAL) {
      if (line[name] !== undefined && !check(line[name])) fail(`no such ${name}`, "a number");
    }
    return line as EventLine;
  });
}

/** The lines of a log whose events are named by their type alone. @throws InputError for a line that names none. */
export function readEventLines(path: string): EventLine[] {
  return readLines(path, EVENTS_FIX).map((line, i) => {
    if (word(line.event)) return line as EventLine;
    const came = "another line";
    throw new InputError({ where: path, place: `line ${i + 1}`, came, expected: "an event", fix: EVENTS_FIX });
  });
}

const EVENTS_FIX = "put the file back; or remove it and the checkpoints (ckpt-*) and train anew by jko resume";

export type TimeLine = {
  /** Lines of events.jsonl so far. */
  readonly events: number;
  readonly event: string;
  readonly seconds: number;
};

/** @throws InputError for a line that is none. */
export function readTimes(path: string): TimeLine[] {
  return readLines(path, TIMES_FIX).map(({ events, event, seconds }, i) => {
    if (count(events) && word(event) && typeof seconds === "number" && seconds >= 0) {
      return { events: Number(events), event: String(event), seconds };
    }
    const expected = "{ events, event, seconds }";
    throw new InputError({ where: path, place: `line ${i + 1}`, came: "another line", expected, fix: TIMES_FIX });
  });
}

const TIMES_FIX = "remove it: it only holds how long training took";
