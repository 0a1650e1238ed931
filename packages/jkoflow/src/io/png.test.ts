import { describe, expect, it } from "vitest";
import { createKey, createWords, drawBelow, fold } from "../random/index.ts";
import { cut, fromBase64, fuzz } from "./fuzz.testing.ts";
import {
  chunk,
  deflate,
  type Header,
  ihdr,
  join,
  packRows,
  png,
  reseal,
  samplesPerRow,
  signature,
} from "./png.testing.ts";
import { readPng } from "./png.ts";

const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};
const FORMATS = Object.entries(DEPTHS).flatMap(([type, depths]) => depths.map((depth) => [Number(type), depth]));
const PALETTE = Array.from({ length: 768 }, (_, i) => (i * 37 + 11) % 256);

const paletteOf = ({ type, depth }: Header): Uint8Array[] =>
  type === 3 ? [chunk("PLTE", PALETTE.slice(0, 3 * 2 ** depth))] : [];

function samplesOf(header: Header): number[] {
  const words = createWords(fold(createKey("png"), header.type, header.depth));
  return Array.from({ length: header.height * samplesPerRow(header) }, () => drawBelow(words, 2 ** header.depth));
}

/** What the samples mean, by the textbook. */
function greyOf(header: Header, samples: readonly number[]): number[] {
  const most = 2 ** header.depth - 1;
  const channels = samplesPerRow(header) / header.width;
  return Array.from({ length: header.width * header.height }, (_, i) => {
    const s = samples.slice(i * channels, (i + 1) * channels).map((v) => v / most);
    if (header.type === 3) {
      const [r, g, b] = PALETTE.slice(3 * samples[i], 3 * samples[i] + 3);
      return (0.299 * r + 0.587 * g + 0.114 * b) / 255;
    }
    const colour = header.type === 0 || header.type === 4 ? s[0] : 0.299 * s[0] + 0.587 * s[1] + 0.114 * s[2];
    const alpha = header.type >= 4 ? s[channels - 1] : 1;
    return colour * alpha + 1 - alpha;
  });
}

function expectClose(grey: Float64Array, wanted: readonly number[]): void {
  expect(grey.length).toBe(wanted.length);
  for (const [i, value] of wanted.entries()) expect(Math.abs(grey[i] - value)).toBeLessThan(1e-12);
}

describe("readPng", () => {
  for (const [type, depth] of FORMATS) {
    it(`reads colour type ${type} of ${depth} bits, with all filters`, async () => {
      const header = { width: 13, height: 11, depth, type };
      const samples = samplesOf(header);
      const wanted = greyOf(header, samples);
      const filters = [0, 1, 2, 3, 4].map((filter) => (): number => filter);
      for (const filterOf of [...filters, (row: number): number => (row + 1) % 5]) {
        const file = await png(header, packRows(header, samples, filterOf), ...paletteOf(header));
        const { width, height, grey } = await readPng(file);
        expect([width, height]).toEqual([13, 11]);
        expectClose(grey, wanted);
      }
    });
  }
  it("reads files of other programs", async () => {
    const clear = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=";
    expect(await readPng(fromBase64(clear))).toEqual({ width: 1, height: 1, grey: Float64Array.of(1) });
    // Red, green, blue; black, white, clear. Written by resvg.
    const six =
      "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAYAAACddGYaAAAAG0lEQVR4nBXFsQEAAAxEQL//0CKKM8GHWLNYHXAACAFG7KBHAAAAAElFTkSuQmCC";
    expectClose((await readPng(fromBase64(six))).grey, [0.299, 0.587, 0.114, 0, 1, 1]);
  });
  it("makes white 1 and black 0 without rounding", async () => {
    for (const [type, depth] of FORMATS) {
      if (type === 3) continue;
      const header = { width: 2, height: 1, depth, type };
      const most = 2 ** depth - 1;
      const black = { 0: [0], 2: [0, 0, 0], 4: [0, most], 6: [0, 0, 0, most] }[type]!;
      const samples = [...black.map(() => most), ...black];
      const { grey } = await readPng(
        await png(
          header,
          packRows(header, samples, () => 4),
        ),
      );
      expect([...grey]).toEqual([1, 0]);
    }
  });
  it("puts transparent colours on white", async () => {
    const read = async (type: number, depth: number, samples: number[], ...between: Uint8Array[]) => {
      const header = { width: 2, height: 1, depth, type };
      return [
        ...(
          await readPng(
            await png(
              header,
              packRows(header, samples, () => 0),
              ...between,
            ),
          )
        ).grey,
      ];
    };
    expect(await read(0, 4, [3, 6], chunk("tRNS", [0xff, 0xf3]))).toEqual([1, 0.4]); // higher bits do not count
    expect(await read(0, 16, [0x0102, 0], chunk("tRNS", [1, 2]))).toEqual([1, 0]);
    expect(await read(2, 8, [0, 0, 5, 0, 0, 0], chunk("tRNS", [0, 0, 0, 0, 0, 5]))).toEqual([1, 0]);
    expect(await read(3, 1, [0, 1], chunk("PLTE", [0, 0, 0, 0, 0, 0]), chunk("tRNS", [51]))).toEqual([0.8, 0]);
    expect(await read(2, 8, [0, 0, 0, 255, 255, 255], chunk("PLTE", [1, 2, 3]))).toEqual([0, 1]); // a suggestion
  });
  it("joins IDAT chunks, passes over other chunks and reads a part of a larger array", async () => {
    const header = { width: 13, height: 11, depth: 16, type: 6 };
    const samples = samplesOf(header);
    const packed = await deflate(packRows(header, samples, (row) => row % 5));
    const parts = [...cut(packed, 3)].map((part) => chunk("IDAT", part));
    const file = join(
      signature,
      ihdr(header),
      chunk("gAMA", [0, 0, 177, 143]),
      chunk("IDAT"),
      ...parts,
      chunk("tIME"),
      chunk("IEND"),
    );
    const { grey } = await readPng(join(new Uint8Array(5), file, new Uint8Array(5)).subarray(5, 5 + file.length));
    expectClose(grey, greyOf(header, samples));
  });
});

describe("damaged files", async () => {
  const header = { width: 5, height: 4, depth: 8, type: 0 };
  const files = await Promise.all(
    FORMATS.map(([type, depth]) => {
      const format = { ...header, type, depth };
      return png(
        format,
        packRows(format, samplesOf(format), (row) => row + 1),
        ...paletteOf(format),
      );
    }),
  );
  it("give pixels or an InputError", () => fuzz(files, 500, (bytes) => readPng(bytes)));
  it("also with valid checksums", () => fuzz(files, 500, (bytes) => readPng(reseal(bytes))));
  it("also with a valid zlib stream", async () => {
    const rows = packRows(header, samplesOf(header), (row) => row + 1);
    await fuzz([rows], 200, async (bytes) => readPng(await png(header, bytes)));
  });
});
