/** A PNG encoder for the reader's tests, written from the standard and apart from the reader. */
import { crc32 } from "./crc32.ts";
import { concatBytes } from "./source.ts";

export interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly type: number;
}

const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

export const samplesPerRow = ({ width, type }: Header): number => width * CHANNELS[type];

export const signature: Uint8Array = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);

export function chunk(type: string, body: ArrayLike<number> = []): Uint8Array {
  const bytes = new Uint8Array(12 + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, body.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(body, 8);
  view.setUint32(8 + body.length, crc32(bytes.subarray(4, 8 + body.length)));
  return bytes;
}

/** `last`: compression, filter and interlace method. */
export function ihdr({ width, height, depth, type }: Header, last: readonly number[] = [0, 0, 0]): Uint8Array {
  const body = new Uint8Array(13);
  new DataView(body.buffer).setUint32(0, width);
  new DataView(body.buffer).setUint32(4, height);
  body.set([depth, type, ...last], 8);
  return chunk("IHDR", body);
}

export async function deflate(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Samples, row after row, as bytes: each row is its filter byte and then the filtered bytes. */
export function packRows(header: Header, samples: readonly number[], filterOf: (row: number) => number): Uint8Array {
  const { height, depth, type } = header;
  const perRow = samplesPerRow(header);
  const step = Math.max(1, (CHANNELS[type] * depth) >> 3);
  const rows: Uint8Array[] = [];
  let above: number[] = [];
  for (let r = 0; r < height; r++) {
    const bits = samples.slice(r * perRow, (r + 1) * perRow).map((sample) => sample.toString(2).padStart(depth, "0"));
    const plain = (bits.join("").match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, "0"), 2));
    const filter = filterOf(r);
    const filtered = plain.map((x, i) => {
      const [a, b, c] = [plain[i - step] ?? 0, above[i] ?? 0, above[i - step] ?? 0];
      const p = a + b - c;
      const nearest = [a, b, c].reduce((best, v) => (Math.abs(p - v) < Math.abs(p - best) ? v : best));
      return x - [0, a, b, Math.floor((a + b) / 2), nearest][filter];
    });
    rows.push(Uint8Array.from([filter, ...filtered]));
    above = plain;
  }
  return concatBytes(
    rows,
    rows.reduce((sum, { length }) => sum + length, 0),
  );
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(
    parts,
    parts.reduce((sum, { length }) => sum + length, 0),
  );
}

/** A file of one IDAT chunk; `between` lie before it. */
export async function png(header: Header, rows: Uint8Array, ...between: readonly Uint8Array[]): Promise<Uint8Array> {
  return join(signature, ihdr(header), ...between, chunk("IDAT", await deflate(rows)), chunk("IEND"));
}

/** The file with the checksum of each chunk made right, as far as its lengths lead. */
export function reseal(bytes: Uint8Array): Uint8Array {
  const sealed = Uint8Array.from(bytes);
  const view = new DataView(sealed.buffer);
  for (let at = 8; at + 12 <= sealed.length; ) {
    const end = at + 12 + view.getUint32(at);
    if (end > sealed.length) break;
    view.setUint32(end - 4, crc32(sealed.subarray(at + 4, end - 4)));
    at = end;
  }
  return sealed;
}
