/** Some columns of a delimited text as words, whatever they hold: for labels, which need not be numbers. */

import { checkEncoding, checkWidth, isLongEnough } from "./csvChecks.ts";
import { parseDecimal, refuseDamaged, textOf } from "./csvNumber.ts";
import { isMissingWord, numberParser } from "./csvNumberStyle.ts";
import { type CsvOptions, planTable } from "./csvPlan.ts";
import { type CsvRecord, CsvRecords } from "./csvRecords.ts";
import { isGapMark } from "./gapWords.ts";
import { type ByteSource, peek } from "./source.ts";

export interface WordColumn {
  readonly name: string;
  /** Trimmed; "" where a value is missing. One for each row that `readCsv` sees. */
  readonly cells: readonly string[];
}

export interface CsvWordOptions extends Pick<CsvOptions, "where" | "delimiter" | "header" | "dialect"> {
  /** The columns to read, given the names of the file. */
  readonly choose: (names: readonly string[], idle: ReadonlySet<number>) => readonly number[];
}

/**
 * Reads the chosen columns. Equal cells are one string, so that a column of labels takes a pointer for each row.
 * @throws InputError as `readCsv`, but for words.
 *
 * @example
 * ```ts
 * import { findingCoder, knownCoder, readCsvWords } from "jkoflow/io";
 *
 * const bytes = new TextEncoder().encode("species,mass\nGentoo,5000\nAdelie,3700\n");
 * const [{ name, cells }] = await readCsvWords(bytes, { choose: () => [0] });
 * console.log(name, cells); // species [ 'Gentoo', 'Adelie' ]
 * const coder = findingCoder();
 * console.log(cells.map((word) => coder.code(word)), coder.words(), knownCoder(["Adelie", "Gentoo"]).code("Gentoo"));
 * ```
 */
export async function readCsvWords(source: ByteSource, options: CsvWordOptions): Promise<WordColumn[]> {
  const where = options.where ?? "csv";
  const { head, all } = await peek(source, isLongEnough);
  const bom = checkEncoding(head, where);
  const plan = planTable(head.subarray(bom), options, where);
  const columns = plan.chosen.map((k) => ({ name: plan.names[k], cells: [] as string[] }));
  const known = new Map<string, string>();
  const parse = numberParser(plan.numbers);
  let before = plan.preamble + (plan.header === "present" ? 1 : 0);
  const consume = (record: CsvRecord): undefined => {
    if (before > 0) {
      before--;
      return undefined;
    }
    checkWidth(record, plan.names.length, where);
    plan.chosen.forEach((k, i) => {
      const begin = k === 0 ? 0 : record.ends[k - 1];
      const text = textOf(record.bytes, begin, record.ends[k]).trim();
      refuseDamaged(text, where, `${record.line}:${k + 1}`);
      const word = wordOf(text, record.bytes, begin, record.ends[k]);
      const kept = known.get(word) ?? word;
      known.set(kept, kept);
      columns[i].cells.push(kept);
    });
    return undefined;
  };
  const records = new CsvRecords(plan.delimiter, where, consume, plan.comments);

  /** Numbers with decimal commas or marks between thousands come as `Number` reads them. */
  function wordOf(text: string, bytes: Uint8Array, begin: number, end: number): string {
    if (isMissingWord(text, plan.numbers.gaps)) return "";
    const value = parse(bytes, begin, end);
    return Number.isNaN(value) || !Number.isNaN(parseDecimal(bytes, begin, end)) ? text : String(value);
  }

  let skip = bom;
  for await (const chunk of all) {
    records.push(skip > 0 ? chunk.subarray(skip) : chunk);
    skip = 0;
  }
  records.end();
  return columns.map(({ name, cells }) => ({ name, cells: withoutMarks(cells) }));
}

/** Marks such as - are gaps among numbers and words among words. */
function withoutMarks(cells: readonly string[]): readonly string[] {
  const words = new Set(cells);
  const marks = [...words].filter(isGapMark);
  if (marks.length === 0) return cells;
  const others = [...words].filter((word) => word !== "" && !isGapMark(word));
  const isNumbers = others.length > 0 && others.every((word) => !Number.isNaN(Number(word)));
  return isNumbers ? cells.map((cell) => (isGapMark(cell) ? "" : cell)) : cells;
}
