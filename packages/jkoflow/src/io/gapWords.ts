/**
 * Words that stand for a missing value in text.
 *
 *   words   of pandas, R, spreadsheets and C libraries; a gap in every column
 *   marks   signs such as - and *: a gap in a column of numbers. In a column of words they may well be a category (+ and -
 *           of a charge, a strand, a test), so there they are a level like others, unless they are named as gaps.
 */
import { InputError } from "../errors/errors.ts";

const WORDS: ReadonlySet<string> = new Set([
  ...["", "na", "n/a", "n.a.", "nan", "-nan", "+nan", "null", "none", "?", "<na>", "nat", "#n/a", "#na", "#n/a n/a"],
  ...["#div/0!", "#value!", "#ref!", "#num!", "#name?", "#null!"],
  ...["1.#qnan", "-1.#qnan", "1.#ind", "-1.#ind", "1.#snan", "-1.#snan", "nan(ind)", "-nan(ind)"],
]);
const MARKS: ReadonlySet<string> = new Set(["-", "--", "---", "\u2013", "\u2014", ".", "..", "...", "*", "**"]);
const LONGEST = 16;

/** Whether a cell of a column of numbers is a gap; blanks around it and capitals do not matter. */
export const isGap = (text: string): boolean => isGapWord(text) || isGapMark(text);

/** Whether a cell is a gap in a column of words too. */
export const isGapWord = (text: string): boolean => has(WORDS, text);

export const isGapMark = (text: string): boolean => has(MARKS, text);

function has(words: ReadonlySet<string>, text: string): boolean {
  const word = text.trim();
  return word.length <= LONGEST && words.has(word.toLowerCase());
}

/** Gaps that a user names: words as they stand in the file, and numbers, such as -999, by their value. */
export interface NamedGaps {
  readonly words: ReadonlySet<string>;
  /** Each also as float32 holds it. */
  readonly numbers: ReadonlySet<number>;
}

/** @throws InputError for what is no word. */
export function namedGaps(gaps: readonly string[] = []): NamedGaps {
  const empty = gaps.find((gap) => gap.trim() === "");
  if (empty !== undefined) {
    const came = JSON.stringify(empty);
    throw new InputError({ where: "gap", came, expected: "a word", fix: "an empty cell is a gap as it is" });
  }
  const words = gaps.map((gap) => gap.trim());
  const numbers = words.map(Number).filter(Number.isFinite);
  return { words: new Set(words), numbers: new Set(numbers.flatMap((x) => [x, Math.fround(x)])) };
}
