import { describe, expect, it } from "vitest";
import { createKey, normal } from "../random/index.ts";
import { bytesOf, cut, expectRefusal, fromBase64, fuzz } from "./fuzz.testing.ts";
import { readNpy, readNpyBlocks } from "./npy.ts";
import { writeNpy, writeNpyHeader } from "./npyWrite.ts";

/** Files as NumPy 2.4 writes them (`numpy.lib.format.write_array`). */
const NUMPY = {
  float32:
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAMA/AAAAwAAAQEBvEoM7",
  fortranBigEndian:
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPmY4JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMyksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAo/8AAAAAAAAEAQAAAAAAAAQAAAAAAAAABAFAAAAAAAAEAIAAAAAAAAQBoAAAAAAAA=",
  version2:
    "k05VTVBZAgB0AAAAeydkZXNjcic6ICc8aTInLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMywpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoHAPj/CQA=",
  version3:
    "k05VTVBZAwB0AAAAeydkZXNjcic6ICd8YjEnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAA==",
};

const read = (bytes: Uint8Array) => readNpy(bytes, { where: "file" });

/** A version 1 file with any header text and data. */
function npy(header: string, data: Uint8Array = new Uint8Array(8)): Uint8Array {
  const bytes = new Uint8Array(10 + header.length + data.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8]);
  bytes.set(bytesOf(header), 10);
  bytes.set(data, 10 + header.length);
  return bytes;
}

const literal = (descr: string, shape: string, order: string = "False"): string =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }\n`;

describe("NPY files of NumPy", () => {
  it("reads float32, C order", async () => {
    const table = await read(fromBase64(NUMPY.float32));
    expect(Array.from(table.values)).toEqual([1.5, -2, 3, Math.fround(4e-3)]);
    expect(table).toMatchObject({ rows: 2, columns: ["x1", "x2"], droppedRows: 0 });
  });
  it("reads big-endian float64 in Fortran order, in chunks of any length", async () => {
    for (const length of [1, 3, 7, 64, 1000]) {
      const table = await readNpy(cut(fromBase64(NUMPY.fortranBigEndian), length));
      expect(Array.from(table.values)).toEqual([1, 2, 3, 4, 5, 6.5]);
      expect(table.rows).toBe(2);
    }
  });
  it("reads versions 2 and 3, small integers and truth values", async () => {
    expect(Array.from((await read(fromBase64(NUMPY.version2))).values)).toEqual([7, -8, 9]);
    expect(Array.from((await read(fromBase64(NUMPY.version3))).values)).toEqual([1, 0]);
  });
  it("reads every kind of number in both byte orders", async () => {
    const kinds = { i1: 1, u1: 1, b1: 1, i2: 2, u2: 2, i4: 4, u4: 4, f4: 4, i8: 8, u8: 8, f8: 8 };
    for (const [kind, size] of Object.entries(kinds)) {
      for (const endian of ["<", ">"]) {
        const data = new Uint8Array(2 * size); // the values 1 and 0
        const one = kind === "f4" ? [0x3f, 0x80, 0, 0] : kind === "f8" ? [0x3f, 0xf0, 0, 0, 0, 0, 0, 0] : undefined;
        const bytes = one ?? [...new Array(size - 1).fill(0), 1];
        data.set(endian === ">" ? bytes : [...bytes].reverse());
        const table = await read(npy(literal(endian + kind, "(2,)"), data));
        expect([kind, endian, ...table.values]).toEqual([kind, endian, 1, 0]);
      }
    }
  });
  it("reads header entries in any order, with double quotes and Python 2 integers", async () => {
    const table = await read(npy(`{"shape": (2L, 1L), "descr": "<f4", "fortran_order": True}`));
    expect(table.rows).toBe(2);
  });
});

describe("writeNpy", () => {
  it("gives the bytes of NumPy", () => {
    expect(writeNpy(Float32Array.of(1.5, -2, 3, 4e-3), [2, 2])).toEqual(fromBase64(NUMPY.float32));
    expect(writeNpyHeader("f4", [5]).length % 64).toBe(0);
  });
  it("keeps every bit", async () => {
    const values = normal(createKey(1), 3000);
    for (const length of [11, 4096])
      expect((await readNpy(cut(writeNpy(values, [1000, 3]), length))).values).toEqual(values);
    const wide = Float64Array.of(1, 2 ** 40);
    expect(Array.from((await readNpy(writeNpy(wide))).values)).toEqual([1, 2 ** 40]);
    expect(Array.from((await readNpy(writeNpy(Int32Array.of(-5)))).values)).toEqual([-5]);
    expect(Array.from((await readNpy(writeNpy(Uint8Array.of(255)))).values)).toEqual([255]);
  });
  it("refuses a wrong shape", () => {
    expect(() => writeNpy(new Float32Array(3), [2, 2])).toThrow("shape (2, 2)");
  });
});

describe("missing values", () => {
  const file = writeNpy(Float32Array.of(1, Number.NaN, 3, 4, 5, Number.POSITIVE_INFINITY, 7, 8), [4, 2]);
  it("stop with row and column", async () => {
    await expectRefusal(() => read(file), "file: row 1, column x2: NaN");
    await expectRefusal(() => read(writeNpy(Float64Array.of(1, 1e300), [1, 2])), "too large for float32");
  });
  it("drop their rows or columns, or take the median", async () => {
    const rows = await readNpy(file, { missing: "drop-rows" });
    expect([Array.from(rows.values), rows.droppedRows]).toEqual([[3, 4, 7, 8], 2]);
    const columns = await readNpy(file, { missing: "drop-columns" });
    expect([Array.from(columns.values), columns.columns, columns.droppedColumns]).toEqual([
      [1, 3, 5, 7],
      ["x1"],
      ["x2"],
    ]);
    const median = await readNpy(file, { missing: "median" });
    expect([Array.from(median.values), median.imputedCells]).toEqual([[1, 6, 3, 4, 5, 6, 7, 8], 2]);
    const odd = await readNpy(writeNpy(Float32Array.of(1, 9, 2, Number.NaN)), { missing: "median" });
    expect(Array.from(odd.values)).toEqual([1, 9, 2, 2]);
  });
  it("are an error when nothing is left", async () => {
    const empty = writeNpy(Float32Array.of(Number.NaN, Number.NaN), [2, 1]);
    for (const missing of ["drop-rows", "drop-columns", "median"] as const) {
      await expectRefusal(() => readNpy(empty, { where: "file", missing }), /missing value in every|no value at all/);
    }
  });
});

describe("readNpyBlocks", () => {
  it("gives all rows in order", async () => {
    const values = normal(createKey(2), 35);
    const blocks = [];
    for await (const block of readNpyBlocks(cut(writeNpy(values, [7, 5]), 50), 3)) blocks.push(block);
    expect(blocks.map((b) => [b.firstRow, b.rows, b.columns])).toEqual([
      [0, 3, 5],
      [3, 3, 5],
      [6, 1, 5],
    ]);
    expect(blocks.flatMap((b) => Array.from(b.values))).toEqual(Array.from(values));
  });
  /** The same [7, 5] array in C and in Fortran order, of every kind whose numbers may be these. */
  const small = Array.from({ length: 35 }, (_, i) => (i * 11) % 29);
  for (const kind of ["f4", "f8", "i1", "i4", "i8", "u2"] as const) {
    it(`gives the bits of C order for Fortran order, ${kind}, from a stream and from a file`, async () => {
      const arrays = { i1: Int8Array, i4: Int32Array, i8: BigInt64Array, u2: Uint16Array };
      const data = (values: readonly number[]): Uint8Array => {
        if (kind === "i8") return new Uint8Array(BigInt64Array.from(values, (x) => BigInt(x)).buffer);
        const typed = { f4: Float32Array, f8: Float64Array, ...arrays }[kind];
        return new Uint8Array(typed.from(values.map((x) => (kind.startsWith("f") ? x / 7 : x))).buffer);
      };
      const transposed = small.map((_, at) => small[(at % 7) * 5 + Math.floor(at / 7)]);
      const file = (order: string, values: readonly number[]) =>
        npy(literal(`<${kind}`.replace("<i1", "|i1"), "(7, 5)", order), data(values));
      const [c, fortran] = [file("False", small), file("True", transposed)];
      const readAt = (start: number, length: number) => fortran.slice(start, start + length);
      const wanted = Array.from((await readNpy(c)).values);
      expect(wanted).toHaveLength(35);
      for (const options of [{}, { readAt }]) {
        expect(Array.from((await readNpy(cut(fortran, 9), options)).values)).toEqual(wanted);
        const blocks = [];
        for await (const block of readNpyBlocks(cut(fortran, 9), 3, options)) blocks.push(block);
        expect(blocks.map(({ rows }) => rows)).toEqual([3, 3, 1]);
        expect(blocks.flatMap(({ values }) => Array.from(values))).toEqual(wanted);
      }
      const short = { where: "file", readAt: (start: number, length: number) => readAt(start, length).slice(0, -1) };
      await expectRefusal(() => readNpy(fortran, short), "the file is cut off");
      const long = { where: "file", readAt: (start: number) => new Uint8Array(start > 0 ? 1 : 0) };
      await expectRefusal(() => readNpy(fortran, long), "trailing bytes");
    });
  }
  it("reads half floats", async () => {
    // Values of numpy.float16: 1, -2, 65504 (the largest), 2^-24 (the smallest), 1/3 rounded to 0.333251953125.
    const bits = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x3555);
    const table = await read(npy(literal("<f2", "(5,)"), new Uint8Array(bits.buffer)));
    expect(Array.from(table.values)).toEqual([1, -2, 65504, 2 ** -24, 0.333251953125]);
    await expectRefusal(() => read(npy(literal("<f2", "(1,)"), Uint8Array.of(0, 0x7c))), "Infinity");
    await expectRefusal(() => read(npy(literal("<f2", "(1,)"), Uint8Array.of(1, 0x7c))), "NaN");
  });
});

describe("malformed NPY files", () => {
  const good = writeNpy(Float32Array.of(1, 2));
  const header = literal("<f4", "(2,)");
  const cases: readonly [string, Uint8Array, string | RegExp][] = [
    ["empty", new Uint8Array(0), "empty file"],
    ["one byte", good.slice(0, 1), "magic"],
    ["cut in the magic", good.slice(0, 7), "magic"],
    ["cut in the header length", good.slice(0, 9), "cut off"],
    ["cut in the header", good.slice(0, 50), "cut off"],
    ["cut before the data", good.slice(0, 128), "cut off"],
    ["cut in an element", good.slice(0, 134), "cut off"],
    ["trailing byte", Uint8Array.of(...good, 0), "trailing"],
    ["other magic", Uint8Array.of(...good.slice(0, 5), 0x5a, ...good.slice(6)), "magic"],
    ["NUL bytes", new Uint8Array(200), "magic"],
    ["version 0", Uint8Array.of(...good.slice(0, 6), 0, ...good.slice(7)), "version 0.0"],
    ["version 4", Uint8Array.of(...good.slice(0, 6), 4, ...good.slice(7)), "version 4.0"],
    ["version 1.1", Uint8Array.of(...good.slice(0, 7), 1, ...good.slice(8)), "version 1.1"],
    ["version 2 with a length of 4 GB", Uint8Array.of(...good.slice(0, 6), 2, 0, 255, 255, 255, 255), "64 kB"],
    ["header is a call", npy("__import__('os').system('true')"), "literal"],
    ["header is a list", npy("[1, 2]"), "literal"],
    ["header is empty", npy(""), "literal"],
    ["shape is an expression", npy(literal("<f4", "(1+1,)")), "literal"],
    ["shape is a number", npy(literal("<f4", "2")), "literal"],
    ["shape in brackets", npy(literal("<f4", "(2)")), "literal"],
    ["negative shape", npy(literal("<f4", "(-2,)")), "literal"],
    ["order is a number", npy(literal("<f4", "(2,)", "0")), "literal"],
    ["order is text", npy(literal("<f4", "(2,)", "'True'")), "literal"],
    ["doubled key", npy(header.replace("fortran_order': False", "descr': '<f8'")), "literal"],
    ["missing key", npy("{'descr': '<f4', 'shape': (2,)}"), "literal"],
    ["additional key", npy(header.replace("}", "'a': 1}")), "literal"],
    ["no comma", npy(header.replace(", 'shape'", " 'shape'")), "literal"],
    ["object array", npy(literal("|O", "(2,)")), "never unpickled"],
    ["structured array", npy(literal("<f4", "(2,)").replace("'<f4'", "[('a', '<f4')]")), "literal"],
    ["long doubles", npy(literal("<f16", "(2,)")), "astype"],
    ["text", npy(literal("<U4", "(2,)")), "dtype"],
    ["complex numbers", npy(literal("<c8", "(2,)")), "dtype"],
    ["no byte order", npy(literal("|f4", "(2,)")), "byte order"],
    ["no dimension", npy(literal("<f4", "()")), "0 dimensions"],
    ["three dimensions", npy(literal("<f4", "(2, 1, 1)")), "3 dimensions"],
    ["no rows", npy(literal("<f4", "(0, 3)"), new Uint8Array(0)), "at least one row"],
    ["2^53 rows", npy(literal("<f4", "(9007199254740992,)")), "2^53"],
    ["product overflow", npy(literal("<f4", "(4294967296, 4294967296)")), "2^53"],
    ["a long number", npy(literal("<f4", "(99999999999999999999,)")), "literal"],
    ["a terabyte declared", npy(literal("<f8", "(100000000000, 10)")), "cut off"],
  ];
  for (const [name, bytes, text] of cases) it(name, () => expectRefusal(() => read(bytes), text));
  it("10^4 mutants", async () => {
    await fuzz([good, fromBase64(NUMPY.fortranBigEndian), fromBase64(NUMPY.version2), npy(header)], 10_000, read);
  });
});
