/** How numbers are written in text: decimal point or comma, thousands set apart; and what a cell is that is no number. */
import { InputError } from "../errors/errors.ts";
import { type CellFault, classifyText, parseDecimal, textOf } from "./csvNumber.ts";
import type { Delimiter } from "./csvRecords.ts";
import { dateKind } from "./dates.ts";
import { isGapWord, type NamedGaps } from "./gapWords.ts";

export type Decimal = "point" | "comma";
/** What may stand between thousands; "blank" is also a no-break one. */
export type Thousands = "comma" | "point" | "blank" | "apostrophe" | "underscore";

export interface NumberStyle {
  readonly decimal: Decimal;
  readonly thousands: Thousands | "none";
  readonly gaps: NamedGaps;
}

const POINT = 0x2e;
const COMMA = 0x2c;
const NUL = 0;
/** Longer cells are no numbers that anyone writes by hand: they are not looked at by regular expressions. */
const LONGEST = 64;

const SEPARATORS: Readonly<Record<Thousands, string>> = {
  comma: ",",
  point: "\\.",
  blank: "[ \u00a0\u202f\u2009]",
  apostrophe: "['\u2019]",
  underscore: "_",
};

/** @throws InputError where both marks are one. */
export function checkStyle({ decimal, thousands }: Pick<NumberStyle, "decimal" | "thousands">, where: string): void {
  if (decimal !== thousands) return;
  const expected = "another mark between thousands than before decimals";
  throw new InputError({ where, came: `a ${decimal} for both`, expected });
}

/** The number of a cell, as `parseDecimal`; NaN for a gap that was named. */
export type NumberParser = (bytes: Uint8Array, begin: number, end: number) => number;

export function numberParser({ decimal, thousands, gaps }: NumberStyle): NumberParser {
  const plain = decimal === "point" ? parseDecimal : parseComma;
  const grouped = thousands === "none" ? plain : withGroups(plain, decimal, thousands);
  if (gaps.numbers.size === 0) return grouped;
  return (bytes, begin, end) => {
    const value = grouped(bytes, begin, end);
    return gaps.numbers.has(value) ? Number.NaN : value;
  };
}

function parseComma(bytes: Uint8Array, begin: number, end: number): number {
  const cell = bytes.slice(begin, end);
  for (let i = 0; i < cell.length; i++) cell[i] = cell[i] === COMMA ? POINT : cell[i] === POINT ? NUL : cell[i];
  return parseDecimal(cell, 0, cell.length);
}

function withGroups(plain: NumberParser, decimal: Decimal, thousands: Thousands): NumberParser {
  const mark = SEPARATORS[thousands];
  const point = decimal === "comma" ? "," : "\\.";
  const number = new RegExp(`^[+-]?\\d{1,3}(?:${mark}\\d{3})+(?:${point}\\d*)?(?:e[+-]?\\d+)?$`, "i");
  const marks = new RegExp(mark, "g");
  return (bytes, begin, end) => {
    const value = plain(bytes, begin, end);
    if (!Number.isNaN(value) || end - begin > LONGEST) return value;
    const text = textOf(bytes, begin, end).trim();
    if (!number.test(text)) return value;
    const joined = new TextEncoder().encode(text.replaceAll(marks, ""));
    return plain(joined, 0, joined.length);
  };
}

/** What is wrong with a cell of a column of numbers. */
export type NumberFault = CellFault | "decimal point" | "thousands" | "date";

export function classifyNumber(text: string, { decimal, gaps }: NumberStyle): NumberFault {
  const word = text.trim();
  if (isNamedGap(word, gaps)) return "missing";
  if (word.length > LONGEST) return "text";
  if (decimal === "comma" && /^[+-]?\d*\.\d+(e[+-]?\d+)?$/i.test(word)) return "decimal point";
  if (/^[+-]?\d{1,3}([ \u00a0\u202f\u2009'\u2019_]\d{3})+([.,]\d+)?$/.test(word)) return "thousands";
  if (/^[+-]?\d{1,3}(\.\d{3}){2,}(,\d+)?$|^[+-]?\d{1,3}(\.\d{3})+,\d+$/.test(word)) return "thousands";
  if (/^[+-]?\d{1,3}(,\d{3})+\.\d+$|^[+-]?\d{1,3}(,\d{3}){2,}$/.test(word)) return "thousands";
  if (dateKind(word) !== undefined) return "date";
  return classifyText(word);
}

/** Numbers by their value. */
export function isNamedGap(word: string, { words, numbers }: NamedGaps): boolean {
  return words.has(word) || (numbers.size > 0 && word !== "" && numbers.has(Number(word)));
}

/** Whether a cell of a column of words is a gap. */
export const isMissingWord = (word: string, gaps: NamedGaps): boolean => isGapWord(word) || isNamedGap(word, gaps);

/** Signs and blanks that other programs write around or in a number, as bytes that `parseDecimal` reads. */
export function plainSigns(text: string): Uint8Array {
  return new TextEncoder().encode(text.replace(/^[\s\u00a0]*\u2212/, "-").replaceAll("\u00a0", " "));
}

const COMMA_NUMBER = /^[+-]?\d*,\d+(e[+-]?\d+)?$/i;
const COMMA_THOUSANDS = /^[+-]?[1-9]\d{0,2}(,\d{3})+$/;

/**
 * The first cell that shows decimal commas, if the cells do: where commas do not cut cells, some number has one that cannot
 * stand before thousands, and no number has a decimal point.
 */
export function decimalCommaCell(sample: readonly (readonly string[])[], delimiter: Delimiter): string | undefined {
  if (delimiter === "comma") return undefined;
  let found: string | undefined;
  for (const record of sample) {
    for (const cell of record) {
      if (cell.length > LONGEST) continue;
      if (/^[+-]?(\d+\.\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell)) return undefined;
      if (found === undefined && COMMA_NUMBER.test(cell) && !COMMA_THOUSANDS.test(cell)) found = cell;
    }
  }
  return found;
}
