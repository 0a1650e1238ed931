/** Some columns of a delimited text as words, whatever they hold: for labels, which need not be numbers. */

import { classifyText, refuseDamaged, textOf } from "./csvNumber.ts";
import { type CsvOptions, checkEncoding, checkWidth, isLongEnough, planTable } from "./csvPlan.ts";
import { CsvRecords } from "./csvRecords.ts";
import { type ByteSource, peek } from "./source.ts";

export interface WordColumn {
  readonly name: string;
  /** Trimmed; "" where a value is missing. One for each row that `readCsv` sees. */
  readonly cells: readonly string[];
}

export interface CsvWordOptions extends Pick<CsvOptions, "where" | "delimiter" | "header"> {
  /** The columns to read, given the names of the file. */
  readonly choose: (names: readonly string[]) => readonly number[];
}

/**
 * Reads the chosen columns. Equal cells are one string, so that a column of labels takes a pointer for each row.
 * @throws InputError as `readCsv`, but for words.
 */
export async function readCsvWords(source: ByteSource, options: CsvWordOptions): Promise<WordColumn[]> {
  const where = options.where ?? "csv";
  const { head, all } = await peek(source, isLongEnough);
  const bom = checkEncoding(head, where);
  const plan = planTable(head.subarray(bom), options, where);
  const columns = plan.chosen.map((k) => ({ name: plan.names[k], cells: [] as string[] }));
  const known = new Map<string, string>();
  let waitsForHeader = plan.header === "present";
  const records = new CsvRecords(plan.delimiter, where, (record) => {
    checkWidth(record, plan.names.length, where);
    if (!waitsForHeader) {
      plan.chosen.forEach((k, i) => {
        const text = textOf(record.bytes, k === 0 ? 0 : record.ends[k - 1], record.ends[k]).trim();
        refuseDamaged(text, where, `${record.line}:${k + 1}`);
        const word = classifyText(text) === "missing" ? "" : text;
        const kept = known.get(word) ?? word;
        known.set(kept, kept);
        columns[i].cells.push(kept);
      });
    }
    waitsForHeader = false;
    return undefined;
  });
  let skip = bom;
  for await (const chunk of all) {
    records.push(skip > 0 ? chunk.subarray(skip) : chunk);
    skip = 0;
  }
  records.end();
  return columns;
}
