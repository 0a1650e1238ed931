/**
 * PNG pictures as grey levels: all colour types, bit depths and filters, without interlacing. Transparent pixels lie on
 * white. Gamma and colour profiles are left out.
 */

import { InputError } from "../errors/errors.ts";
import { checkKind } from "../errors/kinds.ts";
import { inflateZlib } from "./gzip.ts";
import { type PngParts, readPngChunks } from "./pngChunks.ts";
import { greyOf, rowBytes, unfilter } from "./pngRows.ts";

/** A picture as grey levels. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  /** From 0, black, to 1, white; row after row, the top one first. [height * width] */
  readonly grey: Float64Array;
}

/**
 * Reads a picture of at most 4096 x 4096 pixels. Luma is 0.299 red + 0.587 green + 0.114 blue.
 * @throws InputError for anything the format does not allow, and for interlaced or larger pictures.
 *
 * @example
 * ```ts
 * import { readPng } from "jkoflow/io";
 *
 * const two = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAAAAADRSSBWAAAAC0lEQVR42mNg+A8AAQIBANEay48AAAAASUVORK5CYII=";
 * const { width, height, grey } = await readPng(Uint8Array.from(atob(two), (letter) => letter.charCodeAt(0)));
 * console.log(width, height, [...grey]); // 2 1 [ 0, 1 ]
 * ```
 */
export async function readPng(bytes: Uint8Array, where: string = "png"): Promise<GreyImage> {
  checkKind(bytes, "Uint8Array", where);
  const parts = readPngChunks(bytes, where);
  const rows = await inflateRows(parts, where);
  unfilter(rows, parts, where);
  const { width, height } = parts;
  return { width, height, grey: greyOf(rows, parts, where) };
}

/** Deflate cannot do better: 258 bytes in two bits (zlib, "Technical Details", maximum compression factor). */
const MOST_PER_BYTE = 1032;

async function inflateRows(parts: PngParts, where: string): Promise<Uint8Array> {
  const wanted = parts.height * (1 + rowBytes(parts));
  const problem = (came: string, expected: string): InputError =>
    new InputError({ where, place: "IDAT", came, expected });
  const packed = parts.packed.reduce((sum, piece) => sum + piece.length, 0);
  if (packed > 0 && wanted > MOST_PER_BYTE * packed)
    throw problem(`${packed} bytes`, `enough for ${wanted} bytes of pixels`);
  const rows = new Uint8Array(wanted);
  let length = 0;
  for await (const part of inflateZlib(parts.packed, `${where}:IDAT`)) {
    if (length + part.length > rows.length) throw problem("more pixels", `${rows.length} bytes of them`);
    rows.set(part, length);
    length += part.length;
  }
  if (length < rows.length) throw problem(`${length} bytes of pixels`, `${rows.length}`);
  // Not all decompressors report bytes behind the end of the stream, which is the checksum of the pixels.
  if (lastWord(parts.packed) !== adler32(rows)) throw problem("bytes behind the pixels", "the end of the zlib stream");
  return rows;
}

/** The last four bytes, big-endian. */
function lastWord(pieces: readonly Uint8Array[]): number {
  const last: number[] = [];
  for (let p = pieces.length - 1; p >= 0 && last.length < 4; p--) {
    last.unshift(...pieces[p].subarray(-4));
  }
  return last.slice(-4).reduce((word, byte) => word * 256 + byte, 0);
}

/** The checksum at the end of a zlib stream (RFC 1950, section 8). */
function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (let start = 0; start < bytes.length; start += 4096) {
    const end = Math.min(bytes.length, start + 4096);
    for (let i = start; i < end; i++) {
      a += bytes[i];
      b += a;
    }
    a %= 65_521;
    b %= 65_521;
  }
  return b * 65_536 + a;
}
