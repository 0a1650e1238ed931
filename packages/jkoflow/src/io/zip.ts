/**
 * Zip archives, as far as NPZ needs them: entries that are stored or deflated, below 4 GB.
 *
 * Source: PKWARE APPNOTE 6.3, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (its end). Sizes are
 * taken from the central directory only: NumPy leaves placeholders in the local headers.
 */
import { InputError } from "../errors/errors.ts";
import { crc32, crcTable } from "./crc32.ts";
import { FREE_BYTES, inflateRaw, LARGEST_RATIO } from "./gzip.ts";
import { concatBytes, quote } from "./source.ts";

export interface ZipEntry {
  readonly name: string;
  readonly method: "stored" | "deflate";
  readonly crc: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly localHeader: number;
}

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const UNKNOWN = 0xffffffff; // stands for "see the zip64 record"

/**
 * The entries of an archive.
 * @throws InputError for a damaged, encrypted, split or zip64 archive, for a doubled name or one that leaves its folder,
 * for entries that overlap, and for sizes that only a bomb has.
 */
export function readZipDirectory(archive: Uint8Array, where: string): ZipEntry[] {
  const problem = (place: string | undefined, came: string, expected: string, fix?: string): InputError =>
    new InputError({ where, place, came, expected, fix });
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const end = findEnd(view);
  if (end === undefined)
    throw problem(undefined, "no zip directory", "a complete zip archive", "the file may be cut off");
  const count = view.getUint16(end + 10, true);
  const size = view.getUint32(end + 12, true);
  const start = view.getUint32(end + 16, true);
  if (view.getUint32(end + 4, true) !== 0 || view.getUint16(end + 8, true) !== count) {
    throw problem(undefined, "an archive of several parts", "one file");
  }
  if (count === 0xffff || size === UNKNOWN || start === UNKNOWN) {
    throw problem(undefined, "a zip64 archive", "one below 4 GB", "save the arrays as .npy files");
  }
  if (start + size !== end) throw problem(undefined, "a directory at the wrong place", "one before the end record");
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  let at = start;
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== CENTRAL) {
      throw problem(`entry ${i + 1}`, "other bytes", "a directory entry");
    }
    const nameEnd = at + 46 + view.getUint16(at + 28, true);
    const next = nameEnd + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (next > end) throw problem(`entry ${i + 1}`, "an entry that leaves the directory", "one inside");
    const name = new TextDecoder().decode(archive.subarray(at + 46, nameEnd));
    const place = quote(name);
    if (name.split(/[\\/]/).includes("..") || /^[\\/]|^[A-Za-z]:|\0/.test(name)) {
      throw problem(place, "a name that leaves the archive", "a plain file name");
    }
    if (names.has(name)) throw problem(place, "a doubled name", "each name once");
    names.add(name);
    const flags = view.getUint16(at + 8, true);
    const method = view.getUint16(at + 10, true);
    const packedBytes = view.getUint32(at + 20, true);
    const bytes = view.getUint32(at + 24, true);
    const localHeader = view.getUint32(at + 42, true);
    if ((flags & 0x41) !== 0) throw problem(place, "an encrypted entry", "a plain one");
    if (method !== 0 && method !== 8) throw problem(place, `compression method ${method}`, "0 (stored) or 8 (deflate)");
    if (packedBytes === UNKNOWN || bytes === UNKNOWN || localHeader === UNKNOWN) {
      throw problem(place, "a zip64 entry", "one below 4 GB", "save the array as .npy");
    }
    if (method === 0 && packedBytes !== bytes) throw problem(place, `${packedBytes} bytes`, `${bytes} stored bytes`);
    if (bytes > FREE_BYTES && bytes > LARGEST_RATIO * packedBytes) {
      const fix = "if it is genuine, save it uncompressed";
      throw problem(place, `${bytes} bytes out of ${packedBytes}`, `at most ${LARGEST_RATIO} to 1`, fix);
    }
    const crc = view.getUint32(at + 16, true);
    entries.push({ name, method: method === 0 ? "stored" : "deflate", crc, packedBytes, bytes, localHeader });
    at = next;
  }
  if (at !== end) throw problem(undefined, "trailing bytes in the directory", `${count} entries`);
  checkOverlaps(entries, start, where);
  return entries;
}

/**
 * The content of an entry, chunk by chunk, checked for length and CRC.
 * @throws InputError when the entry is damaged or longer than it says.
 */
export async function* readZipEntry(
  archive: Uint8Array,
  entry: ZipEntry,
  where: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const problem = (came: string, expected: string): InputError =>
    new InputError({ where, place: quote(entry.name), came, expected });
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const at = entry.localHeader;
  if (at + 30 > archive.length || view.getUint32(at, true) !== LOCAL) throw problem("other bytes", "a local header");
  const start = at + 30 + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
  if (start + entry.packedBytes > archive.length) throw problem("a cut off entry", `${entry.packedBytes} bytes`);
  const packed = archive.subarray(start, start + entry.packedBytes);
  const chunks = entry.method === "stored" ? [packed] : inflateRaw(packed, `${where}:${quote(entry.name)}`);
  const table = crcTable();
  let crc = 0;
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > entry.bytes) throw problem("more bytes than declared", `${entry.bytes} bytes`);
    crc = crc32(chunk, crc, table);
    yield chunk;
  }
  if (length !== entry.bytes) throw problem(`${length} bytes`, `${entry.bytes} bytes`);
  if (crc !== entry.crc) throw problem("a wrong checksum", "undamaged data");
}

/** An archive of stored entries, all with the earliest date zip knows, so that equal input gives equal bytes. */
export function writeZip(files: readonly { readonly name: string; readonly bytes: Uint8Array }[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const { name, bytes } of files) {
    const encoded = new TextEncoder().encode(name);
    const crc = crc32(bytes);
    const central = new Uint8Array(46 + encoded.length);
    const view = new DataView(central.buffer);
    view.setUint32(0, CENTRAL, true);
    view.setUint16(4, 20, true); // made by and needs version 2.0
    view.setUint16(6, 20, true);
    view.setUint16(8, 0x800, true); // names are UTF-8
    view.setUint16(14, 0x21, true); // 1 January 1980
    view.setUint32(16, crc, true);
    view.setUint32(20, bytes.length, true);
    view.setUint32(24, bytes.length, true);
    view.setUint16(28, encoded.length, true);
    view.setUint32(42, at, true);
    central.set(encoded, 46);
    const local = new Uint8Array(30 + encoded.length);
    new DataView(local.buffer).setUint32(0, LOCAL, true);
    local.set(central.subarray(6, 32), 4); // the same fields in the same order
    local.set(encoded, 30);
    parts.push(local, bytes);
    directory.push(central);
    at += local.length + bytes.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = new Uint8Array(22);
  const view = new DataView(end.buffer);
  view.setUint32(0, END, true);
  view.setUint16(8, files.length, true);
  view.setUint16(10, files.length, true);
  view.setUint32(12, size, true);
  view.setUint32(16, at, true);
  return concatBytes([...parts, ...directory, end], at + size + 22);
}

/** The end record: the last 22 bytes but for a comment of at most 65,535. */
function findEnd(view: DataView): number | undefined {
  for (let at = view.byteLength - 22; at >= 0 && at >= view.byteLength - 22 - 65535; at--) {
    if (view.getUint32(at, true) === END && at + 22 + view.getUint16(at + 20, true) === view.byteLength) return at;
  }
  return undefined;
}

/** Overlapping entries are how a small archive holds a huge content without a large ratio of any entry. */
function checkOverlaps(entries: readonly ZipEntry[], end: number, where: string): void {
  const sorted = [...entries].sort((a, b) => a.localHeader - b.localHeader);
  sorted.forEach((entry, i) => {
    const next = sorted[i + 1]?.localHeader ?? end;
    if (entry.localHeader + 30 + entry.packedBytes > next) {
      throw new InputError({
        where,
        place: quote(entry.name),
        came: "an entry that overlaps the next",
        expected: "its own bytes",
      });
    }
  });
}
