/**
 * Notes on columns, one of a kind: a table of 25 whole-number columns has one line on them, not 25.
 *
 *   column "a" is whole, column "b" is whole           columns "a" and "b" are whole
 *   four notes alike but for their figures or lists    the first of them; likewise "b", "c" and "d"
 */

/** So many alike, but not the same, are not yet a wall. */
const SEPARATE = 3;
/** Names that are written before the rest is counted. */
const NAMED = 3;

interface ColumnNote {
  readonly subject: "column" | "given";
  /** In quotation marks after "column". */
  readonly name: string;
  /** What is said of the column. */
  readonly rest: string;
}

const PLURAL: Readonly<Record<string, string>> = { holds: "hold", has: "have", is: "are", ends: "end", was: "were" };

const parse = (note: string): ColumnNote | undefined => {
  const match = /^(?:column ("(?:[^"\\]|\\.)*")|given ([^:]+))([ :].*)$/s.exec(note);
  if (match === null) return undefined;
  const [, quoted, plain, rest] = match;
  return quoted === undefined ? { subject: "given", name: plain, rest } : { subject: "column", name: quoted, rest };
};

/** What notes of a kind have in common: the clause before a colon, or the whole, without figures and names. */
function kindOf({ subject, rest }: ColumnNote): string {
  const clause = rest.split(": ")[0];
  return `${subject}${clause.trim() === "" || clause === ":" ? rest : clause}`
    .replace(/"(?:[^"\\]|\\.)*"/g, '""')
    .replace(/[-+]?\d[\d.,]*(?:e[-+]?\d+)?/gi, "#");
}

/** a, b, c and 22 more. */
export function listNames(names: readonly string[], most: number = NAMED): string {
  const shown = names.length <= most + 1 ? names : [...names.slice(0, most), `${names.length - most} more`];
  return shown.length < 2 ? shown.join() : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

/** Those of a kind become one, in the place of the first. */
export function gatherNotes(notes: readonly string[]): string[] {
  const kinds = new Map<string, ColumnNote[]>();
  for (const note of notes) {
    const parsed = parse(note);
    if (parsed === undefined) continue;
    const kind = kindOf(parsed);
    kinds.set(kind, [...(kinds.get(kind) ?? []), parsed]);
  }
  return notes.flatMap((note) => {
    const parsed = parse(note);
    if (parsed === undefined) return [note];
    const alike = kinds.get(kindOf(parsed))!;
    const same = alike.every(({ rest }) => rest === alike[0].rest);
    if (alike.length === 1 || (!same && alike.length <= SEPARATE)) return [note];
    if (alike[0].name !== parsed.name) return [];
    const names = alike.map(({ name }) => name);
    if (!same) return [`${note}; likewise ${listNames(names.slice(1))}`];
    const rest = parsed.rest.replace(/^ (\w+)/, (all, verb) => (PLURAL[verb] ? ` ${PLURAL[verb]}` : all));
    return [`${parsed.subject === "column" ? "columns" : "given"} ${listNames(names)}${rest}`];
  });
}
