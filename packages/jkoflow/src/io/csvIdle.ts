/** Columns that programs write beside the data: the number of the row in front, and nothing behind a last delimiter. */
import { quote } from "./source.ts";

type Rows = readonly (readonly string[])[];

export interface IdleColumns {
  /** At the end, without name and value. */
  readonly empty: readonly number[];
  /** The first, when it counts the rows from 0 or 1 and has no name but that of a counter. */
  readonly index: number | undefined;
}

/** Fewer rows may count by chance. */
const LEAST_COUNTED = 2;

/**
 * The cells of a header over all columns of the rows: a table with names of rows, as R writes it, has none for the first.
 */
export function headerCells(header: readonly string[], rows: Rows): readonly string[] {
  const wider = rows.length > 0 && rows.every((cells) => cells.length === header.length + 1);
  return wider && counts(rows) ? ["", ...header] : header;
}

/** `header` is undefined where the first line is a row. */
export function idleColumns(header: readonly string[] | undefined, rows: Rows): IdleColumns {
  const width = header?.length ?? rows[0]?.length ?? 0;
  const empty: number[] = [];
  for (let k = width - 1; k > 0 && rows.length > 0; k--) {
    const nameless = header === undefined || header[k] === "";
    if (!nameless || !rows.every((cells) => (cells[k] ?? "") === "")) break;
    empty.unshift(k);
  }
  const counter = header !== undefined && (header[0] === "" || /^unnamed: 0$/i.test(header[0]));
  return { empty, index: counter && width > 1 && counts(rows) ? 0 : undefined };
}

function counts(rows: Rows): boolean {
  const first = rows[0]?.[0];
  if (rows.length < LEAST_COUNTED || (first !== "0" && first !== "1")) return false;
  return rows.every((cells, i) => cells[0] === String(Number(first) + i));
}

/** Says which columns are left out. */
export function noteIdle(
  left: readonly number[],
  { index }: IdleColumns,
  names: readonly string[],
  note: (line: string) => void,
): void {
  if (index !== undefined && left.includes(index)) {
    const has = /^#/.test(names[index]) ? "has no name" : `is called ${quote(names[index])}`;
    note(`the first column ${has} and counts the rows: left out`);
  }
  const ends = left.filter((k) => k !== index).length;
  if (ends > 0)
    note(`${ends === 1 ? "the last column has" : `the last ${ends} columns have`} no name and no value: left out`);
}
