/** What is done with a delimited text, found from its first lines and the options: delimiter, names, columns, words. */
import { InputError } from "../errors/errors.ts";
import { type ColumnChoice, chooseColumns } from "./columnChoice.ts";
import { detectDelimiter, detectHeader, headerNames, sampleOf, textColumns } from "./csvDialect.ts";
import type { CellFault } from "./csvNumber.ts";
import { type CsvRecord, CsvRecords, type Delimiter } from "./csvRecords.ts";
import { defaultColumns, type MissingPolicy } from "./numericTable.ts";

/** The number of a word; undefined for one that is not known. */
export interface WordCoder {
  readonly code: (word: string) => number | undefined;
  /** For the message on an unknown word. */
  readonly expected: string;
}

/** Coders by column index, given the names of the file and the columns in whose first lines there are words. */
export type Coders = (names: readonly string[], found: ReadonlySet<number>) => ReadonlyMap<number, WordCoder>;

export interface CsvOptions extends ColumnChoice {
  /** The name of the file in messages. */
  readonly where?: string;
  /** Found from the beginning of the text by default. */
  readonly delimiter?: Delimiter | "detect";
  /** Whether the first line holds names; found by default. Without names columns are x1, x2, ... */
  readonly header?: "present" | "absent" | "detect";
  /** What a column of words is, if it is not left out: an error (default), or left out without being named. */
  readonly text?: "error" | "drop";
  /** Which columns hold words, and the numbers that stand for them; see `wordCoder`. */
  readonly coders?: Coders;
  readonly missing?: MissingPolicy;
  /** What to do about a cell that cannot be read, in the words of whoever reads: of the column's name. */
  readonly fixes?: Partial<Readonly<Record<CellFault, (column: string) => string>>>;
  /** The length of the source in bytes, where it is known: the table then needs no room to grow. */
  readonly size?: number;
}

export interface CsvBlockOptions extends Omit<CsvOptions, "missing"> {
  /** Missing values end the reading (the default) or come as NaN. */
  readonly missing?: "refuse" | "as NaN";
  /** The columns to keep, given the names of the file; instead of `columns` and `drop`. */
  readonly choose?: (names: readonly string[]) => readonly number[];
}

export interface TablePlan {
  readonly delimiter: Delimiter;
  readonly header: "present" | "absent";
  readonly names: readonly string[];
  readonly chosen: readonly number[];
  readonly coders: ReadonlyMap<number, WordCoder>;
}

export function planTable(
  head: Uint8Array,
  options: CsvOptions & Pick<CsvBlockOptions, "choose">,
  where: string,
): TablePlan {
  const wanted = options.delimiter ?? "detect";
  const delimiter = wanted === "detect" ? detectDelimiter(head) : wanted;
  const sample = sampleOf(head, delimiter, where);
  if (sample.length === 0) {
    const records = new CsvRecords(delimiter, where, () => undefined);
    records.push(head); // throws when damage is why there is no record
    records.end();
    throw new InputError({ where, came: "an empty file", expected: "rows of numbers" });
  }
  const asked = options.header ?? "detect";
  const header = asked === "detect" ? detectHeader(sample) : asked;
  const names = header === "present" ? headerNames(sample[0], where, 1) : defaultColumns(sample[0].length);
  const found = textColumns(header === "present" ? sample.slice(1) : sample);
  const coders = options.coders?.(names, found) ?? new Map<number, WordCoder>();
  if (options.choose) return { delimiter, header, names, chosen: options.choose(names), coders };
  let drop = options.drop;
  if (options.text === "drop" && options.columns === undefined) {
    const words = [...found].filter((k) => k < names.length);
    drop = [...(options.drop ?? []), ...words.map((k) => names[k])];
  }
  return { delimiter, header, names, chosen: chooseColumns(names, { columns: options.columns, drop }, where), coders };
}

export function checkWidth(record: CsvRecord, width: number, where: string): void {
  if (record.fields === width) return;
  const place = `${record.line}:${Math.min(record.fields, width) + 1}`;
  const cells = record.fields === 1 ? "1 cell" : `${record.fields} cells`;
  throw new InputError({ where, place, came: cells, expected: `${width} as in the first line` });
}

/** The length of the UTF-8 byte order mark, if any. */
export function checkEncoding(head: Uint8Array, where: string): number {
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) {
    throw new InputError({ where, place: "1:1", came: "UTF-16", expected: "UTF-8", fix: "save the file as UTF-8" });
  }
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
}

/** Enough to see a few lines, but never more than the longest line allowed. */
export function isLongEnough(head: Uint8Array): boolean {
  if (head.length > 2 ** 24) return true;
  let start = 0; // a text may begin with many empty lines
  while (head[start] === 0x0a || head[start] === 0x0d) start++;
  if (head.length - start < 65536) return false;
  const first = head.indexOf(0x0a, start);
  return first >= 0 && head.indexOf(0x0a, first + 1) >= 0;
}
