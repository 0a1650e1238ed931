/** Tables as delimited text. */
import { checkKind, kindOf } from "../errors/kinds.ts";
import { shortestFloat32, shortestFloat64 } from "../numbers/text.ts";

export interface WritableTable {
  /** [rows, columns], row after row. */
  readonly values: Float32Array | Float64Array;
  readonly columns: readonly string[];
  /** Columns of words or numbers behind the others, a cell for each row. */
  readonly more?: readonly { readonly name: string; readonly values: ArrayLike<string | number> }[];
  /** How the cells of a column are written; numbers where there is none. */
  readonly texts?: readonly (((value: number) => string) | undefined)[];
}

/** Rows per chunk of output. */
const BLOCK = 4096;

/**
 * A table as CSV with a header and LF line ends, in chunks. Numbers have the fewest digits that read back to the same
 * float32 (or float64); NaN and infinities are written as nan, inf and -inf.
 *
 * @example
 * ```ts
 * import { writeCsv } from "jkoflow/io";
 *
 * const table = { values: Float32Array.of(0.1, 2, 3, 4), columns: ["a", "b"] };
 * console.log([...writeCsv(table)].map((bytes) => new TextDecoder().decode(bytes)).join("").split("\n").join("|"));
 * ```
 */
export function* writeCsv(table: WritableTable, delimiter: string = ","): Generator<Uint8Array, void, undefined> {
  const { values, columns, more = [], texts } = table;
  checkKind(values, ["Float32Array", "Float64Array"], "writeCsv");
  const encoder = new TextEncoder();
  const width = columns.length;
  const digits = kindOf(values) === "Float32Array" ? shortestFloat32 : shortestFloat64;
  const cell = (value: number, k: number): string => {
    const text = texts?.[k];
    return text === undefined ? digits(value) : quoteCell(text(value), delimiter);
  };
  const names = [...columns, ...more.map(({ name }) => name)];
  yield encoder.encode(`${names.map((name) => quoteCell(name, delimiter)).join(delimiter)}\n`);
  for (let start = 0; start < values.length; start += BLOCK * width) {
    const end = Math.min(values.length, start + BLOCK * width);
    const lines: string[] = [];
    for (let at = start; at < end; at += width) {
      const cells = Array.from(values.subarray(at, at + width), cell);
      for (const column of more) cells.push(quoteCell(String(column.values[at / width]), delimiter));
      lines.push(cells.join(delimiter));
    }
    yield encoder.encode(`${lines.join("\n")}\n`);
  }
}

function quoteCell(text: string, delimiter: string): string {
  const plain = !text.includes(delimiter) && !/["\r\n]|^\s|\s$/.test(text);
  return plain ? text : `"${text.replaceAll('"', '""')}"`;
}
