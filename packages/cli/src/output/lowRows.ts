/** The least likely rows of a file, while it is scored block after block. */
import { count, nats } from "../progress/numbers.ts";

export interface LowRow {
  /** Counted from 1, heads of columns left out. */
  readonly row: number;
  /** nats; -Infinity where the row has no density. */
  readonly score: number;
}

const LISTED = 5;

const byScore = (a: LowRow, b: LowRow): number => (a.score < b.score ? -1 : a.score > b.score ? 1 : a.row - b.row);

/** The lowest of those known and of a block that begins after `before` rows, all below the threshold. */
export function lowestRows(
  known: readonly LowRow[],
  scores: Float64Array,
  before: number,
  threshold: number,
): readonly LowRow[] {
  const all = [...known];
  scores.forEach((score, i) => {
    if (score < threshold) all.push({ row: before + i + 1, score });
  });
  return all.sort(byScore).slice(0, LISTED);
}

export const describeLowest = (rows: readonly LowRow[]): string =>
  rows
    .map(({ row, score }) => `row ${count(row)} (${score === Number.NEGATIVE_INFINITY ? "-inf" : nats(score)})`)
    .join(", ");
