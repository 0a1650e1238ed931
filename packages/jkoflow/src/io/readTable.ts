/** One reader for all table files: the format follows the content, not the name. */
import { InputError } from "../errors/errors.ts";
import { chooseColumns } from "./columnChoice.ts";
import { readCsv } from "./csv.ts";
import type { CsvOptions } from "./csvPlan.ts";
import { namedGaps } from "./gapWords.ts";
import { gunzipIfNeeded } from "./gzip.ts";
import { type NpySource, readNpy } from "./npy.ts";
import { readNpz } from "./npz.ts";
import type { ReadTable } from "./numericTable.ts";
import { type ByteSource, peek, readAll } from "./source.ts";

export interface TableOptions extends CsvOptions, Pick<NpySource, "readAt"> {
  /** Which array of an NPZ file to read. */
  readonly array?: string;
}

/**
 * Reads a table from NPY, NPZ or delimited text, each of them also under gzip.
 * @throws InputError as the reader of the format does.
 */
export async function readTable(source: ByteSource, options: TableOptions = {}): Promise<ReadTable> {
  const where = options.where ?? "table";
  const plain = await gunzipIfNeeded(source, where);
  const { head, all } = await peek(plain, (bytes) => bytes.length >= 9);
  const format = formatOf(head);
  if (format === "other") {
    throw new InputError({ where, came: "a Parquet, HDF5 or safetensors file", expected: "NPY, NPZ, CSV or TSV" });
  }
  if (format === "text") return readCsv(all, options);
  const { dialect, ...shared } = options;
  const binary = { ...shared, gaps: namedGaps(dialect?.gaps).numbers };
  const table = format === "npy" ? await readNpy(all, binary) : await readNpz(await readAll(all, where), binary);
  return options.columns === undefined && options.drop === undefined ? table : narrow(table, options, where);
}

function formatOf(head: Uint8Array): "npy" | "npz" | "text" | "other" {
  const start = String.fromCharCode(...head.subarray(0, 9));
  if (start.startsWith("\x93NUMPY")) return "npy";
  if (start.startsWith("PK\x03\x04") || start.startsWith("PK\x05\x06")) return "npz";
  const safetensors = start.indexOf("\0\0\0\0{") === 4; // a header length below 2^32, then the header
  return safetensors || start.startsWith("PAR1") || start.startsWith("\x89HDF") ? "other" : "text";
}

function narrow(table: ReadTable, options: TableOptions, where: string): ReadTable {
  const width = table.columns.length;
  const chosen = chooseColumns(table.columns, options, where);
  const values = new Float32Array(table.rows * chosen.length);
  let at = 0;
  for (let i = 0; i < table.rows; i++) for (const k of chosen) values[at++] = table.values[i * width + k];
  return { ...table, values, columns: chosen.map((k) => table.columns[k]) };
}
