import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf, expectRefusal, fuzz } from "./fuzz.testing.ts";
import { readSafetensors, type TensorFile, writeSafetensors } from "./safetensors.ts";
import { readSealed, verifySeal, writeSealed } from "./seal.ts";

const read = (bytes: Uint8Array) => readSafetensors(bytes, "file");

const example: TensorFile = {
  tensors: new Map([
    ["w", { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
    ["hash", { shape: [], data: Int32Array.of(-7) }],
    ["10", { shape: [1], data: Float64Array.of(Math.PI) }],
    ["bytes", { shape: [3], data: Uint8Array.of(1, 2, 3) }],
    ["none", { shape: [0, 4], data: new Uint32Array(0) }],
  ]),
  metadata: { format: "1", note: 'text with "hash":"quotes"' },
};

/** A file with any header text and data. */
function file(header: string, data: Uint8Array = new Uint8Array(8)): Uint8Array {
  const text = bytesOf(header);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

describe("safetensors", () => {
  it("reads what it writes", () => {
    const again = read(writeSafetensors(example));
    expect(new Map([...again.tensors].sort())).toEqual(new Map([...example.tensors].sort()));
    expect(again.metadata).toEqual(example.metadata);
  });
  it("reads a Node Buffer, whose slice() is no copy", () => {
    expect(read(Buffer.from(writeSafetensors(example)))).toEqual(example);
  });

  it("writes equal bytes for equal content in any order, arrays aligned", () => {
    const bytes = writeSafetensors(example);
    const turned = {
      tensors: new Map([...example.tensors].reverse()),
      metadata: { note: example.metadata.note, format: "1" },
    };
    expect(writeSafetensors(turned)).toEqual(bytes);
    expect(new DataView(bytes.buffer).getUint32(0, true) % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + bytes[0] + 256 * bytes[1])));
    expect(header["10"].data_offsets).toEqual([0, 8]);
    expect(header.bytes.data_offsets[1] - header.bytes.data_offsets[0]).toBe(3);
  });
  it("reads the example of the format's documentation", () => {
    const { tensors } = read(
      file('{"test":{"dtype":"I32","shape":[2,2],"data_offsets":[0,16]}}   ', new Uint8Array(16)),
    );
    expect(tensors.get("test")).toEqual({ shape: [2, 2], data: new Int32Array(4) });
    expect(read(file("{}", new Uint8Array(0)))).toEqual({ tensors: new Map(), metadata: {} });
  });
  it("round-trips any arrays (1,000 runs)", () => {
    const data = fc.oneof(
      fc.float32Array(),
      fc.float64Array(),
      fc.int8Array(),
      fc.uint8Array(),
      fc.int16Array(),
      fc.uint16Array(),
      fc.int32Array(),
      fc.uint32Array(),
      fc.bigInt64Array(),
      fc.bigUint64Array(),
    );
    const name = fc.string().filter((text) => text !== "__metadata__" && text !== "__proto__");
    const metadata = fc.dictionary(name, fc.string(), { noNullPrototype: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(name, data)), metadata, (list, map) => {
        const tensors = new Map(list.map(([key, values]) => [key, { shape: [values.length], data: values }]));
        const again = read(writeSafetensors({ tensors, metadata: map }));
        expect(again.metadata).toEqual(map);
        expect(again.tensors.size).toBe(tensors.size);
        for (const [key, { data: values }] of tensors) {
          const other = again.tensors.get(key)!.data;
          expect(other.constructor).toBe(values.constructor);
          expect(new Uint8Array(other.buffer)).toEqual(new Uint8Array(values.slice().buffer));
        }
      }),
      { numRuns: 1000, seed: 1 },
    );
  });
  it("refuses to write what could not be read", () => {
    const write = (name: string, shape: number[]) => () =>
      writeSafetensors({ tensors: new Map([[name, { shape, data: new Uint8Array(2) }]]), metadata: {} });
    expect(write("__metadata__", [2])).toThrow("another name");
    expect(write("x", [3])).toThrow("a shape of 2 elements");
    const metadata = Object.fromEntries([["__proto__", "x"]]);
    expect(() => writeSafetensors({ tensors: new Map(), metadata })).toThrow("another name");
  });
});

describe("sealed files", () => {
  const sealed = writeSealed(example);
  it("open when whole", () => {
    const { metadata } = readSealed(sealed);
    expect(metadata.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(verifySeal(sealed, metadata.hash)).toBe(metadata.hash);
    expect(readSafetensors(sealed).tensors.size).toBe(5);
  });
  it("are refused after the change of any bit", async () => {
    for (let at = 0; at < sealed.length; at++) {
      const copy = sealed.slice();
      copy[at] ^= 1 << (at % 8);
      await expectRefusal(() => readSealed(copy, "file"), "");
    }
  });
  it("are refused without or with another kind of hash", async () => {
    const plain = (hash: Record<string, string>) => writeSafetensors({ tensors: new Map(), metadata: hash });
    await expectRefusal(() => readSealed(plain({}), "file"), "no hash");
    await expectRefusal(() => readSealed(plain({ hash: "x" }), "file"), "other text");
    await expectRefusal(() => readSealed(plain({ hash: "0".repeat(64) }), "file"), "another hash");
    const escaped = file(`{"__metadata__":{"\\u0068ash":"${"0".repeat(64)}"}}`, new Uint8Array(0));
    await expectRefusal(() => readSealed(escaped, "file"), "other text");
  });
});

describe("malformed safetensors files", () => {
  const good = writeSafetensors(example);
  const entry = (dtype: string, shape: string, offsets: string) =>
    file(`{"a":{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}}`);
  const two = (first: string, second: string) =>
    file(
      `{"a":{"dtype":"U8","shape":[4],"data_offsets":${first}},"b":{"dtype":"U8","shape":[4],"data_offsets":${second}}}`,
    );
  const long = new Uint8Array(20);
  new DataView(long.buffer).setUint32(0, 100_000_001, true);
  const cases: readonly [string, Uint8Array, string | RegExp][] = [
    ["empty", new Uint8Array(0), "empty or cut off"],
    ["cut in the length", good.slice(0, 7), "empty or cut off"],
    ["only a length", good.slice(0, 8), "cut off"],
    ["cut in the header", good.slice(0, 100), "cut off"],
    ["cut before the data", good.slice(0, good.length - 39), "cut off"],
    ["cut in the data", good.slice(0, -1), "cut off"],
    ["trailing byte", Uint8Array.of(...good, 0), "trailing"],
    ["NUL bytes", new Uint8Array(64), "expected {"],
    ["header of length 0", file("", bytesOf("{}")), "expected {"],
    ["header above 100 MB", long, "at most 100000000"],
    ["header of 2^63", new Uint8Array(16).fill(0x80), "at most"],
    ["header longer than the file", file("{}").fill(99, 0, 1), "cut off"],
    ["header begins with a blank", file(" {}"), "expected {"],
    ["header begins with a byte order mark", file("\ufeff{}"), "expected {"],
    ["header is a list", file("[]"), "expected {"],
    ["header is damaged UTF-8", file("{}").fill(0xff, 9, 10), "UTF-8"],
    ["header is not JSON", file("{x}"), "a key in quotes"],
    ["header has trailing text", file("{} x"), "the end of the text"],
    ["deep header", file('{"a":'.repeat(70)), "64 levels"],
    ["doubled tensor", file('{"a":{},"a":{}}'), "again"],
    ["__proto__", file('{"__proto__":{}}'), "__proto__"],
    ["metadata is text", file('{"__metadata__":"x"}'), "strings"],
    ["metadata is a list", file('{"__metadata__":["x"]}'), "strings"],
    ["metadata holds a number", file('{"__metadata__":{"x":1}}'), "strings"],
    ["entry is null", file('{"a":null}'), "exactly dtype"],
    ["entry lacks the shape", file('{"a":{"dtype":"U8","data_offsets":[0,8]}}'), "exactly dtype"],
    ["entry has more", file('{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8],"x":1}}'), "exactly dtype"],
    ["unknown dtype", entry('"F7"', "[8]", "[0,8]"), "dtype"],
    ["dtype without an array", entry('"BF16"', "[4]", "[0,8]"), "one of F64"],
    ["dtype is a number", entry("8", "[8]", "[0,8]"), "dtype"],
    ["shape is a number", entry('"U8"', "8", "[0,8]"), "a list of integers"],
    ["negative shape", entry('"U8"', "[-8]", "[0,8]"), "a list of integers"],
    ["fractional shape", entry('"U8"', "[0.5]", "[0,8]"), "a list of integers"],
    ["product overflow", entry('"U8"', "[9007199254740991,9007199254740991]", "[0,8]"), "2^53"],
    ["shape overflow by item size", entry('"F64"', "[9007199254740991]", "[0,8]"), "2^53"],
    ["one offset", entry('"U8"', "[8]", "[8]"), "two integers"],
    ["offsets as text", entry('"U8"', "[8]", '["0","8"]'), "two integers"],
    ["offsets turned", entry('"U8"', "[8]", "[8,0]"), "as the shape says"],
    ["offsets against the shape", entry('"U8"', "[7]", "[0,8]"), "7 bytes as the shape says"],
    ["offset beyond the file", entry('"U8"', "[9]", "[0,9]"), "cut off"],
    ["hole at the start", entry('"U8"', "[4]", "[4,8]"), "without hole"],
    ["hole inside", two("[0,4]", "[5,9]"), "without hole"],
    ["overlap", two("[0,4]", "[3,7]"), "without hole or overlap"],
    ["the same bytes twice", two("[0,4]", "[0,4]"), "without hole or overlap"],
    ["hole at the end", entry('"U8"', "[4]", "[0,4]"), "trailing"],
  ];
  for (const [name, bytes, text] of cases) it(name, () => expectRefusal(() => read(bytes), text));
  it("10^4 mutants", async () => {
    await fuzz([good, writeSealed(example), entry('"U8"', "[8]", "[0,8]")], 10_000, read);
  });
});
