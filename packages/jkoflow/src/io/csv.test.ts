import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createKey, normal } from "../random/index.ts";
import { type CsvBlock, readCsv, readCsvBlocks } from "./csv.ts";
import type { CsvBlockOptions, CsvOptions } from "./csvPlan.ts";
import { writeCsv } from "./csvWrite.ts";
import { bytesOf, cut, expectRefusal, fuzz } from "./fuzz.testing.ts";
import { readAll } from "./source.ts";

const read = (text: string | Uint8Array, options: CsvOptions = {}) =>
  readCsv(typeof text === "string" ? bytesOf(text) : text, { where: "file", ...options });

async function cells(text: string | Uint8Array, options: CsvOptions = {}): Promise<unknown[]> {
  const table = await read(text, options);
  return [table.columns.join("|"), ...table.values];
}

describe("readCsv finds how the text is written", () => {
  it("comma, tab, semicolon, blanks", async () => {
    expect(await cells("a,b\n1,2\n3,4\n")).toEqual(["a|b", 1, 2, 3, 4]);
    expect(await cells("a\tb\n1\t2\n")).toEqual(["a|b", 1, 2]);
    expect(await cells("a;b\n1;2\n")).toEqual(["a|b", 1, 2]);
    expect(await cells("  1.0   2\t3 \n 4 5 6\n")).toEqual(["x1|x2|x3", 1, 2, 3, 4, 5, 6]);
    expect(await cells("1\t2\t\t3\n4\t5\t6\n")).toEqual(["x1|x2|x3", 1, 2, 3, 4, 5, 6]); // ragged tabs: blanks
  });
  it("one column", async () => {
    expect(await cells("1\n2\n\n3")).toEqual(["x1", 1, 2, 3]);
    expect(await cells("a\n2")).toEqual(["a", 2]);
  });
  it("a header, or none", async () => {
    expect(await cells("1,2\n3,4")).toEqual(["x1|x2", 1, 2, 3, 4]);
    expect(await cells("2020,b\n1,2")).toEqual(["2020|b", 1, 2]);
    expect(await cells("1,2\n3,4", { header: "present" })).toEqual(["1|2", 3, 4]);
    expect(await cells("1,NA\n3,4", { missing: "drop-rows" })).toEqual(["x1|x2", 3, 4]);
    expect(await cells(",a\n0,7\n")).toEqual(["#1|a", 0, 7]);
    expect(await cells("1,good\n2,bad\n", { text: "drop" })).toEqual(["x1", 1, 2]);
  });
  it("quotes, line ends, byte order mark", async () => {
    expect(await cells('"a,1","say ""x"""\r\n"1" , 2\r\n')).toEqual(['a,1|say "x"', 1, 2]);
    expect(await cells('"a\nb",c\r1,2\r3,4')).toEqual(["a\nb|c", 1, 2, 3, 4]);
    expect(await cells(Uint8Array.of(0xef, 0xbb, 0xbf, ...bytesOf("a,b\n1,2")))).toEqual(["a|b", 1, 2]);
    expect(await cells('"a" "b c"\n1 2\n')).toEqual(["a|b c", 1, 2]);
    expect(await cells('a,b"c\n1,2')).toEqual(['a|b"c', 1, 2]);
  });
  it("chunks of any length", async () => {
    const text = bytesOf('\ufeffa,"b ""q""",c\r\n1.5,"2",-3e-2\r\n4,5,6\r\n');
    for (let length = 1; length < text.length; length++) {
      const table = await readCsv(cut(text, length));
      expect([table.columns.join("|"), ...table.values]).toEqual(['a|b "q"|c', 1.5, 2, Math.fround(-0.03), 4, 5, 6]);
    }
  });
  it("a head longer than the sample, and long lines", async () => {
    const line = Array.from({ length: 30_000 }, (_, i) => i).join(",");
    const table = await read(`${line}\n${line}\n${line}\n`, { header: "absent" });
    expect([table.rows, table.columns.length, table.values[60_001]]).toEqual([3, 30_000, 1]);
    const many = await readCsv(cut(bytesOf("x,y\n" + "1,2\n".repeat(100_000)), 60_000));
    expect(many.rows).toBe(100_000);
    const spaced = await read("a,b\n" + "1,2\n".repeat(20_000) + "3,4", { delimiter: "comma" });
    expect(spaced.values[40_001]).toBe(4);
  });
});

describe("readCsv chooses columns", () => {
  const text = "id,height,weight,name\n1,2,3,x\n4,5,6,y\n";
  it("by name and by count", async () => {
    expect(await cells(text, { columns: ["weight", "#1"] })).toEqual(["weight|id", 3, 1, 6, 4]);
    expect(await cells(text, { drop: ["name", "id"] })).toEqual(["height|weight", 2, 3, 5, 6]);
    expect(await cells(text, { text: "drop" })).toEqual(["id|height|weight", 1, 2, 3, 4, 5, 6]);
  });
  it("names the nearest one", async () => {
    await expectRefusal(() => read(text, { columns: ["heigth"] }), 'did you mean "height"?');
    await expectRefusal(() => read(text, { drop: ["#9"] }), "#1 .. #4");
    await expectRefusal(() => read(text, { columns: ["completely other"] }), /no column "completely other".*#4$/);
    await expectRefusal(() => read(text, { columns: ["id", "#1"] }), "chosen twice");
    await expectRefusal(() => read(text, { columns: ["id"], drop: ["id"] }), "no column left");
  });
});

describe("readCsv and missing values", () => {
  const text = "a,b\n1,\n2,3\nNA,4\n5,inf\n6,7\n";
  it("follows the policy", async () => {
    expect(await cells(text, { missing: "drop-rows" })).toEqual(["a|b", 2, 3, 6, 7]);
    expect((await read(text, { missing: "drop-rows" })).droppedRows).toBe(3);
    expect(await cells(text, { missing: "median" })).toEqual(["a|b", 1, 4, 2, 3, 3.5, 4, 5, 4, 6, 7]);
    expect(await cells("a,b\n1,\n2,3\n", { missing: "drop-columns" })).toEqual(["a", 1, 2]);
  });
  it("looks only at the chosen columns", async () => {
    expect(await cells("a,b\n1,\n2,3\n", { columns: ["a"] })).toEqual(["a", 1, 2]);
  });
});

describe("numbers", () => {
  it("are read as Number reads them", async () => {
    const texts = [
      "0",
      "-0",
      "+1",
      "1.",
      ".5",
      "1e5",
      "1E-5",
      "123456789012345678",
      "0.1",
      "1e22",
      "1e23",
      "1.7e-30",
      "9007199254740993",
      "000012",
      "3.4028234e38",
      "1e-50",
    ];
    const table = await read(texts.join("\n"), { header: "absent" });
    expect(Array.from(table.values)).toEqual(texts.map((t) => Math.fround(Number(t))));
  });
  it("of any kind (1,000 random ones)", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ noNaN: true, min: -3e38, max: 3e38 }), { minLength: 1 }),
        async (values) => {
          const table = await read(values.map(String).join("\n"), { header: "absent" });
          expect(Array.from(table.values)).toEqual(values.map((v) => Math.fround(v + 0))); // String(-0) is "0";
        },
      ),
      { numRuns: 1000, seed: 1 },
    );
  });
});

describe("writeCsv", () => {
  const text = async (values: Float32Array | Float64Array, columns: string[]): Promise<string> =>
    new TextDecoder().decode(await readAll(writeCsv({ values, columns }), "file"));
  it("writes the fewest digits that read back", async () => {
    const values = Float32Array.of(0.1, 1 / 3, 16777216, 1e-45, -0, 3.4028235e38);
    expect(await text(values, ["a", "b"])).toBe("a,b\n0.1,0.33333334\n16777216,1e-45\n-0,3.4028235e+38\n");
    expect(
      await text(Float64Array.of(0.1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY), ["p"]),
    ).toBe("p\n0.1\nnan\ninf\n-inf\n");
    expect(await text(Float32Array.of(1, 2, 3), ["a,b", 'say "x"', " c"])).toBe('"a,b","say ""x"""," c"\n1,2,3\n');
  });
  it("gives back the decimals of a table", async () => {
    const cents = Array.from({ length: 20_000 }, (_, i) => (5 * i + (i % 3)) / 100); // up to 1000, two decimals
    const lines = (await text(Float32Array.from(cents), ["p"])).trim().split("\n").slice(1);
    expect(lines).toEqual(cents.map(String));
  });
  it("keeps every bit", async () => {
    const values = normal(createKey(3), 30_000);
    const table = await readCsv(writeCsv({ values, columns: ["x", "y", "z"] }));
    expect(table.values).toEqual(values);
    const noise = new Float32Array(
      new Uint32Array(normal(createKey(4), 30_000).buffer).map((b) => Math.imul(b, 2654435761)).buffer,
    );
    const finite = noise.filter(Number.isFinite);
    expect((await readCsv(writeCsv({ values: finite, columns: ["x"] }))).values).toEqual(finite);
  });
});

describe("malformed text tables", () => {
  const long = new Uint8Array(17 * 2 ** 20).fill(0x31);
  const utf16 = (start: number[]) => Uint8Array.of(...start, 0x61, 0, 0x2c, 0, 0x62, 0);
  const cases: readonly [string, string | Uint8Array, string | RegExp, CsvOptions?][] = [
    ["empty", "", "an empty file"],
    ["only a byte order mark", Uint8Array.of(0xef, 0xbb, 0xbf), "an empty file"],
    ["only empty lines", "\n\r\n\n", "an empty file"],
    ["header only", "a,b\n", "a header only"],
    ["header only, forced", "1,2\n", "a header only", { header: "present" }],
    ["UTF-16, little-endian", utf16([0xff, 0xfe]), "UTF-16"],
    ["UTF-16, big-endian", utf16([0xfe, 0xff]), "UTF-16"],
    ["UTF-16 without a mark", utf16([]), "NUL byte"],
    ["NUL inside quotes", 'a\n"\0"\n', "NUL byte"],
    ["NUL in the second row", "a,b\n1,\0\n", "NUL byte"],
    ["open quote", 'a,b\n1,"2\n3,4\n', "file:2:2: an open quote"],
    ["open quote in the header", '"a,b\n1,2\n', "open quote"],
    ["text behind a quote", 'a,b\n"1"x,2\n', 'file:2:1: "x" behind a closing quote'],
    ["a short row", "a,b\n1,2\n3\n", "file:3:2: 1 cell, expected 2"],
    ["a long row", "a,b\n1,2\n3,4,5\n", "file:3:3: 3 cells, expected 2"],
    ["trailing delimiter", "a,b\n1,2,\n", "3 cells"],
    ["short row at the end of the file", "a,b\n1,2\n3", "1 cell"],
    ["empty cell", "a,b\n1,\n", 'file:2:2: an empty cell in column "b"'],
    ["NA", "a,b\nNA,1\n", 'file:2:1: "NA" in column "a"'],
    ["question mark", "a,b\n1,?\n", '"?"'],
    ["NaN", "a,b\n1,NaN\n", '"NaN" in column "b"'],
    ["inf", "a,b\n1,2\n-inf,1\n", 'file:3:1: "-inf"'],
    ["1e400", "a,b\n1,1e400\n", "too large for float32"],
    ["1e39", "a,b\n1,1e39\n", "too large for float32"],
    ["decimal commas beside points", "a;b\n1,5;2.5\n", "write a decimal point"],
    ["decimal comma in quotes", 'a,b\n"1,5",2\n', "write a decimal point"],
    [
      "a word",
      "a,b\n1,red\n",
      '"red" in column "b", expected a number; leave the column out, or say that it holds words',
    ],
    ["a word late", `a\n${"1\n".repeat(200)}x\n`, "file:202:1", { text: "drop" }],
    ["hexadecimal", "a\n0x10\n", '"0x10"'],
    ["two points", "a\n1.2.3\n", '"1.2.3"'],
    ["sign only", "a\n-\n", '"-"'],
    ["exponent only", "a\n1e\n", '"1e"'],
    ["exponent with sign only", "a\n1e+\n", '"1e+"'],
    ["exponent with letters", "a\n1e5x\n", '"1e5x"'],
    ["thousands", "a;b\n1.000.000;1\n", '"1.000.000"'],
    ["commas between thousands, or for a point", 'a,b\n"1,439",2\n', "write it without commas"],
    ["a name in Latin-1", Uint8Array.of(0x67, 0xf6, 0x0a, 0x31, 0x0a), "file:1:1"],
    ["damaged UTF-8", Uint8Array.of(0x61, 0x0a, 0xff, 0xfe, 0x0a), "in column"],
    ["control characters stay on one line", "a\n1\u0007\u001b[31m\n", "expected a number"],
    ["doubled names", "a,b,a\n1,2,3\n", 'file:1:3: column name "a" again'],
    ["all missing", "a\nNA\nNA\n", "a missing value in every row", { missing: "drop-rows" }],
    ["all text", "a,b\nx,y\nz,w\n", "no column left", { text: "drop" }],
    ["an endless line", long, "a line of more than 16 MB"],
    ["an endless line of delimiters", long.slice().fill(0x2c), "cells"],
    ["an endless quote", Uint8Array.of(0x22, ...long.subarray(0, 10)), "open quote"],
    ["a quote of 17 MB", long.slice().fill(0x22, 0, 1), "a line of more than 16 MB"],
  ];
  for (const [name, text, message, options] of cases) {
    it(name, () => expectRefusal(() => read(text, options), message));
  }
  it("reads a table behind a million empty lines, whatever their ends and the chunks", async () => {
    for (const end of ["\n", "\r\n", "\r"]) {
      const text = bytesOf(`${end.repeat(end === "\n" ? 1_000_000 : 100_000)}a,b${end}1,2${end}3,4${end}`);
      for (const source of [text, cut(text, 65_536)]) {
        const table = await readCsv(source, { where: "file" });
        expect([table.columns, ...table.values]).toEqual([["a", "b"], 1, 2, 3, 4]);
      }
      const wrong = bytesOf(`${end.repeat(end === "\n" ? 1_000_000 : 100_000)}a,b${end}1,x${end}`);
      await expectRefusal(() => read(wrong, { text: "drop", columns: ["a", "b"] }), /file:1?0*2:2/);
    }
    await expectRefusal(() => read("\n".repeat(1_000_000)), "an empty file");
  });
  it("counts lines inside quotes and CRLF", async () => {
    await expectRefusal(() => read('"a\r\nb",c\r\n\r\n1,2\r\n1,x\r\n'), "file:5:2");
  });
  it("10^4 mutants", async () => {
    const files = ['a,"b ""q""",c\r\n1.5,"2",-3e-2\r\n4,,NA\r\n', "1 2 3\n4 5 6\n", "x;y\n1;2\n3;4\n"].map(bytesOf);
    await fuzz(files, 5000, (bytes) => read(bytes));
    await fuzz(files, 5000, (bytes) => readCsv(cut(bytes, 5), { where: "file", missing: "median", text: "drop" }));
  });
});

describe("readCsvBlocks", () => {
  const collect = async (text: string, rowsPerBlock: number, options: CsvBlockOptions = {}, chunk = 7) => {
    const blocks: CsvBlock[] = [];
    for await (const block of readCsvBlocks(cut(bytesOf(text), chunk), rowsPerBlock, options)) blocks.push(block);
    return blocks;
  };

  it("gives the rows of readCsv, whatever the blocks and chunks", async () => {
    const text = `a,b,c\n${Array.from({ length: 23 }, (_, i) => `${i},${-i / 8},"${i * i}"`).join("\n")}\n`;
    const whole = await readCsv(bytesOf(text));
    for (const [rowsPerBlock, chunk] of [
      [1, 3],
      [5, 64],
      [23, 1],
      [100, 1000],
    ]) {
      const blocks = await collect(text, rowsPerBlock, {}, chunk);
      expect(blocks.flatMap(({ values }) => [...values])).toEqual([...whole.values]);
      expect(blocks.map(({ firstRow }) => firstRow)).toEqual(blocks.map((_, i) => i * rowsPerBlock));
      expect(blocks[0].columns).toEqual(["a", "b", "c"]);
    }
  });

  it("lets the caller choose columns by the names of the file, and leaves the others unread", async () => {
    const blocks = await collect("a,word,c\n1,x,3\n4,y,6\n", 10, { choose: (names) => [names.indexOf("c"), 0] });
    expect(blocks[0].columns).toEqual(["c", "a"]);
    expect([...blocks[0].values]).toEqual([3, 1, 6, 4]);
  });

  it("refuses missing values with their place, or passes them as NaN", async () => {
    await expectRefusal(() => collect("1,2\n3,\n", 10, { where: "file" }), "file:2:2: an empty cell");
    const [block] = await collect("1,2\n3,\n", 10, { missing: "as NaN" });
    expect([...block.values]).toEqual([1, 2, 3, Number.NaN]);
  });
});
