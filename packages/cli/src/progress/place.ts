/** Places of events in numbers: ["block 3", "try 2"] is the second try of block 3, ["refine round 1"] a round after growth. */

export interface Place {
  /** What it is one of: "block", "step", "refine round". */
  readonly of: string;
  /** Which of them, from 1; 0 where they are not numbered. */
  readonly number: number;
  /** From 1. */
  readonly attempt: number;
}

const numbered = (word: string | undefined): { readonly of: string; readonly number: number } => {
  const [, of = "", number = "0"] = /^(.*?)(?: (\d+))?$/s.exec(word ?? "") ?? [];
  return { of, number: Number(number) };
};

/** @param place of a line, whatever is in it */
export function placeOf(place: unknown): Place {
  const words: readonly unknown[] = Array.isArray(place) ? place : [];
  const [outer, inner] = words.map((word) => numbered(String(word)));
  return { ...(outer ?? numbered("")), attempt: inner?.of === "try" ? inner.number : 1 };
}

const ROUND = / round$/;

/** Whether a step came after growth: a round of a stage, and no part of the flow. */
export const isRound = (place: unknown): boolean => ROUND.test(placeOf(place).of);

/** What a round is one of: "refine", "joint". */
export const stageOf = (place: unknown): string => placeOf(place).of.replace(ROUND, "");
