/** Which columns of a table to keep, by name or by position. */
import { InputError } from "../errors/errors.ts";
import { nearestName } from "../errors/nearestName.ts";
import { quote } from "./source.ts";

/** Columns are named, or counted as `#1`, `#2`, ...; a name wins over a count. */
export interface ColumnChoice {
  /** The columns to keep, in this order; all when absent. */
  readonly columns?: readonly string[];
  /** Columns to leave out. */
  readonly drop?: readonly string[];
}

/**
 * The indices of the chosen columns.
 * @throws InputError for an unknown column (naming the nearest known one), a doubled one, or when none is left.
 *
 * @example
 * ```ts
 * import { chooseColumns, dateKind, isMissingWord, namedGaps, nearestName, parseStrictJson } from "jkoflow/io";
 *
 * console.log(chooseColumns(["a", "b", "c"], { drop: ["b"] }, "table.csv")); // [ 0, 2 ]
 * console.log(dateKind("2026-12-01"), isMissingWord("NA", namedGaps()), isMissingWord("none yet", namedGaps(["none yet"])));
 * console.log(nearestName("colums", ["columns", "rows"]), parseStrictJson("[1]", "config.json")); // columns [ 1 ]
 * ```
 */
export function chooseColumns(names: readonly string[], choice: ColumnChoice, where: string): number[] {
  const wanted = choice.columns?.map((name) => findColumn(names, name, where)) ?? names.map((_, k) => k);
  const seen = new Set<number>();
  for (const k of wanted) {
    if (seen.has(k)) {
      throw new InputError({ where, came: `column ${quote(names[k])} chosen twice`, expected: "each column once" });
    }
    seen.add(k);
  }
  const dropped = new Set(choice.drop?.map((name) => findColumn(names, name, where)));
  const kept = wanted.filter((k) => !dropped.has(k));
  if (kept.length === 0) throw new InputError({ where, came: "no column left", expected: "at least one" });
  return kept;
}

function findColumn(names: readonly string[], name: string, where: string): number {
  const exact = names.indexOf(name);
  if (exact >= 0) return exact;
  const counted = /^#([1-9]\d{0,8})$/.exec(name);
  if (counted !== null && Number(counted[1]) <= names.length) return Number(counted[1]) - 1;
  const near = nearestName(name, names);
  throw new InputError({
    where,
    came: `no column ${quote(name)}`,
    expected: `one of ${names.slice(0, 8).map(quote).join(", ")}${names.length > 8 ? ", ..." : ""} or #1 .. #${names.length}`,
    fix: near === undefined ? undefined : `did you mean ${quote(near)}?`,
  });
}
