/**
 * JSON without the traps of `JSON.parse`, which keeps the last of two equal keys, rounds long integers, turns 1e400 into
 * Infinity and accepts any depth. A scanner reads the text first; only what it passes is parsed.
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

  const token = (pattern: RegExp, expected: string): string => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null)
      throw problem(at < text.length ? quote(text.slice(at, at + 12)) : "the end of the text", expected);
    at += match[0].length;
    return match[0];
  };

  const space = (): void => {
    SPACE.lastIndex = at;
    SPACE.exec(text);
    at = SPACE.lastIndex;
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
      token(STRING, "a string");
    } else {
      const start = at;
      const word = token(SCALAR, "a value");
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
      const key: string = JSON.parse(token(STRING, "a key in quotes"));
      if (key === "__proto__") throw problem('the key "__proto__"', "another name", start);
      if (keys.has(key)) throw problem(`the key ${quote(key)} again`, "each key once", start);
      keys.add(key);
      space();
      token(COLON, "a colon");
      value(depth);
      space();
      if (token(OBJECT_NEXT, "a comma or }") === "}") return;
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
      if (token(ARRAY_NEXT, "a comma or ]") === "]") return;
    }
  }

  value(0);
  space();
  if (at < text.length) throw problem(quote(text.slice(at, at + 12)), "the end of the text");
  return JSON.parse(text);
}

const SPACE = /[ \t\n\r]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings must not hold control characters
const STRING = /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;
const COLON = /:/y;
const OBJECT_NEXT = /[,}]/y;
const ARRAY_NEXT = /[,\]]/y;
