/** The lines of events.jsonl and times.jsonl as they are read again: of whatever is in the files, only what these hold. */
import { InputError } from "jkoflow";
import type { EventLine } from "../progress/eventLine.ts";
import { readLines } from "./lineLog.ts";

type Check = (value: unknown) => boolean;

/** JSON writes null for what is not finite. */
const number: Check = (x) => x === null || typeof x === "number";
const count: Check = (x) => Number.isSafeInteger(x) && Number(x) >= 0;
/** Ours: they stand in the page of the report. */
const word: Check = (x) => typeof x === "string" && /^[^<>&]*$/.test(x);
const truth: Check = (x) => typeof x === "boolean";
const numbers: Check = (x) => Array.isArray(x) && x.every(number);
const evaluations: Check = (x) => {
  const { forward, backward } = (x ?? {}) as Readonly<Record<string, unknown>>;
  return count(forward) && count(backward);
};

type Fields = readonly (readonly [name: string, check: Check])[];
const update: Fields = [
  ["block", count],
  ["loss", number],
  ["evaluations", evaluations],
];
const judged: Fields = [
  ["verdict", word],
  ["updates", count],
  ["change", number],
  ["changeError", number],
];

/** What reports and figures take from each kind of line. */
const NEEDED: ReadonlyMap<unknown, Fields> = new Map<unknown, Fields>([
  ["start", []],
  ["update", update],
  ["round update", update],
  [
    "block",
    [
      ...judged,
      ["block", count],
      ["attempt", count],
      ["accepted", truth],
      ["stepSize", number],
      ["arcLength", number],
      ["solverGap", number],
    ],
  ],
  [
    "stage",
    [
      ...judged,
      ["stage", word],
      ["round", count],
      ["stepSizes", numbers],
      ["arcLengths", numbers],
      ["unevenness", number],
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

/** Held-out likelihoods are there where the system tells how it standardises. */
const OPTIONAL: Fields = [
  ["validationNll", number],
  ["nllBefore", number],
];

/** @throws InputError for a line that is none of a training's, with what can be done about it. */
export function readEvents(path: string): EventLine[] {
  return readLines(path, EVENTS_FIX).map((line, i) => {
    const fields = NEEDED.get(line.event);
    const place = `line ${i + 1}`;
    const fail = (came: string, expected: string): never => {
      throw new InputError({ where: path, place, came, expected, fix: EVENTS_FIX });
    };
    if (fields === undefined) return fail("another line", "an event of the training");
    for (const [name, check] of fields) if (!check(line[name])) fail(`no such ${name}`, `one of "${line.event}"`);
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
