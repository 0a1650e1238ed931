/**
 * The chunks of a PNG file, up to the compressed pixels.
 *
 * Source: W3C "Portable Network Graphics", second edition (ISO/IEC 15948), sections 5 (structure) and 11 (chunks).
 */
import { InputError } from "../errors/errors.ts";
import { crc32, crcTable } from "./crc32.ts";
import type { PngFormat } from "./pngRows.ts";

export interface PngParts extends PngFormat {
  /** The zlib stream, in the pieces of the IDAT chunks. */
  readonly packed: readonly Uint8Array[];
}

interface Chunk {
  readonly type: string;
  /** For messages. */
  readonly place: string;
  readonly body: Uint8Array;
}

export const LARGEST_SIDE = 4096;

const SIGNATURE: readonly number[] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const KNOWN = ["IHDR", "PLTE", "IDAT", "IEND"];

/** Bit depths that each colour type may have. */
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** @throws InputError for a file that is cut off, damaged, out of order, interlaced or too large. */
export function readPngChunks(bytes: Uint8Array, where: string): PngParts {
  const chunks = chunksOfPng(bytes, where);
  const problem = ({ place }: Chunk, came: string, expected: string): InputError =>
    new InputError({ where, place, came, expected });
  const first = chunks.next().value as Chunk;
  if (first.type !== "IHDR") throw problem(first, `${first.type} first`, "IHDR");
  const header = readHeader(first, where);
  const { colourType, depth } = header;
  let palette: Uint8Array | undefined;
  let transparency: Uint8Array | undefined;
  const packed: Uint8Array[] = [];
  let before = first.type;
  for (const chunk of chunks) {
    const { type, body } = chunk;
    if (type === "IHDR") throw problem(chunk, "a second IHDR", "one");
    if (type === "PLTE") {
      if (palette !== undefined || transparency !== undefined || packed.length > 0) {
        throw problem(chunk, "PLTE here", "one palette, before tRNS and the pixels");
      }
      if (colourType === 0 || colourType === 4) throw problem(chunk, "a palette", "none in a grey picture");
      const most = colourType === 3 ? 2 ** depth : 256;
      if (body.length === 0 || body.length % 3 !== 0 || body.length > 3 * most) {
        throw problem(chunk, `${body.length} bytes`, `3 for each of 1 to ${most} colours`);
      }
      palette = body;
    } else if (type === "tRNS") {
      if (transparency !== undefined || packed.length > 0) throw problem(chunk, "tRNS here", "one, before the pixels");
      if (colourType === 3 && palette === undefined) throw problem(chunk, "tRNS without a palette", "PLTE before it");
      checkTransparency(chunk, colourType, palette, where);
      transparency = body;
    } else if (type === "IDAT") {
      if (packed.length > 0 && before !== "IDAT") throw problem(chunk, `IDAT after ${before}`, "all IDAT in a row");
      if (colourType === 3 && palette === undefined) throw problem(chunk, "pixels without a palette", "PLTE before");
      packed.push(body);
    } else if (type === "IEND" && body.length > 0) {
      throw problem(chunk, `${body.length} bytes`, "none");
    }
    before = type;
  }
  if (packed.length === 0) throw new InputError({ where, came: "no IDAT chunk", expected: "pixels" });
  return { ...header, palette, transparency, packed };
}

/** The chunks, the last of which is IEND and ends the file; at least one. */
function* chunksOfPng(bytes: Uint8Array, where: string): Generator<Chunk, void, undefined> {
  const cutOff = (place: string, expected: string): InputError =>
    new InputError({ where, place, came: `${bytes.length} bytes`, expected, fix: "the file is cut off" });
  const wrong = SIGNATURE.findIndex((byte, at) => bytes[at] !== byte);
  if (wrong >= bytes.length) throw cutOff(`byte ${wrong}`, "a PNG file");
  if (wrong >= 0) {
    const came = `the byte ${bytes[wrong]}`;
    throw new InputError({ where, place: `byte ${wrong}`, came, expected: "a PNG signature", fix: "save it as PNG" });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const table = crcTable();
  let at = SIGNATURE.length;
  for (let type = ""; type !== "IEND"; ) {
    if (at + 12 > bytes.length) throw cutOff(`byte ${at}`, "chunks up to IEND");
    const length = view.getUint32(at);
    const end = at + 12 + length;
    if (end > bytes.length) throw cutOff(`byte ${at}`, `a chunk of ${length} bytes inside the file`);
    type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (!/^[A-Za-z]{4}$/.test(type)) {
      throw new InputError({ where, place: `byte ${at + 4}`, came: "other bytes", expected: "four letters" });
    }
    const place = `${type} at byte ${at}`;
    if (crc32(bytes.subarray(at + 4, end - 4), 0, table) !== view.getUint32(end - 4)) {
      throw new InputError({ where, place, came: "another checksum", expected: "undamaged data" });
    }
    // A capital letter begins what cannot be left out.
    if (/^[A-Z]/.test(type) && !KNOWN.includes(type)) {
      throw new InputError({ where, place, came: "an unknown chunk", expected: KNOWN.join(", ") });
    }
    yield { type, place, body: bytes.subarray(at + 8, end - 4) };
    at = end;
  }
  if (at !== bytes.length) {
    throw new InputError({ where, came: `${bytes.length} bytes`, expected: `${at}, none behind IEND` });
  }
}

type Header = Pick<PngFormat, "width" | "height" | "colourType" | "depth">;

function readHeader({ body, place }: Chunk, where: string): Header {
  const problem = (came: string, expected: string, fix?: string): InputError =>
    new InputError({ where, place, came, expected, fix });
  if (body.length !== 13) throw problem(`${body.length} bytes`, "13");
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  if (width < 1 || height < 1) throw problem(`${width} x ${height} pixels`, "at least 1 x 1");
  if (width > LARGEST_SIDE || height > LARGEST_SIDE) {
    throw problem(`${width} x ${height} pixels`, `at most ${LARGEST_SIDE} x ${LARGEST_SIDE}`, "make it smaller");
  }
  const [depth, colourType, compression, filter, interlace] = body.subarray(8);
  const depths = DEPTHS[colourType];
  if (depths === undefined) throw problem(`colour type ${colourType}`, "0, 2, 3, 4 or 6");
  if (!depths.includes(depth)) {
    throw problem(`bit depth ${depth} with colour type ${colourType}`, `one of ${depths.join(", ")}`);
  }
  if (compression !== 0) throw problem(`compression method ${compression}`, "0");
  if (filter !== 0) throw problem(`filter method ${filter}`, "0");
  if (interlace === 1) throw problem("Adam7 interlacing", "none", "save it without interlacing");
  if (interlace !== 0) throw problem(`interlace method ${interlace}`, "0");
  return { width, height, colourType, depth };
}

function checkTransparency(
  { body, place }: Chunk,
  colourType: number,
  palette: Uint8Array | undefined,
  where: string,
): void {
  const problem = (expected: string): InputError =>
    new InputError({ where, place, came: `${body.length} bytes`, expected });
  if (colourType === 0 && body.length !== 2) throw problem("2");
  if (colourType === 2 && body.length !== 6) throw problem("6");
  if (colourType === 3 && (body.length === 0 || body.length > palette!.length / 3)) {
    throw problem(`1 to ${palette!.length / 3}, no more than colours`);
  }
  if (colourType === 4 || colourType === 6) throw problem("no tRNS beside an alpha channel");
}
