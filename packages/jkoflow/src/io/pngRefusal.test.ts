import { describe, it } from "vitest";
import { expectRefusal } from "./fuzz.testing.ts";
import { chunk, deflate, ihdr, join, packRows, png, reseal, signature } from "./png.testing.ts";
import { readPng } from "./png.ts";

describe("malformed files", async () => {
  const header = { width: 3, height: 2, depth: 8, type: 0 };
  const rows = packRows(header, [1, 2, 3, 4, 5, 6], () => 0);
  const good = await png(header, rows);
  const idat = chunk("IDAT", await deflate(rows));
  const end = chunk("IEND");
  const file = (...parts: Uint8Array[]): Uint8Array => join(signature, ...parts);
  const withByte = (at: number, value: number): Uint8Array => Uint8Array.from(good, (b, i) => (i === at ? value : b));
  const half = idat.subarray(8, 12);
  const palette = { width: 2, height: 1, depth: 2, type: 3 };
  const colours = chunk("PLTE", [0, 0, 0, 9, 9, 9]);
  const [long, short] = [await deflate(join(rows, Uint8Array.of(0))), await deflate(rows.subarray(1))];
  const cases: Readonly<Record<string, readonly [Uint8Array, string | RegExp]>> = {
    empty: [new Uint8Array(0), "the file is cut off"],
    "a JPEG": [Uint8Array.of(255, 216, 255, 224, 0, 16, 74, 70), "save it as PNG"],
    "line ends translated": [withByte(4, 10), "byte 4: the byte 10, expected a PNG signature"],
    "only a signature": [signature, "byte 8: 8 bytes, expected chunks up to IEND"],
    "cut off in IDAT": [good.subarray(0, 45), "the file is cut off"],
    "no IEND": [good.subarray(0, good.length - 12), "the file is cut off"],
    "a chunk of 4 GB": [withByte(33, 255), "inside the file"],
    "a damaged byte": [withByte(20, 7), "IHDR at byte 8: another checksum"],
    "a damaged checksum": [withByte(good.length - 1, 0), /IEND at byte \d+: another checksum/],
    "a chunk without a name": [reseal(withByte(37, 0)), "byte 37: other bytes, expected four letters"],
    "an unknown chunk that counts": [file(ihdr(header), chunk("ABCD"), idat, end), "an unknown chunk"],
    "no IHDR": [file(idat, end), "IDAT first, expected IHDR"],
    "two IHDR": [file(ihdr(header), ihdr(header), idat, end), "a second IHDR"],
    "a short IHDR": [file(chunk("IHDR", [0, 0, 0, 1]), idat, end), "4 bytes, expected 13"],
    "no width": [file(ihdr({ ...header, width: 0 }), idat, end), "0 x 2 pixels"],
    "too wide": [file(ihdr({ ...header, width: 4097 }), idat, end), "at most 4096 x 4096; make it smaller"],
    "too high": [file(ihdr({ ...header, height: 2 ** 32 - 1 }), idat, end), "3 x 4294967295 pixels"],
    "colour type 5": [file(ihdr({ ...header, type: 5 }), idat, end), "colour type 5, expected 0, 2, 3, 4 or 6"],
    "bit depth 3": [file(ihdr({ ...header, depth: 3 }), idat, end), "bit depth 3 with colour type 0"],
    "RGB of 4 bits": [file(ihdr({ ...header, type: 2, depth: 4 }), idat, end), "expected one of 8, 16"],
    "another compression": [file(ihdr(header, [1, 0, 0]), idat, end), "compression method 1"],
    "another filter method": [file(ihdr(header, [0, 1, 0]), idat, end), "filter method 1"],
    interlaced: [file(ihdr(header, [0, 0, 1]), idat, end), "save it without interlacing"],
    "interlace method 2": [file(ihdr(header, [0, 0, 2]), idat, end), "interlace method 2"],
    "no IDAT": [file(ihdr(header), end), "no IDAT chunk"],
    "IDAT in two places": [file(ihdr(header), idat, chunk("tEXt"), idat, end), "IDAT after tEXt"],
    "IEND with content": [file(ihdr(header), idat, chunk("IEND", [1])), "1 bytes, expected none"],
    "bytes behind IEND": [join(good, Uint8Array.of(0)), "none behind IEND"],
    "a palette in a grey picture": [file(ihdr(header), colours, idat, end), "none in a grey picture"],
    "no palette": [file(ihdr(palette), idat, end), "pixels without a palette"],
    "a palette behind the pixels": [file(ihdr({ ...header, type: 2 }), idat, colours, end), "before tRNS and"],
    "two palettes": [file(ihdr(palette), colours, colours, idat, end), "one palette"],
    "a palette of 4 bytes": [file(ihdr(palette), chunk("PLTE", [1, 2, 3, 4]), idat, end), "1 to 4 colours"],
    "a palette of 5 colours": [file(ihdr(palette), chunk("PLTE", new Uint8Array(15)), idat, end), "1 to 4 colours"],
    "more alphas than colours": [file(ihdr(palette), colours, chunk("tRNS", [1, 2, 3]), idat, end), "1 to 2"],
    "alphas before the palette": [file(ihdr(palette), chunk("tRNS", [1]), colours, idat, end), "PLTE before it"],
    "a transparent grey of 3 bytes": [file(ihdr(header), chunk("tRNS", [1, 2, 3]), idat, end), "3 bytes, expected 2"],
    "tRNS beside alpha": [file(ihdr({ ...header, type: 4 }), chunk("tRNS", [1, 2]), idat, end), "no tRNS beside"],
    "a colour outside the palette": [
      await png(
        palette,
        packRows(palette, [1, 2], () => 0),
        colours,
      ),
      "row 0, column 1: colour 2, expected one of 2 in the palette",
    ],
    "filter 5": [
      await png(
        header,
        Uint8Array.from(rows, (b, i) => (i === 4 ? 5 : b)),
      ),
      "row 1: filter 5",
    ],
    "not zlib": [file(ihdr(header), chunk("IDAT", [1, 2, 3, 4]), end), "damaged or cut off data"],
    "a zlib stream cut off": [file(ihdr(header), chunk("IDAT", half), end), "damaged or cut off data"],
    "an empty IDAT": [file(ihdr(header), chunk("IDAT"), end), "damaged or cut off data"],
    "a row too many": [file(ihdr(header), chunk("IDAT", long), end), "more pixels, expected 8 bytes"],
    "a byte too few": [file(ihdr(header), chunk("IDAT", short), end), "7 bytes of pixels, expected 8"],
    "bytes behind the zlib stream": [
      file(ihdr(header), idat, chunk("IDAT", [0]), end),
      /bytes behind the pixels|damaged or cut off/,
    ],
    "a bomb": [
      file(ihdr(header), chunk("IDAT", await deflate(new Uint8Array(2 ** 20))), end),
      "more pixels, expected 8 bytes",
    ],
  };
  for (const [name, [bytes, hint]] of Object.entries(cases)) {
    it(`refuses ${name}`, () => expectRefusal(() => readPng(bytes, "file"), hint));
  }
});
