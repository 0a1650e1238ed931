/**
 * JSON without the traps of `JSON.parse`, which keeps the last of two equal keys, rounds long integers, turns 1e400 into
 * Infinity and accepts any depth. A scanner reads the text first, in time and stack that do not depend on what it holds; only
 * what it passes is parsed.
 */
import { InputError } from "../errors/errors.ts";
import { quote } from "./source.ts";

const DEEPEST = 64;

/**
 * Parses JSON (RFC 8259) with each key once in its object, at most 64 levels, no key `__proto__`, and numbers that
 * float64 holds: finite, and integers up to 2^53 - 1.
 * @throws InputError with line and column.
 */
export function parseStrictJson(text: string, where: string): unknown {
  let at = 0;

  const problem = (came: string, expected: string, position: number = at): InputError => {
    const before = text.slice(0, position);
    const line = before.split("\n").length;
    return new InputError({ where, place: `${line}:${position - before.lastIndexOf("\n")}`, came, expected });
  };

  const unexpected = (expected: string): InputError =>
    problem(at < text.length ? quote(text.slice(at, at + 12)) : "the end of the text", expected);

  /** One of these characters. */
  const mark = (marks: string, expected: string): string => {
    const found = text.charAt(at);
    if (found === "" || !marks.includes(found)) throw unexpected(expected);
    at++;
    return found;
  };

  const space = (): void => {
    while (isSpace(text.charCodeAt(at))) at++;
  };

  /** A string in its quotes. */
  const string = (expected: string): string => {
    const end = endOfString(text, at);
    if (end < 0) throw unexpected(expected);
    const start = at;
    at = end;
    return text.slice(start, end);
  };

  /** A number, true, false or null. */
  const scalar = (): string => {
    let end = at;
    while (end - at <= LONGEST_SCALAR && isWordCharacter(text.charCodeAt(end))) end++;
    if (end - at > LONGEST_SCALAR) throw problem("a longer number", `one of at most ${LONGEST_SCALAR} characters`);
    const word = text.slice(at, end);
    if (!SCALAR.test(word)) throw unexpected("a value");
    at = end;
    return word;
  };

  function value(depth: number): void {
    space();
    const first = text[at];
    if (first === "{" || first === "[") {
      if (depth === DEEPEST) throw problem(`more than ${DEEPEST} levels`, "a flatter value");
      at++;
      if (first === "{") members(depth + 1);
      else elements(depth + 1);
    } else if (first === '"') {
      string("a string");
    } else {
      const start = at;
      const word = scalar();
      const number = Number(word);
      if (Number.isNaN(number)) return; // true, false, null
      if (!Number.isFinite(number)) throw problem(quote(word), "a number of at most 1.8e308", start);
      if (/^-?\d+$/.test(word) && !Number.isSafeInteger(number)) {
        throw problem(quote(word), "an integer of at most 2^53 - 1", start);
      }
    }
  }

  function members(depth: number): void {
    const keys = new Set<string>();
    space();
    if (text[at] === "}") {
      at++;
      return;
    }
    while (true) {
      space();
      const start = at;
      const key: string = JSON.parse(string("a key in quotes"));
      if (key === "__proto__") throw problem('the key "__proto__"', "another name", start);
      if (keys.has(key)) throw problem(`the key ${quote(key)} again`, "each key once", start);
      keys.add(key);
      space();
      mark(":", "a colon");
      value(depth);
      space();
      if (mark(",}", "a comma or }") === "}") return;
    }
  }

  function elements(depth: number): void {
    space();
    if (text[at] === "]") {
      at++;
      return;
    }
    while (true) {
      value(depth);
      space();
      if (mark(",]", "a comma or ]") === "]") return;
    }
  }

  value(0);
  space();
  if (at < text.length) throw problem(quote(text.slice(at, at + 12)), "the end of the text");
  return JSON.parse(text);
}

/** A double written out in full has 1,076 digits behind the point. */
const LONGEST_SCALAR = 2000;
const SCALAR = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)$/;

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

/** Letters, digits, _ . + - */
const isWordCharacter = (code: number): boolean =>
  (code >= 0x30 && code <= 0x39) ||
  ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a) ||
  code === 0x5f ||
  code === 0x2e ||
  code === 0x2b ||
  code === 0x2d;

/**
 * Where the string that begins at `start` ends, or -1. By hand: a regular expression puts every character of a repetition
 * on its stack, and a string may have a hundred million.
 */
function endOfString(text: string, start: number): number {
  if (text.charCodeAt(start) !== 0x22) return -1;
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code < 0x20) return -1;
    if (code !== 0x5c) continue;
    at++;
    const escaped = text.charAt(at);
    if (escaped === "u") {
      for (let k = 0; k < 4; k++) if (!isHexadecimal(text.charCodeAt(++at))) return -1;
    } else if (escaped === "" || !'"\\/bfnrt'.includes(escaped)) return -1;
  }
  return -1;
}

const isHexadecimal = (code: number): boolean =>
  (code >= 0x30 && code <= 0x39) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66);
