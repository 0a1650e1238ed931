/** From a path to a table file: the one place where a path is opened, and where the format of what is there is decided. */
import { InputError, io } from "jkoflow";
import type { Shell } from "../shell.ts";
import { arrayTable } from "./arrayTable.ts";
import { isParquet } from "./parquet.ts";
import { parquetTable } from "./parquetTable.ts";
import { type Input, openInput, type Passes } from "./source.ts";
import type { TableFile } from "./tableFile.ts";
import { textTable } from "./textTable.ts";

/**
 * Opens a table of any format, also under gzip; "-" is standard input. `passes` says whether it is read once, or again.
 * @throws InputError where there is no such file, and for other kinds of files.
 */
export async function openTable(path: string, shell: Shell, passes: Passes = "one"): Promise<TableFile> {
  const input = await openInput(path, shell, passes);
  return { ...(isParquet(input) ? parquetTable(input) : await unpacked(input)), digest: input.digest };
}

async function unpacked(input: Input): Promise<Omit<TableFile, "digest">> {
  const { where } = input;
  const unpack = (): Promise<AsyncIterable<Uint8Array>> => io.gunzipIfNeeded(input.bytes(), where);
  const { head, all } = await peekHead(await unpack());
  let first: AsyncIterable<Uint8Array> | undefined = all; // the pass whose beginning was looked at
  const pass = async (): Promise<AsyncIterable<Uint8Array>> => {
    const next = first ?? (await unpack());
    first = undefined;
    return next;
  };
  const format = formatOf(head);
  if (format === "other") {
    throw new InputError({ where, came: "an HDF5 or safetensors file", expected: "NPY, NPZ, Parquet, CSV or TSV" });
  }
  // The length of a compressed file says little of its content.
  const size = isGzip(input) ? undefined : input.size;
  return format === "text"
    ? textTable(where, pass, size)
    : arrayTable({ where, format, pass, size, readAt: input.readAt });
}

function formatOf(head: string): "npy" | "npz" | "text" | "other" {
  if (head.startsWith("\x93NUMPY")) return "npy";
  if (head.startsWith("PK\x03\x04") || head.startsWith("PK\x05\x06")) return "npz";
  return /^.{4}\0\0\0\0\{|^\x89HDF|^PAR1/s.test(head) ? "other" : "text";
}

const isGzip = ({ head }: Input): boolean => head[0] === 0x1f && head[1] === 0x8b;

const HEAD_BYTES = 9;

async function peekHead(
  source: AsyncIterable<Uint8Array>,
): Promise<{ readonly head: string; readonly all: AsyncIterable<Uint8Array> }> {
  const chunks = source[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let length = 0;
  while (length < HEAD_BYTES) {
    const next = await chunks.next();
    if (next.done) break;
    length += next.value.length;
    first.push(next.value);
  }
  async function* all(): AsyncGenerator<Uint8Array, void, undefined> {
    yield* first;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  }
  return { head: Buffer.concat(first).subarray(0, HEAD_BYTES).toString("latin1"), all: all() };
}
