import { describe, expect, it } from "vitest";
import { crc32 } from "./crc32.ts";
import { bytesOf, cut, expectRefusal, fromBase64, fuzz } from "./fuzz.testing.ts";
import { gunzip, gunzipIfNeeded, inflateRaw } from "./gzip.ts";
import { readNpy } from "./npy.ts";
import { writeNpy } from "./npyWrite.ts";
import { listNpz, readNpz, writeNpz } from "./npz.ts";
import { readAll } from "./source.ts";
import { readZipDirectory, writeZip } from "./zip.ts";

/** Files as NumPy 2.4 writes them: savez(a = [0, 1, 2] u1, b = [[1, 2], [3, 4]] f8), savez_compressed(a = [0, 1, 2] >i8). */
const STORED = fromBase64(
  "UEsDBC0AAAAAAAAAIQBI6mbs//////////8FABQAYS5ucHkBABAAgwAAAAAAAACDAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJ3x1MScsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgzLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAECUEsDBC0AAAAAAAAAIQAhNYtp//////////8FABQAYi5ucHkBABAAoAAAAAAAAACgAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxmOCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgyLCAyKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAAAAAAA8D8AAAAAAAAAQAAAAAAAAAhAAAAAAAAAEEBQSwECLQMtAAAAAAAAACEASOpm7IMAAACDAAAABQAAAAAAAAAAAAAAgAEAAAAAYS5ucHlQSwECLQMtAAAAAAAAACEAITWLaaAAAACgAAAABQAAAAAAAAAAAAAAgAG6AAAAYi5ucHlQSwUGAAAAAAIAAgBmAAAAkQEAAAAA",
);
const DEFLATED = fromBase64(
  "UEsDBC0AAAAIAAAAIQBq4OM6//////////8FABQAYS5ucHkBABAAmAAAAAAAAABKAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6XaaGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GsY6mjoKtQoUAC4GVMAIpZkAUEsBAi0DLQAAAAgAAAAhAGrg4zpKAAAAmAAAAAUAAAAAAAAAAAAAAIABAAAAAGEubnB5UEsFBgAAAAABAAEAMwAAAIEAAAAAAA==",
);
/** gzip of a saved [[1, 2]] u4. */
const GZIPPED = fromBase64(
  "H4sIAAAAAAACA5vsF+obEMnIUMZQrZ6SWpxcpG6loG5TaqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GoY6CkaaOgq1CmQDLkYGBgYmIAYAhyZEyIgAAAA=",
);

const read = (bytes: Uint8Array, array?: string) => readNpz(bytes, { where: "file", array });

async function compress(bytes: Uint8Array, format: "gzip" | "deflate-raw"): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream(format));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** An archive with one field of its directory entry (and local header) changed. */
function changed(archive: Uint8Array, centralOffset: number, value: number, bytes: 2 | 4 = 2): Uint8Array {
  const copy = archive.slice();
  const view = new DataView(copy.buffer);
  const start = view.getUint32(copy.length - 6, true);
  if (bytes === 2) view.setUint16(start + centralOffset, value, true);
  else view.setUint32(start + centralOffset, value, true);
  return copy;
}

describe("gzip", () => {
  it("reads a gzipped NPY in chunks of any length", async () => {
    for (const length of [1, 10, 1000]) {
      expect(Array.from((await readNpy(gunzip(cut(GZIPPED, length), "file"))).values)).toEqual([1, 2]);
    }
  });
  it("leaves other bytes alone", async () => {
    expect(await readAll(await gunzipIfNeeded(bytesOf("a,b"), "file"), "file")).toEqual(bytesOf("a,b"));
    expect((await readAll(await gunzipIfNeeded(GZIPPED, "file"), "file")).length).toBe(136);
    expect((await readAll(await gunzipIfNeeded(new Uint8Array(0), "file"), "file")).length).toBe(0);
  });
  it("reads several members as one text", async () => {
    const part = await compress(bytesOf("1,2\n"), "gzip");
    expect(await readAll(gunzip([part, part], "file"), "file")).toEqual(bytesOf("1,2\n1,2\n"));
  });
  it("can be left early", async () => {
    const large = await compress(new Uint8Array(5_000_000), "gzip");
    for await (const chunk of gunzip(cut(large, 100), "file")) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
  });
  it("passes on an error of the source", async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield GZIPPED.slice(0, 20);
      throw new Error("disk");
    }
    await expect(readAll(gunzip(failing(), "file"), "file")).rejects.toThrow("disk");
  });
  it("refuses damage, cuts and bombs", async () => {
    const plain = await compress(bytesOf("some text, some text, some text"), "gzip");
    const decompress = (bytes: Uint8Array) => () => readAll(gunzip(bytes, "file"), "file");
    for (const length of [1, 3, 9, 12, plain.length - 9, plain.length - 1]) {
      await expectRefusal(decompress(plain.slice(0, length)), "damaged or cut off");
    }
    for (const at of [0, 2, plain.length - 8, plain.length - 4]) {
      const copy = plain.slice();
      copy[at] ^= 0x55;
      await expectRefusal(decompress(copy), "damaged or cut off");
    }
    await expectRefusal(() => readAll(inflateRaw(Uint8Array.of(7, 7, 7), "file"), "file"), "damaged");
    await expectRefusal(decompress(await compress(new Uint8Array(120 * 2 ** 20), "gzip")), "at most 200 to 1");
    await expectRefusal(() => readAll(gunzip(plain, "file"), "file", 10), "at most 10");
  });
});

describe("NPZ files of NumPy", () => {
  it("reads stored arrays", async () => {
    expect(listNpz(STORED)).toEqual(["a", "b"]);
    expect(Array.from((await read(STORED, "a")).values)).toEqual([0, 1, 2]);
    expect(Array.from((await read(STORED, "b")).values)).toEqual([1, 2, 3, 4]);
  });
  it("reads a deflated array, which need not be named when it is the only one", async () => {
    expect(Array.from((await read(DEFLATED)).values)).toEqual([0, 1, 2]);
  });
  it("names the nearest array", async () => {
    await expectRefusal(() => read(STORED), 'one of "a", "b"; name the array');
    await expectRefusal(() => read(STORED, "B"), 'did you mean "b"?');
    await expectRefusal(() => read(writeZip([]), "a"), "without arrays");
  });
  it("reads what it writes", async () => {
    const file = writeNpz({
      x: { values: Float32Array.of(1, 2, 3, 4), shape: [2, 2] },
      y: { values: Uint8Array.of(9) },
    });
    expect(Array.from((await read(file, "x")).values)).toEqual([1, 2, 3, 4]);
    expect(Array.from((await read(file, "y")).values)).toEqual([9]);
  });
});

it("crc32 gives the check value of its standard", () => {
  expect(crc32(bytesOf("123456789"))).toBe(0xcbf43926);
  expect(crc32(bytesOf("6789"), crc32(bytesOf("12345")))).toBe(0xcbf43926);
});

describe("malformed NPZ files", () => {
  const array = writeNpy(Float32Array.of(1, 2));
  const good = writeNpz({ x: { values: Float32Array.of(1, 2) } });
  const named = (name: string) => writeZip([{ name, bytes: array }]);
  const start = good.length - 22 - 51; // of the directory: 46 bytes and the name x.npy
  const cases: readonly [string, Uint8Array, string | RegExp][] = [
    ["empty", new Uint8Array(0), "no zip directory"],
    ["only a magic", good.slice(0, 4), "no zip directory"],
    ["cut in the data", good.slice(0, 60), "no zip directory"],
    ["cut in the directory", good.slice(0, start + 20), "no zip directory"],
    ["cut in the end record", good.slice(0, -1), "no zip directory"],
    ["trailing bytes", Uint8Array.of(...good, 0), "no zip directory"],
    ["NUL bytes", new Uint8Array(100), "no zip directory"],
    ["bytes before the archive", Uint8Array.of(0, ...good), "wrong place"],
    ["several disks", set(good, good.length - 18, 1), "several parts"],
    [
      "zip64 end",
      set(
        set(set(set(good, good.length - 12, 65535), good.length - 14, 65535), good.length - 10, 65535),
        good.length - 8,
        65535,
      ),
      "zip64",
    ],
    ["too many entries", set(set(good, good.length - 12, 2), good.length - 14, 2), "directory entry"],
    ["too few entries", set(set(good, good.length - 12, 0), good.length - 14, 0), "trailing bytes in the directory"],
    ["damaged directory", set(good, start, 0), "directory entry"],
    ["long name", changed(good, 28, 60000), "leaves the directory"],
    ["long comment", changed(good, 32, 60000), "leaves the directory"],
    ["encrypted", changed(good, 8, 1), "encrypted"],
    ["strongly encrypted", changed(good, 8, 0x40), "encrypted"],
    ["lzma", changed(good, 10, 14), "method 14"],
    ["zip64 entry", changed(changed(good, 24, 0xffffffff, 4), 20, 0xffffffff, 4), "zip64 entry"],
    ["stored with two sizes", changed(good, 24, 5, 4), "stored bytes"],
    ["declared bomb", changed(changed(good, 10, 8), 24, 2 ** 31, 4), "at most 200 to 1"],
    ["not deflated", changed(good, 10, 8), /damaged|bytes/],
    ["wrong checksum", changed(good, 16, 1, 4), "checksum"],
    ["damaged data", set(good, 35 + 128, 7), "checksum"],
    ["longer than the file", changed(changed(good, 20, 9999, 4), 24, 9999, 4), "overlaps"],
    ["shifted local header", changed(good, 42, 1, 4), "a local header"],
    ["damaged local header", set(good, 0, 0), "local header"],
    ["long local name", set(good, 26, 60000), "cut off entry"],
    ["parent folder", named("../x.npy"), "leaves the archive"],
    ["inner parent folder", named("a/../../x.npy"), "leaves the archive"],
    ["backslash parent", named("..\\x.npy"), "leaves the archive"],
    ["absolute path", named("/x.npy"), "leaves the archive"],
    ["drive letter", named("C:x.npy"), "leaves the archive"],
    [
      "doubled name",
      writeZip([
        { name: "x.npy", bytes: array },
        { name: "x.npy", bytes: array },
      ]),
      "doubled name",
    ],
    ["not an array", writeZip([{ name: "x.npy", bytes: bytesOf("text") }]), "magic"],
    ["no array", writeZip([{ name: "x.txt", bytes: bytesOf("text") }]), "save a spreadsheet as CSV"],
  ];
  for (const [name, bytes, text] of cases) it(name, () => expectRefusal(() => read(bytes), text));

  it("overlapping entries", async () => {
    const two = writeZip([
      { name: "x.npy", bytes: array },
      { name: "y.npy", bytes: array },
    ]);
    const view = new DataView(two.buffer);
    view.setUint32(view.getUint32(two.length - 6, true) + 51 + 42, 4, true);
    await expectRefusal(() => read(two, "x"), "overlaps");
  });
  it("a deflated entry longer or shorter than declared", async () => {
    const packed = await compress(array, "deflate-raw");
    for (const declared of [array.length - 1, array.length + 1]) {
      let file = writeZip([{ name: "x.npy", bytes: packed }]);
      file = changed(changed(file, 10, 8), 24, declared, 4);
      await expectRefusal(() => read(file), /declared|bytes/);
    }
  });
  it("3,000 mutants", async () => {
    await fuzz([good, DEFLATED, STORED], 3000, async (bytes) => {
      for (const name of readZipDirectory(bytes, "file").map((entry) => entry.name))
        await read(bytes, name.slice(0, -4));
    });
  });
});

function set(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  new DataView(copy.buffer).setUint16(at, value, true);
  return copy;
}
