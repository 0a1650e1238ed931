/** A conditional flow label by label. */
import { type data, scoreLogProb } from "jkoflow";

export interface LabelScore {
  readonly column: string;
  readonly label: string;
  readonly rows: number;
  /** nats per row. */
  readonly nll: number;
  readonly standardError: number;
  /** Of the baseline that the flow does worst against, on the same rows; null without one. */
  readonly baselineNll: number | null;
}

/** Every label of every given column of categories, where at least two of the judged rows have it. */
export function scoresByLabel(
  given: data.ConditionRows,
  logProb: Float64Array,
  baseline: Float64Array | undefined,
): LabelScore[] {
  return given.columns.flatMap(({ name, kind, values }) => {
    if (kind !== "category") return [];
    return [...rowsByLabel(values)].flatMap(([label, rows]) => {
      if (rows.length < 2) return [];
      const { nll, standardError } = scoreLogProb(rows.map((i) => logProb[i]));
      const baselineNll = baseline ? scoreLogProb(rows.map((i) => baseline[i])).nll : null;
      return [{ column: name, label, rows: rows.length, nll, standardError, baselineNll }];
    });
  });
}

/** Rows of each label, the most frequent label first. */
export function rowsByLabel(labels: readonly string[]): Map<string, number[]> {
  const rows = new Map<string, number[]>();
  labels.forEach((label, i) => {
    const list = rows.get(label) ?? [];
    list.push(i);
    rows.set(label, list);
  });
  return new Map([...rows].sort((a, b) => b[1].length - a[1].length));
}

/**
 * What each row is given, in words; undefined where a number is given, as then no two rows have the same, or cells of the rows
 * themselves, as those of other rows may be new.
 */
export function labelsOf({ columns, rows }: data.ConditionRows): string[] | undefined {
  if (columns.some(({ kind }) => kind !== "category")) return undefined;
  return Array.from({ length: rows }, (_, i) => columns.map(({ values }) => values[i]).join(", "));
}
