/** What a delimited text may hold besides its rows: comment lines, and the line by which spreadsheets name the delimiter. */
import { detectDelimiter, detectHeader, type NumberTest, sampleOf, textColumns } from "./csvDialect.ts";
import type { Comments, Delimiter } from "./csvRecords.ts";

/** The character that is looked for; others are named by whoever reads. */
const HASH = 0x23;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
/** So many lines are looked at. */
const MOST_LINES = 200;

interface CommentLine {
  readonly bytes: Uint8Array;
  readonly place: "leading" | "later";
}

/**
 * Comments where lines that begin with # are such; undefined where there are none, or they are rows or names: lines with as many
 * cells as the others above a column of words, and a single first line that names columns which have no other names.
 */
export function detectComments(
  head: Uint8Array,
  isNumber: NumberTest,
  isCell: Comments["isCell"],
): Comments | undefined {
  const comments = { mark: "#", isCell };
  const lines = commentLines(head);
  if (lines.length === 0) return undefined;
  const delimiter = detectDelimiter(head, comments);
  const others = sampleOf(head, delimiter, "", comments);
  const header = others.length > 0 ? detectHeader(others, isNumber) : "absent";
  const rows = header === "present" ? others.slice(1) : others;
  if (rows.length === 0) return undefined;
  const cellsOf = ({ bytes }: CommentLine): readonly string[] => sampleOf(bytes, delimiter, "")[0] ?? [];
  const fits = (line: CommentLine): boolean => cellsOf(line).length === others[0].length;
  const gaps = lines.filter((line) => isCell(cellsOf(line)[0] ?? ""));
  if (gaps.length === lines.length) return undefined;
  if (textColumns(rows, (cell) => isNumber(cell) || isCell(cell)).has(0) && lines.some(fits)) return undefined;
  const names = lines.length === 1 && lines[0].place === "leading" && header === "absent" && fits(lines[0]);
  return names ? undefined : comments;
}

function commentLines(head: Uint8Array): CommentLine[] {
  const found: CommentLine[] = [];
  let place: CommentLine["place"] = "leading";
  let at = 0;
  for (let seen = 0; at < head.length && seen < MOST_LINES; ) {
    let end = at;
    while (end < head.length && head[end] !== NEWLINE && head[end] !== RETURN) end++;
    if (end > at) {
      seen++;
      if (head[at] === HASH) found.push({ bytes: head.subarray(at, end), place });
      else place = "later";
    }
    at = end + 1;
  }
  return found;
}

const MARKS: Readonly<Record<string, Delimiter>> = {
  ",": "comma",
  ";": "semicolon",
  "\t": "tab",
  "|": "pipe",
  " ": "blank",
};

/** The delimiter that a first line "sep=;" names. */
export function namedDelimiter(head: Uint8Array): Delimiter | undefined {
  const start = String.fromCharCode(...head.subarray(0, 16));
  const mark = /^"?sep=(.)"?[\r\n]/i.exec(start)?.[1];
  return mark !== undefined && Object.hasOwn(MARKS, mark) ? MARKS[mark] : undefined;
}

/** Whether two lines that are no comments end in this text: enough to see how it is written. */
export function holdsTwoLines(head: Uint8Array): boolean {
  let whole = 0;
  for (let at = 0; at < head.length; ) {
    const end = head.indexOf(NEWLINE, at);
    if (end < 0) return false;
    const empty = end === at || (end === at + 1 && head[at] === RETURN);
    if (!empty && head[at] !== HASH && ++whole === 2) return true;
    at = end + 1;
  }
  return false;
}
