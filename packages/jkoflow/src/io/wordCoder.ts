/** Words of a column as numbers: found while it is read, or known before. */
import type { WordCoder } from "./csvPlan.ts";

/** A coder that learns the words of a column while it is read. */
export interface FindingCoder extends WordCoder {
  /** The words so far, by their codes. */
  words(): readonly string[];
}

/** More distinct words are not those of categories, and holding them all would take memory without bound. */
const MOST_WORDS = 100_000;

/** Codes are given in the order in which words first occur. */
export function findingCoder(): FindingCoder {
  const codes = new Map<string, number>();
  return {
    expected: `at most ${MOST_WORDS} different words in a column`,
    code: (word) => {
      const known = codes.get(word);
      if (known !== undefined) return known;
      if (codes.size === MOST_WORDS) return undefined;
      codes.set(word, codes.size);
      return codes.size - 1;
    },
    words: () => [...codes.keys()],
  };
}

/**
 * Code k is level k; a level null is none of a word. A whole number is known by its value: "3.0", as tables with gaps are
 * often written, is the level "3".
 */
export function knownCoder(levels: readonly (string | null)[]): WordCoder {
  const codes = new Map(levels.flatMap((level, code) => (level === null ? [] : [[level, code] as const])));
  const names = [...codes.keys()];
  const expected = `one of ${names.slice(0, 8).join(", ")}${names.length > 8 ? ", ..." : ""}`;
  const byValue = (word: string): number | undefined =>
    /^[+-]?\d+\.?0*$/.test(word) ? codes.get(String(Number(word))) : undefined;
  return { expected, code: (word) => codes.get(word) ?? byValue(word) };
}
