/** Levels of a column of categories: its words, or whole numbers, by how often they come. */
import { shortestWithOffset } from "../numbers/text.ts";
import { columnProblem } from "./columnProblem.ts";
import type { Table } from "./table.ts";

/** More words are names or identifiers. */
const MOST_LEVELS = 1000;

/** Replaces codes (or whole numbers) by the rank of their frequency; equal ones by the order of their words. */
export function codeByFrequency(
  table: Table,
  k: number,
  words: readonly string[] | undefined,
  where: string,
  offset: number = 0,
) {
  const width = table.columns.length;
  const name = table.columns[k];
  const counts = new Map<number, number>(); // by code or value; NaN is a key like others
  for (let i = 0; i < table.rows; i++) {
    const x = table.values[i * width + k];
    counts.set(x, (counts.get(x) ?? 0) + 1);
  }
  if (counts.size > MOST_LEVELS) {
    const fix = `is it a name or an identifier? leave it out: --drop ${name}`;
    throw columnProblem(where, name, `${counts.size} different values`, `at most ${MOST_LEVELS} categories`, fix);
  }
  const wordOf = (x: number): string | null => {
    if (Number.isNaN(x)) return null;
    if (words) return words[x];
    if (Number.isInteger(x)) return String(x + offset);
    throw columnProblem(where, name, `the category ${shortestWithOffset(x, offset)}`, "words or whole numbers");
  };
  const levels = [...counts].map(([x, count]) => ({ x, count, word: wordOf(x) }));
  levels.sort((a, b) => b.count - a.count || ((a.word ?? "") < (b.word ?? "") ? -1 : 1));
  const ranks = new Map(levels.map(({ x }, rank) => [x, rank]));
  for (let at = k; at < table.values.length; at += width) table.values[at] = ranks.get(table.values[at])!;
  return levels.map(({ word }) => word);
}

/** The first of them, and how many there are. */
export function levelsInWords(levels: readonly (string | null)[]): string {
  const shown = levels.slice(0, 6).map((level) => (level === null ? "(missing)" : level));
  return `${shown.join(", ")}${levels.length > 6 ? `, ... (${levels.length} in all)` : ""}`;
}
