/**
 * The header of NumPy's NPY format, versions 1 to 3.
 *
 * Source: numpy/lib/format.py ("NEP 1"): magic 0x93 "NUMPY", version, header length, then a Python dictionary literal
 * with the keys descr, fortran_order and shape. The literal is parsed by a grammar of just that; nothing is evaluated.
 */
import { InputError } from "../errors/errors.ts";
import { MOST_COLUMNS } from "./numericTable.ts";
import { quote } from "./source.ts";

export type NpyKind = "f2" | "f4" | "f8" | "i1" | "i2" | "i4" | "i8" | "u1" | "u2" | "u4" | "u8" | "b1";

export interface NpyHeader {
  readonly kind: NpyKind;
  readonly itemBytes: number;
  readonly endian: "little" | "big";
  readonly order: "C" | "Fortran";
  readonly rows: number;
  readonly columns: number;
  /** Where the data start, in bytes from the start of the file. */
  readonly dataStart: number;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const KINDS: readonly string[] = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"];
/** NumPy's own limit is 10,000 characters; a table of numbers needs about 80. */
const LONGEST_HEADER = 65536;

/** How many bytes the header takes, as far as `head` tells: at least this many must be there to parse it. */
export function npyHeaderBytes(head: Uint8Array): number {
  if (head.length < 8) return 8;
  const wide = head[6] >= 2;
  if (head.length < (wide ? 12 : 10)) return wide ? 12 : 10;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return Math.min(wide ? 12 + view.getUint32(8, true) : 10 + view.getUint16(8, true), 12 + LONGEST_HEADER);
}

/**
 * Parses the header of a file that begins with `head`. A one-dimensional array is one column.
 * @throws InputError for anything but a plain array of numbers with one or two dimensions.
 */
export function parseNpyHeader(head: Uint8Array, where: string): NpyHeader {
  const problem = (came: string, expected: string, fix?: string): InputError =>
    new InputError({ where, place: "header", came, expected, fix });
  if (head.length < 8 || MAGIC.some((byte, i) => head[i] !== byte)) {
    throw problem(head.length === 0 ? "an empty file" : "other bytes", "the NPY magic \\x93NUMPY");
  }
  const version = head[6];
  if (version < 1 || version > 3 || head[7] !== 0) throw problem(`version ${version}.${head[7]}`, "1.0, 2.0 or 3.0");
  const dataStart = npyHeaderBytes(head);
  if (dataStart > 11 + LONGEST_HEADER) throw problem("a header of more than 64 kB", "the header of a plain array");
  if (head.length < dataStart) throw problem(`${head.length} bytes`, `${dataStart} bytes`, "the file is cut off");
  const text = String.fromCharCode(...head.subarray(version === 1 ? 10 : 12, dataStart));
  const fields = parseLiteral(text);
  if (fields === undefined) {
    throw problem(quote(text), "a literal {'descr': str, 'fortran_order': bool, 'shape': tuple} of a plain array");
  }
  const { descr, shape } = fields;
  if (/^[<>|=]?O/.test(descr)) {
    throw problem(
      "an object array (pickle)",
      "numbers",
      "pickles run code when read and are never unpickled; save numbers",
    );
  }
  const kind = descr.slice(1);
  if (!KINDS.includes(kind)) {
    throw problem(`dtype ${quote(descr)}`, `one of ${KINDS.join(", ")}`, "convert it with astype('float32')");
  }
  const itemBytes = Number(kind[1]);
  if (!(descr[0] === "<" || descr[0] === ">" || (descr[0] === "|" && itemBytes === 1))) {
    throw problem(`dtype ${quote(descr)}`, "a byte order of < or >");
  }
  if (shape.length !== 1 && shape.length !== 2) {
    throw problem(`${shape.length} dimensions`, "1 or 2", "reshape it to rows x columns");
  }
  const rows = shape[0];
  const columns = shape[1] ?? 1;
  if (!Number.isSafeInteger(rows * columns * itemBytes) || !shape.every(Number.isSafeInteger)) {
    throw problem(`shape (${shape.join(", ")})`, "a product below 2^53");
  }
  if (columns > MOST_COLUMNS) throw problem(`${columns} columns`, `at most ${MOST_COLUMNS}`, "is it transposed?");
  if (rows === 0 || columns === 0) throw problem(`shape (${shape.join(", ")})`, "at least one row and one column");
  return {
    kind: kind as NpyKind,
    itemBytes,
    endian: descr[0] === ">" ? "big" : "little",
    order: fields.order,
    rows,
    columns,
    dataStart,
  };
}

interface Literal {
  readonly descr: string;
  readonly order: "C" | "Fortran";
  readonly shape: readonly number[];
}

const ENTRY =
  /\s*(['"])(descr|fortran_order|shape)\1\s*:\s*(?:(['"])([^'"\\]{1,16})\3|(True|False)|\(((?:\s*\d{1,17}L?\s*,)*\s*(?:\d{1,17}L?\s*)?)\))\s*/y;

/** The three entries of the dictionary, each once, in any order; undefined when the text is anything else. */
function parseLiteral(text: string): Literal | undefined {
  const body = /^\s*\{([^{}]*)\}\s*$/.exec(text)?.[1];
  if (body === undefined) return undefined;
  let descr: string | undefined;
  let order: "C" | "Fortran" | undefined;
  let shape: number[] | undefined;
  let at = 0;
  for (let entries = 0; entries < 3; entries++) {
    ENTRY.lastIndex = at;
    const match = ENTRY.exec(body);
    if (match === null) return undefined;
    const [whole, , key, , text_, truth, tuple] = match;
    if (key === "descr" && text_ !== undefined && descr === undefined) descr = text_;
    else if (key === "fortran_order" && truth !== undefined && order === undefined)
      order = truth === "True" ? "Fortran" : "C";
    else if (key === "shape" && isTuple(tuple) && shape === undefined) shape = (tuple.match(/\d+/g) ?? []).map(Number);
    else return undefined;
    at += whole.length;
    if (at < body.length) {
      if (body[at] !== ",") return undefined;
      at++;
    } else if (entries < 2) return undefined;
  }
  if (body.slice(at).trim() !== "" || descr === undefined || order === undefined || shape === undefined)
    return undefined;
  return { descr, order, shape };
}

/** "(3)" is a number in Python, "(3,)" a tuple. */
function isTuple(text: string | undefined): text is string {
  return text !== undefined && (text.trim() === "" || text.includes(","));
}
