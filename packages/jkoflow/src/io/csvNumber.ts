/** Decimal numbers in text, from bytes, and what a cell is that is none. */
import { InputError } from "../errors/errors.ts";
import { isGap } from "./gapWords.ts";

const INFINITE_WORDS = new Set(["inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"]);
/** 10^k is exact in float64 up to here, so mantissa and power give the correctly rounded quotient or product. */
const POWERS: readonly number[] = Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));

/**
 * The number in bytes start .. end - 1, blanks around it ignored: sign, digits, point, digits, exponent. NaN when it is
 * anything else (hexadecimal, words, decimal comma); infinite when it is too large for float64.
 */
export function parseDecimal(bytes: Uint8Array, start: number, end: number): number {
  while (start < end && isBlank(bytes[start])) start++;
  while (end > start && isBlank(bytes[end - 1])) end--;
  const first = bytes[start];
  let at = first === 0x2d || first === 0x2b ? start + 1 : start;
  let mantissa = 0;
  let digits = 0; // all digits
  let significant = 0;
  let power = 0;
  let point = false;
  for (; at < end; at++) {
    const digit = bytes[at] - 0x30;
    if (digit >= 0 && digit <= 9) {
      digits++;
      if (point) power--;
      if (significant > 0 || digit > 0) significant++;
      if (significant <= 15) mantissa = mantissa * 10 + digit;
    } else if (bytes[at] === 0x2e && !point) {
      point = true;
    } else {
      break;
    }
  }
  if (digits === 0) return Number.NaN;
  if (at < end) {
    if ((bytes[at] | 0x20) !== 0x65) return Number.NaN;
    at++;
    const down = bytes[at] === 0x2d;
    if (down || bytes[at] === 0x2b) at++;
    if (at >= end) return Number.NaN;
    let exponent = 0;
    for (; at < end; at++) {
      const digit = bytes[at] - 0x30;
      if (!(digit >= 0 && digit <= 9)) return Number.NaN;
      exponent = Math.min(exponent * 10 + digit, 100000);
    }
    power += down ? -exponent : exponent;
  }
  if (significant > 15 || power < -22 || power > 22) return Number(textOf(bytes, start, end));
  const value = power < 0 ? mantissa / POWERS[-power] : mantissa * POWERS[power];
  return first === 0x2d ? -value : value;
}

/** What a cell is that is no finite number; `1,234` may have a decimal comma or one between thousands. */
export type CellFault = "missing" | "infinite" | "decimal comma" | "comma" | "text";

/** Longer cells are text: a double has 309 digits before the point, and a regular expression a stack that is finite. */
const LONGEST_NUMBER = 1000;

export function classifyText(text: string): CellFault {
  const trimmed = text.trim();
  if (trimmed.length > LONGEST_NUMBER) return "text";
  const word = trimmed.toLowerCase();
  if (isGap(word)) return "missing";
  if (INFINITE_WORDS.has(word)) return "infinite";
  if (/^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?$/.test(word)) return "comma";
  return /^[+-]?\d+,\d+(e[+-]?\d+)?$/.test(word) ? "decimal comma" : "text";
}

/** The bytes as UTF-8 text; damaged characters are replaced by DAMAGED. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  return new TextDecoder().decode(bytes.subarray(start, end));
}

const DAMAGED = "\ufffd";

/** @throws InputError for a word with characters that were not UTF-8: different words would be read as the same. */
export function refuseDamaged(word: string, where: string, place: string): void {
  if (!word.includes(DAMAGED)) return;
  const came = `${JSON.stringify(word)}, whose bytes are not UTF-8`;
  throw new InputError({ where, place, came, expected: "UTF-8", fix: "save the file as UTF-8" });
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09;
}
