/** What every record and the first bytes of a delimited text must be. */
import { InputError } from "../errors/errors.ts";
import { textOf } from "./csvNumber.ts";
import { holdsTwoLines } from "./csvPreamble.ts";
import type { CsvRecord } from "./csvRecords.ts";
import { quote } from "./source.ts";

/** @throws InputError for a record of another number of cells than the first. */
export function checkWidth(record: CsvRecord, width: number, where: string): void {
  if (record.fields === width) return;
  const place = `${record.line}:${Math.min(record.fields, width) + 1}`;
  const cells = record.fields === 1 ? "1 cell" : `${record.fields} cells`;
  throw new InputError({ where, place, came: cells, expected: `${width} as in the first line` });
}

/** @throws InputError for a value in a column that was left out since it had none. */
export function checkEmpty(record: CsvRecord, k: number, where: string): void {
  const begin = k === 0 ? 0 : record.ends[k - 1];
  if (record.ends[k] === begin) return;
  const came = `${quote(textOf(record.bytes, begin, record.ends[k]))} in column #${k + 1} without a name`;
  const fix = "give the column a name, or empty the cell";
  throw new InputError({
    where,
    place: `${record.line}:${k + 1}`,
    came,
    expected: "nothing, as in the first rows",
    fix,
  });
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
  return head.length - start >= 65536 && holdsTwoLines(head.subarray(start));
}
