/** What is done with a delimited text, found from its first lines and the options: delimiter, names, columns, words. */
import { InputError } from "../errors/errors.ts";
import { type ColumnChoice, chooseColumns } from "./columnChoice.ts";
import { detectDelimiter, detectHeader, headerNames, type NumberTest, sampleOf, textColumns } from "./csvDialect.ts";
import { headerCells, idleColumns, noteIdle } from "./csvIdle.ts";
import {
  checkStyle,
  type Decimal,
  decimalCommaCell,
  isMissingWord,
  isNamedGap,
  type NumberFault,
  type NumberStyle,
  numberParser,
  plainSigns,
  type Thousands,
} from "./csvNumberStyle.ts";
import { detectComments, namedDelimiter } from "./csvPreamble.ts";
import { type Comments, CsvRecords, type Delimiter } from "./csvRecords.ts";
import { dateKind } from "./dates.ts";
import { isGap, type NamedGaps, namedGaps } from "./gapWords.ts";
import { defaultColumns, type MissingPolicy, type OffsetWish } from "./numericTable.ts";
import { quote } from "./source.ts";

/** The number of a word; undefined for one that is not known. */
export interface WordCoder {
  readonly code: (word: string) => number | undefined;
  /** For the message on an unknown word. */
  readonly expected: string;
}

/** Coders by column index, given the names of the file and the columns in whose first lines there are words. */
export type Coders = (names: readonly string[], found: ReadonlySet<number>) => ReadonlyMap<number, WordCoder>;

/** How a text is written, where that is not to be found from its beginning. Plain data. */
export interface Dialect {
  /** What stands before decimals. Found by default: commas where they do not cut cells and the numbers show it. */
  readonly decimal?: Decimal;
  /** What stands between thousands; nothing by default. */
  readonly thousands?: Thousands;
  /** The character that begins comment lines, or "none"; by default "#" where such lines are no rows. */
  readonly comment?: string;
  /** Words and numbers for a missing value, besides those that are known. */
  readonly gaps?: readonly string[];
}

export interface CsvOptions extends ColumnChoice {
  /** The name of the file in messages. */
  readonly where?: string;
  /** Found from the beginning of the text by default. */
  readonly delimiter?: Delimiter | "detect";
  readonly dialect?: Dialect;
  /** What was found of the text and changes what is read: decimal commas, comments, columns without a name. */
  readonly onNote?: (line: string) => void;
  /** Subtracted from columns in float64; none by default. */
  readonly offsets?: OffsetWish;
  /** Whether the first line holds names; found by default. Without names columns are x1, x2, ... */
  readonly header?: "present" | "absent" | "detect";
  /** What a column of words is, if it is not left out: an error (default), or left out without being named. */
  readonly text?: "error" | "drop";
  /** Which columns hold words, and the numbers that stand for them; see `wordCoder`. */
  readonly coders?: Coders;
  readonly missing?: MissingPolicy;
  /** What to do about a cell that cannot be read, in the words of whoever reads: of the column's name. */
  readonly fixes?: Partial<Readonly<Record<NumberFault, (column: string) => string>>>;
  /** The length of the source in bytes, where it is known: the table then needs no room to grow. */
  readonly size?: number;
}

export interface CsvBlockOptions extends Omit<CsvOptions, "missing" | "offsets"> {
  /** Missing values end the reading (the default) or come as NaN. */
  readonly missing?: "refuse" | "as NaN";
  /**
   * The columns to keep, given the names of the file and which of them `readCsv` would leave out; instead of `columns` and
   * `drop`.
   */
  readonly choose?: (names: readonly string[], idle: ReadonlySet<number>) => readonly number[];
  /** One for each of these columns, subtracted in float64. */
  readonly shifts?: readonly number[];
}

export interface TablePlan {
  readonly delimiter: Delimiter;
  readonly comments: Comments | undefined;
  /** Records before the header or the first row: a line that names the delimiter. */
  readonly preamble: 0 | 1;
  readonly header: "present" | "absent";
  readonly names: readonly string[];
  readonly chosen: readonly number[];
  readonly coders: ReadonlyMap<number, WordCoder>;
  readonly numbers: NumberStyle;
  /** Columns without name and value. */
  readonly empty: readonly number[];
}

type PlanOptions = CsvOptions & Pick<CsvBlockOptions, "choose">;

export function planTable(head: Uint8Array, options: PlanOptions, where: string): TablePlan {
  const { dialect = {} } = options;
  const gaps = namedGaps(dialect.gaps);
  const note = (line: string): void => options.onNote?.(`${where}: ${line}`);
  const comments = commentsOf(head, dialect, gaps, note);
  const named = namedDelimiter(head);
  const wanted = options.delimiter ?? "detect";
  const delimiter = wanted === "detect" ? (named ?? detectDelimiter(head, comments)) : wanted;
  const preamble = named === undefined ? 0 : 1;
  const sample = sampleOf(head, delimiter, where, comments).slice(preamble);
  if (sample.length === 0) {
    const records = new CsvRecords(delimiter, where, () => undefined);
    records.push(head); // throws when damage is why there is no record
    records.end();
    throw new InputError({ where, came: "an empty file", expected: "rows of numbers" });
  }
  const numbers = styleOf(sample, delimiter, dialect, gaps, where, note);
  const isNumber = numberTest(numbers);
  const asked = options.header ?? "detect";
  const header = asked === "detect" ? detectHeader(withoutEnd(sample), isNumber) : asked;
  const rows = (header === "present" ? sample.slice(1) : sample).map((cells) =>
    cells.map((cell) => (isNamedGap(cell, gaps) ? "" : cell)),
  );
  const head0 = header === "present" ? headerCells(sample[0], rows) : undefined;
  const names = head0 ? headerNames(head0, where, 1) : defaultColumns(sample[0].length);
  const found = textColumns(rows, isNumber);
  const dates = dateColumns(rows, found, isNumber);
  const words = new Set([...found].filter((k) => !dates.has(k)));
  const coders = options.coders?.(names, words) ?? new Map<number, WordCoder>();
  const idle = idleColumns(head0, rows);
  const plan = { delimiter, comments, preamble, header, names, coders, numbers, empty: idle.empty } as const;
  const all = new Set([...idle.empty, ...(idle.index === undefined ? [] : [idle.index])]);
  if (options.choose) return { ...plan, chosen: options.choose(names, all) };
  let drop = options.drop;
  if (options.text === "drop" && options.columns === undefined) {
    const texts = [...found].filter((k) => k < names.length && !all.has(k));
    drop = [...(options.drop ?? []), ...texts.map((k) => names[k])];
  }
  const wished = chooseColumns(names, { columns: options.columns, drop }, where);
  const chosen = options.columns === undefined ? wished.filter((k) => !all.has(k)) : wished;
  const left = wished.filter((k) => !chosen.includes(k));
  if (chosen.length === 0) throw new InputError({ where, came: "no column left", expected: "at least one" });
  noteIdle(left, idle, names, note);
  return { ...plan, chosen };
}

/** Without the columns at the end that are empty in every record. */
function withoutEnd(sample: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const { empty } = idleColumns(undefined, sample);
  return empty.length === 0 ? sample : sample.map((cells) => cells.slice(0, empty[0]));
}

function commentsOf(
  head: Uint8Array,
  { comment }: Dialect,
  gaps: NamedGaps,
  note: (line: string) => void,
): Comments | undefined {
  const isCell = (text: string): boolean => isMissingWord(text, gaps);
  if (comment !== undefined) return comment === "none" ? undefined : { mark: comment, isCell };
  const found = detectComments(head, numberTest({ decimal: "point", thousands: "none", gaps }), isCell);
  if (found !== undefined) note(`lines that begin with ${found.mark} are left out as comments`);
  return found;
}

function styleOf(
  sample: readonly (readonly string[])[],
  delimiter: Delimiter,
  { decimal, thousands }: Dialect,
  gaps: NamedGaps,
  where: string,
  note: (line: string) => void,
): NumberStyle {
  const asked = decimal ?? (thousands === "point" ? "comma" : thousands === "comma" ? "point" : undefined);
  const cell = asked === undefined ? decimalCommaCell(sample, delimiter) : undefined;
  if (cell !== undefined) note(`numbers such as ${quote(cell)} are read with decimal commas`);
  const found = cell === undefined ? "point" : "comma";
  const style: NumberStyle = { decimal: asked ?? found, thousands: thousands ?? "none", gaps };
  checkStyle(style, where);
  return style;
}

function numberTest(style: NumberStyle): NumberTest {
  const parse = numberParser(style);
  return (cell) => {
    const bytes = plainSigns(cell);
    return !Number.isNaN(parse(bytes, 0, bytes.length));
  };
}

/** Columns of words all of which are dates: these are no categories. */
function dateColumns(
  rows: readonly (readonly string[])[],
  found: ReadonlySet<number>,
  isNumber: NumberTest,
): Set<number> {
  const isDate = (k: number): boolean =>
    rows.every((cells) => {
      const cell = cells[k] ?? "";
      return dateKind(cell) !== undefined || isGap(cell) || isNumber(cell);
    });
  return new Set([...found].filter(isDate));
}
