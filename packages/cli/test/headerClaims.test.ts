/**
 * Headers that claim more than their file holds: refused in one line, before memory is asked for. The bound is that of the
 * whole process: three times the file and 100 MB above what it had (its high-water mark, which only rises).
 */
import fs from "node:fs";
import { join } from "node:path";
import { deflateRawSync, gzipSync } from "node:zlib";
import { io } from "jkoflow";
import { describe, expect, it } from "vitest";
import { refusalOf } from "../../jkoflow/src/io/fuzz.testing.ts";
import { configDefaults } from "../src/config/runConfig.ts";
import { openTable } from "../src/input/openTable.ts";
import { readWhole } from "../src/input/readWhole.ts";
import { folder } from "./command.testing.ts";
import { nulls } from "./parquet.testing.ts";
import { shellOf } from "./shell.testing.ts";

const MEGABYTE = 2 ** 20;
const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const joined = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** An NPY file of 128 bytes and a header of any claim. */
function npy(shape: string, order = "False", descr = "<f4"): Uint8Array {
  const header = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`.padEnd(117);
  return joined(Uint8Array.of(0x93, ...text("NUMPY"), 1, 0, 118, 0), text(`${header}\n`));
}

/** A zip archive of one entry. */
function npz(content: Uint8Array, method: "stored" | "deflate"): Uint8Array {
  const stored = io.writeNpz({ x: { values: Float32Array.of(1) } });
  const name = stored.subarray(30, 35);
  const packed = method === "stored" ? content : new Uint8Array(deflateRawSync(content));
  const header = (magic: number, more: number): Uint8Array => {
    const bytes = Buffer.alloc(more === 0 ? 30 : 46);
    bytes.writeUInt32LE(magic, 0);
    const at = more === 0 ? 4 : 6;
    bytes.writeUInt16LE(20, at);
    bytes.writeUInt16LE(method === "stored" ? 0 : 8, at + 4);
    bytes.writeUInt32LE(packed.length, at + 14);
    bytes.writeUInt32LE(content.length, at + 18);
    bytes.writeUInt16LE(name.length, at + 22);
    return bytes;
  };
  const local = joined(header(0x04034b50, 0), name, packed);
  const central = joined(header(0x02014b50, 1), name);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return joined(local, central, end);
}

/** A PNG header of 16-bit RGBA and a few bytes of pixels. */
function png(width: number, height: number): Uint8Array {
  const crcTable = Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c;
  });
  const chunk = (type: string, body: Uint8Array): Uint8Array => {
    const bytes = Buffer.alloc(12 + body.length);
    bytes.writeUInt32BE(body.length, 0);
    bytes.set(text(type), 4);
    bytes.set(body, 8);
    let crc = -1;
    for (const byte of bytes.subarray(4, 8 + body.length)) crc = crcTable[(crc ^ byte) & 255] ^ (crc >>> 8);
    bytes.writeUInt32BE(~crc >>> 0, 8 + body.length);
    return bytes;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([16, 6, 0, 0, 0], 8);
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return joined(signature, chunk("IHDR", header), chunk("IDAT", new Uint8Array(64)), chunk("IEND", new Uint8Array(0)));
}

function safetensors(header: string): Uint8Array {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(header.length), true);
  return joined(length, text(header));
}

/** The file of 40 rows whose footer says, in each of its places, that there are `rows`. */
function parquet(rows: bigint): Uint8Array {
  const bytes = Buffer.from(nulls);
  const start = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
  const varint: number[] = [];
  for (let rest = 2n * rows; ; rest >>= 7n) {
    varint.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    if (rest <= 127n) break;
  }
  const footer: number[] = [];
  // 0x16 is the next field, an int64; 80 is 40 in zigzag.
  for (let at = start; at < bytes.length - 8; at++) {
    footer.push(bytes[at]);
    if (bytes[at] === 0x16 && bytes[at + 1] === 80) footer.push(...varint) && at++;
  }
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return joined(bytes.subarray(0, start), Uint8Array.from(footer), length, text("PAR1"));
}

const shapes = [
  "(1, 20000000)",
  "(1, 200000000)",
  "(2, 2147483648)",
  "(1, 4294967296)",
  "(1, 2000000000000000)",
  "(3000000000, 1)",
  "(9007199254740991, 1)",
  "(9007199254740992,)",
  "(99999999999999999, 99999999999999999)",
  "(4000000000, 1000000)",
  "(1, 1048577)",
  "(1000000000, 1048576)",
];

const tables: [name: string, bytes: Uint8Array][] = [
  ...shapes.flatMap((shape): [string, Uint8Array][] => [
    [`NPY ${shape}`, npy(shape)],
    [`NPY ${shape} of bytes`, npy(shape, "False", "|u1")],
    [`NPY ${shape} in Fortran order`, npy(shape, "True")],
    [`NPY ${shape}, gzip`, gzipSync(npy(shape))],
    [`NPZ ${shape}`, npz(npy(shape), "stored")],
    [`NPZ ${shape}, deflate`, npz(npy(shape), "deflate")],
    [`NPZ ${shape}, gzip`, gzipSync(npz(npy(shape), "stored"))],
  ]),
  ...[41n, 2n ** 20n, 2n ** 28n, 2n ** 31n - 1n, 2n ** 40n, 2n ** 62n].map((rows): [string, Uint8Array] => [
    `Parquet of ${rows} rows`,
    parquet(rows),
  ]),
  ["CSV of 2^20 + 1 columns", text(`${",".repeat(2 ** 20)}\n1,2\n`)],
];

const others: [name: string, read: () => unknown][] = [
  ...[4096, 65_535, 2 ** 31, 2 ** 32 - 1].map((side): [string, () => unknown] => [
    `PNG of ${side} x ${side}`,
    () => io.readPng(png(side, side), "file"),
  ]),
  ...["[1000000000]", "[9007199254740991]", "[4294967296,4294967296]", "[1e300]"].map(
    (shape): [string, () => unknown] => [
      `safetensors ${shape}`,
      () => io.readSafetensors(safetensors(`{"x":{"dtype":"F64","shape":${shape},"data_offsets":[0,8]}}`), "file"),
    ],
  ),
  [
    "safetensors with offsets behind its end",
    () => io.readSafetensors(safetensors('{"x":{"dtype":"U8","shape":[4000000000],"data_offsets":[0,4000000000]}}')),
  ],
  [
    "safetensors with a header of 2^62 bytes",
    () => io.readSafetensors(joined(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0x40), text("{}"))),
  ],
];

const peak = (): number => process.resourceUsage().maxRSS * 1024;

async function expectCheapRefusal(read: () => unknown, bytes: number): Promise<void> {
  const before = peak();
  await refusalOf(read);
  expect(peak() - before).toBeLessThan(3 * bytes + 100 * MEGABYTE);
}

describe("a header that claims too much", () => {
  const path = join(folder(), "file");
  it.each(tables)("%s", async (_, bytes) => {
    fs.writeFileSync(path, bytes);
    await expectCheapRefusal(
      () => openTable(path, shellOf()).then((file) => readWhole(file, configDefaults)),
      bytes.length,
    );
  });
  it.each(others)("%s", async (_, read) => expectCheapRefusal(read, 0));
});

describe("a header that claims what its file holds", () => {
  it("is read up to the most columns, whose names are made at the end", async () => {
    const table = await io.readTable(io.writeNpy(new Float32Array(2 ** 20), [1, 2 ** 20]));
    expect([table.rows, table.columns.length, table.columns.at(-1)]).toEqual([1, 2 ** 20, `x${2 ** 20}`]);
  });
});
