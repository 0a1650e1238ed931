/**
 * `node scripts/mutants.mjs [count] [reader ...]`: damaged files for every reader, 2,000 each by default. Half of them are
 * damaged anywhere, half inside what a checksum covers, with the checksum made right, so that many are accepted. A fault is
 * anything but a table or an InputError of one line. Works on the compiled packages.
 */
import { createHash } from "node:crypto";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync, gzipSync, inflateSync } from "node:zlib";
import { createKey, InputError, io } from "jkoflow";
import { createWords, drawBelow, normal } from "jkoflow/random";

const root = new URL("..", import.meta.url);
const cli = (path) => import(new URL(`packages/cli/dist/${path}.js`, root));
const { readParquetBlocks } = await cli("input/parquet");
const { openInput } = await cli("input/source");
const { readConfigFile } = await cli("config/runConfig");

const numbers = process.argv.slice(2).filter((word) => /^\d+$/.test(word));
const wanted = process.argv.slice(2).filter((word) => !/^\d+$/.test(word));
const count = Number(numbers[0] ?? 2000);

const bytesOf = (text) => new TextEncoder().encode(text);
const values = normal(createKey("mutants"), 120);

/** One to three of: cut off, flip bits, set a byte, insert, delete, double a part. */
function mutate(bytes, words) {
  let mutant = Buffer.from(bytes);
  for (let change = 1 + drawBelow(words, 3); change > 0; change--) {
    const at = drawBelow(words, mutant.length + 1);
    const kind = drawBelow(words, 6);
    const to = at + 1 + drawBelow(words, 8);
    if (kind === 0) mutant = mutant.subarray(0, at);
    else if (kind === 1 && at < mutant.length) mutant[at] ^= 1 << drawBelow(words, 8);
    else if (kind === 2 && at < mutant.length) mutant[at] = drawBelow(words, 256);
    else if (kind === 3)
      mutant = Buffer.concat([mutant.subarray(0, at), Buffer.from([drawBelow(words, 256)]), mutant.subarray(at)]);
    else if (kind === 4) mutant = Buffer.concat([mutant.subarray(0, at), mutant.subarray(to)]);
    else mutant = Buffer.concat([mutant.subarray(0, to), mutant.subarray(at)]);
  }
  return new Uint8Array(mutant);
}

/** One bit in the given part. */
function flip(bytes, words, from, to) {
  const mutant = Uint8Array.from(bytes);
  mutant[from + drawBelow(words, to - from)] ^= 1 << drawBelow(words, 8);
  return mutant;
}

const crcTable = Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});
function chunk(type, body) {
  const bytes = Buffer.alloc(12 + body.length);
  bytes.writeUInt32BE(body.length);
  bytes.set(bytesOf(type), 4);
  bytes.set(body, 8);
  let crc = -1;
  for (const byte of bytes.subarray(4, 8 + body.length)) crc = crcTable[(crc ^ byte) & 255] ^ (crc >>> 8);
  bytes.writeUInt32BE(~crc >>> 0, 8 + body.length);
  return bytes;
}
const SIGNATURE = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);
/** A picture of 9 x 7 pixels of a colour type, all five filters in its rows. */
function picture([type, depth, channels], words) {
  const width = Math.ceil((9 * channels * depth) / 8);
  const rows = Uint8Array.from({ length: 7 * (1 + width) }, (_, i) =>
    i % (1 + width) === 0 ? (i / (1 + width)) % 5 : drawBelow(words, 256),
  );
  const header = Uint8Array.of(0, 0, 0, 9, 0, 0, 0, 7, depth, type, 0, 0, 0);
  const palette =
    type === 3
      ? [
          chunk(
            "PLTE",
            Uint8Array.from({ length: 3 * 2 ** depth }, (_, i) => i % 256),
          ),
        ]
      : [];
  return new Uint8Array(
    Buffer.concat([SIGNATURE, chunk("IHDR", header), ...palette, chunk("IDAT", deflateSync(rows)), chunk("IEND", [])]),
  );
}
const TYPES = [[0, 1, 1], [0, 8, 1], [0, 16, 1], [2, 8, 3], [3, 4, 1], [3, 8, 1], [4, 8, 2], [6, 8, 4], [6, 16, 4]]; // biome-ignore format: a table
/** Damage under right checksums: of the pixels, of the header, or of a whole chunk. */
function repaired(png, words) {
  const parts = [];
  for (let at = 8; at < png.length; ) {
    const length = new DataView(png.buffer, png.byteOffset).getUint32(at);
    parts.push([new TextDecoder().decode(png.subarray(at + 4, at + 8)), png.subarray(at + 8, at + 8 + length)]);
    at += 12 + length;
  }
  const pixels = drawBelow(words, 4) > 0;
  const changed = parts.map(([type, body]) => {
    if (pixels && type === "IDAT")
      return chunk(type, deflateSync(flip(inflateSync(body), words, 0, inflateSync(body).length)));
    return chunk(type, !pixels && body.length > 0 && drawBelow(words, 2) === 0 ? mutate(body, words) : body);
  });
  return new Uint8Array(Buffer.concat([SIGNATURE, ...changed]));
}

/** Small Parquet files stand as base64 in the tests. */
const fixtures = fs.readFileSync(new URL("packages/cli/test/parquet.testing.ts", root), "utf8");
const parquet = [...fixtures.matchAll(/bytesOf\(\s*((?:"[^"]*"[\s+]*)+),?\s*\)/g)].map(
  ([, text]) =>
    new Uint8Array(Buffer.from([...text.matchAll(/"([^"]*)"/g)].map((match) => match[1]).join(""), "base64")),
);
async function readParquet(bytes) {
  const shell = { stdin: async function* () { yield bytes; } }; // biome-ignore format: short
  const input = await openInput("-", shell);
  const choose = (names) => names.flatMap((name, k) => (name === "word" ? [] : [k]));
  for await (const _ of readParquetBlocks(input, choose, { seconds: 2, secondsPerMegabyte: 0 }));
}

const csv = [
  'a,"b ""q""",c\r\n1.5,"2",-3e-2\r\n4,,NA\r\n',
  "1 2 3\n4 5 6\n",
  "x;y\n1;2\n3;4\n",
  `a,b\n${[...values].map((x, i) => `${x}${i % 2 ? "\n" : ","}`).join("")}`,
].map(bytesOf);
const npy = io.writeNpy(values, [40, 3]);
const npz = io.writeNpz({ x: { values, shape: [40, 3] } });
const tensors = io.writeSafetensors({
  tensors: new Map([
    ["w", { shape: [120], data: values }],
    ["i", { shape: [2], data: BigInt64Array.of(1n, 2n) }],
  ]),
  metadata: { kind: "x", note: "y" },
});
const configs = [
  {
    system: "jko-iflow",
    seed: 3,
    split: [0.8, 0.1, 0.1],
    settings: { blocks: 2, hidden: [8, 8] },
    columns: ["a", "b"],
  },
  {
    schema: { columnsAs: "auto", categorical: ["x"], bounds: { age: [0, null] } },
    dequantize: { y: 0.5 },
    missing: "median",
  },
].map((value) => bytesOf(JSON.stringify(value, null, 1)));

const folder = fs.mkdtempSync(join(tmpdir(), "jko-mutants-"));
const of = (files, read, repair) => ({ files, read, repair });
const anyCsv = (bytes) => io.readCsv(bytes, { where: "file", missing: "median", text: "drop" });
const READERS = {
  csv: of(csv, anyCsv, (file, words) => flip(file, words, 0, file.length)),
  "csv words": of(
    csv,
    (bytes) => io.readCsvWords(bytes, { where: "file", choose: (names) => names.map((_, k) => k) }),
    (file, words) => flip(file, words, 0, file.length),
  ),
  npy: of(
    [npy],
    (bytes) => io.readNpy(bytes, { where: "file", missing: "keep" }),
    (file, words) => flip(file, words, 128, file.length),
  ),
  npz: of(
    [npz],
    (bytes) => io.readNpz(bytes, { where: "file", missing: "keep" }),
    (_, words) => {
      const changed = new Float32Array(flip(new Uint8Array(values.buffer), words, 0, 480).buffer);
      return io.writeNpz({ x: { values: changed, shape: [[40, 3], [120], [3, 40], [60, 2]][drawBelow(words, 4)] } });
    },
  ),
  gzip: of(
    [gzipSync(csv[3]), gzipSync(npy)].map((file) => new Uint8Array(file)),
    (bytes) => io.readTable(bytes, { where: "file", missing: "keep" }),
    (_, words) =>
      new Uint8Array(gzipSync(drawBelow(words, 2) === 0 ? mutate(csv[3], words) : flip(npy, words, 0, npy.length))),
  ),
  png: of(
    TYPES.map((type) => picture(type, createWords(createKey("pictures")))),
    (bytes) => io.readPng(bytes, "file"),
    repaired,
  ),
  safetensors: of(
    [tensors],
    (bytes) => io.readSafetensors(bytes, "file"),
    (file, words) => flip(file, words, drawBelow(words, 3) === 0 ? 8 : file.length - 480, file.length),
  ),
  parquet: of(parquet.slice(0, 2), readParquet, (file, words) => flip(file, words, 4, Math.floor(0.7 * file.length))),
  config: of(
    configs,
    (bytes) => {
      const path = join(folder, "config.json");
      fs.writeFileSync(path, bytes);
      return readConfigFile(path);
    },
    (file, words) => flip(file, words, 0, file.length),
  ),
};

const unknown = wanted.find((name) => !Object.hasOwn(READERS, name));
if (unknown !== undefined) {
  console.error(`no reader ${unknown}, expected some of ${Object.keys(READERS).join(", ")}`);
  process.exit(2);
}
const row = (cells) =>
  console.log(`| ${cells.map((cell, k) => String(cell)[k === 0 ? "padEnd" : "padStart"](11)).join(" | ")} |`);
row(["reader", "mutants", "accepted", "refused", "faults", "slowest ms", "MB more"]);
let faults = 0;
for (const [name, { files, read, repair }] of Object.entries(READERS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const words = createWords(createKey(`mutants of ${name}`));
  const peak = process.resourceUsage().maxRSS;
  let [accepted, refused, wrong, slowest] = [0, 0, 0, 0];
  for (let i = 0; i < count; i++) {
    const file = files[i % files.length];
    const mutant = Math.floor(i / files.length) % 2 === 0 ? mutate(file, words) : repair(file, words);
    const start = performance.now();
    try {
      await read(mutant);
      accepted++;
    } catch (error) {
      if (error instanceof InputError && !error.message.includes("\n")) refused++;
      else {
        wrong++;
        const path = join(tmpdir(), `jko-mutant-${createHash("sha256").update(mutant).digest("hex").slice(0, 12)}`);
        fs.writeFileSync(path, mutant);
        console.error(`${name}, mutant ${i}, kept as ${path}: ${error.stack}`);
      }
    }
    slowest = Math.max(slowest, performance.now() - start);
  }
  faults += wrong;
  row([
    name,
    count,
    accepted,
    refused,
    wrong,
    Math.round(slowest),
    Math.round((process.resourceUsage().maxRSS - peak) / 1024),
  ]);
}
fs.rmSync(folder, { recursive: true });
process.exit(faults > 0 ? 1 : 0);
