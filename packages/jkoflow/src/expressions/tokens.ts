/** The words of a formula: numbers, names and signs, each with the place where it begins. */
import { InputError } from "../errors/index.ts";

export interface Token {
  readonly kind: "number" | "name" | "sign" | "end";
  readonly text: string;
  /** From 0. */
  readonly at: number;
}

/** Formulas are written by hand; this one is not. */
const LONGEST = 10_000;
const PATTERN =
  /\s*(?:(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?<name>[\p{L}_][\p{L}\p{N}_]*)|(?<sign>\*\*|[-+*/^(),]))/uy;

/** Says at which character of `text` something is wrong. */
export function faultAt(
  where: string,
  text: string,
  at: number,
  came: string,
  expected: string,
  fix?: string,
): InputError {
  const before = text.slice(Math.max(0, at - 20), at);
  const context = before.trim() === "" ? "" : ` behind ${JSON.stringify(at > 20 ? `...${before}` : before)}`;
  return new InputError({ where, place: `at character ${at + 1}`, came: `${came}${context}`, expected, fix });
}

/** @throws InputError for a letter that is in no formula. */
export function tokensOf(text: string, where: string): readonly Token[] {
  if (text.length > LONGEST) {
    throw new InputError({ where, came: `${text.length} characters`, expected: `a formula of at most ${LONGEST}` });
  }
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  PATTERN.lastIndex = 0;
  while (PATTERN.lastIndex < end) {
    const from = PATTERN.lastIndex;
    const found = PATTERN.exec(text);
    if (found?.groups === undefined) {
      const at = from + text.slice(from).search(/\S/);
      throw faultAt(
        where,
        text,
        at,
        JSON.stringify(String.fromCodePoint(text.codePointAt(at)!)),
        "a number, a name, + - * / ^ ( or )",
      );
    }
    const { number, name, sign } = found.groups;
    const word = number ?? name ?? sign;
    const at = PATTERN.lastIndex - word.length;
    tokens.push({ kind: number !== undefined ? "number" : name !== undefined ? "name" : "sign", text: word, at });
  }
  tokens.push({ kind: "end", text: "", at: end });
  return tokens;
}
