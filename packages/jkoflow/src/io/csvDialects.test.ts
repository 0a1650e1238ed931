/** One table in the dialects that programs write: the same names and the same bits. */
import { describe, expect, it } from "vitest";
import { createKey, normal } from "../random/index.ts";
import { readCsv, readCsvBlocks } from "./csv.ts";
import type { CsvOptions, Dialect } from "./csvPlan.ts";
import type { Delimiter } from "./csvRecords.ts";
import { readCsvWords } from "./csvWords.ts";
import { bytesOf, cut, expectRefusal, fuzz } from "./fuzz.testing.ts";

const ROWS = 120; // more than are looked at to find the dialect
const cells = Array.from(normal(createKey("dialects"), 2 * ROWS), (x) => (1000 * x).toFixed(3));
const rows = Array.from({ length: ROWS }, (_, i) => cells.slice(2 * i, 2 * i + 2));
const VALUES = Float32Array.from(cells, Number);

type Cells = readonly string[];
const text = (mark: string, lines: readonly Cells[], end = "\n"): string =>
  lines.map((line) => line.join(mark) + end).join("");
const named = [["a", "b"], ...rows];
const each = (change: (cell: string) => string): readonly Cells[] => [
  ["a", "b"],
  ...rows.map((row) => row.map(change)),
];
const comma = (cell: string): string => cell.replace(".", ",");
const grouped = (mark: string, point: string) => (cell: string) => {
  const [whole, decimals] = cell.split(".");
  return `${whole.replace(/\d(?=(\d{3})+$)/g, `$&${mark}`)}${point}${decimals}`;
};
const quoted = (cell: string): string => `"${cell}"`;
const commented = ["# made by a tool, 2 columns", "#", '# its "units: m'].map((line) => `${line}\n`).join("");

interface Case {
  readonly text: string;
  readonly options?: Pick<CsvOptions, "delimiter" | "dialect">;
  readonly notes?: readonly (string | RegExp)[];
}
const dialect = (own: Dialect): Case["options"] => ({ dialect: own });

const dialects: Readonly<Record<string, Case>> = {
  comma: { text: text(",", named) },
  "comma and CRLF": { text: text(",", named, "\r\n") },
  "comma and CR": { text: text(",", named, "\r") },
  "a byte order mark": { text: `\ufeff${text(",", named)}` },
  "quoted cells": { text: text(",", each(quoted)) },
  "blanks around cells": { text: text(" , ", named) },
  "no-break blanks around numbers": {
    text: text(
      ",",
      each((cell) => `\u00a0${cell}\u00a0`),
    ).replace(/.*\n/, "a,b\n"),
  },
  "minus signs U+2212": {
    text: text(
      ",",
      each((cell) => cell.replace("-", "\u2212")),
    ),
  },
  semicolon: { text: text(";", named) },
  tab: { text: text("\t", named) },
  "runs of blanks": { text: text("   ", named) },
  pipe: { text: text("|", named) },
  "pipe by flag": { text: text("|", named), options: { delimiter: "pipe" } },
  "pipe with blanks": { text: text(" | ", named) },
  "semicolon and decimal comma": { text: text(";", each(comma)), notes: ["decimal commas"] },
  "tab and decimal comma": { text: text("\t", each(comma)), notes: ["decimal commas"] },
  "pipe and decimal comma": { text: text("|", each(comma)), notes: ["decimal commas"] },
  "quoted decimal commas by flag": {
    text: text(
      ",",
      each((cell) => quoted(comma(cell))),
    ),
    options: dialect({ decimal: "comma" }),
  },
  "decimal comma, CRLF, a mark": { text: `\ufeff${text(";", each(comma), "\r\n")}`, notes: ["decimal commas"] },
  "thousands by comma": { text: text(";", each(grouped(",", "."))), options: dialect({ thousands: "comma" }) },
  "thousands by point": { text: text(";", each(grouped(".", ","))), options: dialect({ thousands: "point" }) },
  "thousands by blank": { text: text(";", each(grouped(" ", "."))), options: dialect({ thousands: "blank" }) },
  "thousands by no-break blank": {
    text: text(",", each(grouped("\u202f", "."))),
    options: dialect({ thousands: "blank" }),
  },
  "thousands by apostrophe": {
    text: text(",", each(grouped("'", "."))),
    options: dialect({ thousands: "apostrophe" }),
  },
  "thousands by underscore": {
    text: text(",", each(grouped("_", "."))),
    options: dialect({ thousands: "underscore" }),
  },
  "comments above": { text: commented + text(",", named), notes: ["comments"] },
  "comments above and between": {
    text: commented + text(",", named.slice(0, 30)) + commented + text(",", named.slice(30)),
    notes: ["comments"],
  },
  "a comment with as many cells as a row": { text: `# by hand, twice\n${text(",", named)}`, notes: ["comments"] },
  "a row commented out": { text: text(",", named) + "#1,2\n", options: dialect({ comment: "#" }) },
  "other comments by flag": { text: `% one\n${text("\t", named)}`, options: dialect({ comment: "%" }) },
  "comments and decimal commas": { text: commented + text(";", each(comma)), notes: ["comments", "decimal commas"] },
  "sep= of spreadsheets": { text: `sep=;\n${text(";", named)}` },
  "sep= and CRLF": { text: `sep=,\r\n${text(",", named, "\r\n")}` },
  "quoted sep= and decimal commas": { text: `"sep=;"\n${text(";", each(comma))}`, notes: ["decimal commas"] },
  "a last delimiter": { text: text(",", named, ",\n"), notes: ["the last column has no name and no value"] },
  "three last delimiters": { text: text(";", named, ";;;\n"), notes: ["the last 3 columns have no name"] },
  "an index from 0": {
    text: text(
      ",",
      named.map((row, i) => [i === 0 ? "" : String(i - 1), ...row]),
    ),
    notes: ["counts the rows"],
  },
  "an index from 1": {
    text: text(
      ";",
      named.map((row, i) => [i === 0 ? '""' : quoted(String(i)), ...row]),
    ),
    notes: ["counts the rows"],
  },
  "an index written twice": {
    text: text(
      ",",
      named.map((row, i) => [i === 0 ? "Unnamed: 0" : String(i - 1), ...row]),
    ),
    notes: ['is called "Unnamed: 0" and counts the rows'],
  },
  "names of rows without a head": {
    text: text(
      " ",
      named.map((row, i) => (i === 0 ? row : [quoted(String(i)), ...row])),
    ),
    notes: ["counts the rows"],
  },
};

describe("one table in many dialects", () => {
  for (const [name, { text, options = {}, notes = [] }] of Object.entries(dialects)) {
    it(name, async () => {
      const found: string[] = [];
      const onNote = (line: string) => void found.push(line);
      const table = await readCsv(bytesOf(text), { where: "t.csv", onNote, ...options });
      expect(table.columns).toEqual(["a", "b"]);
      expect(table.values).toEqual(VALUES);
      expect(found).toHaveLength(notes.length);
      for (const [i, note] of notes.entries()) expect(found[i]).toContain(note);
      // Block after block, in pieces of any length, with columns that the caller chooses.
      const blocks: number[] = [];
      const choose = (names: readonly string[]) => [names.indexOf("b"), names.indexOf("a")];
      for await (const block of readCsvBlocks(cut(bytesOf(text), 77), 50, { ...options, choose }))
        blocks.push(...block.values);
      expect(blocks).toEqual(Array.from({ length: 2 * ROWS }, (_, at) => VALUES[at % 2 === 0 ? at + 1 : at - 1]));
      const [words] = await readCsvWords(bytesOf(text), { ...options, choose: (names) => [names.indexOf("b")] });
      expect(words.cells.map((word) => Math.fround(Number(word.replace("\u2212", "-"))))).toEqual(
        Array.from({ length: ROWS }, (_, i) => VALUES[2 * i + 1]),
      );
    });
  }
});

describe("what looks like a dialect and is none", () => {
  const read = async (text: string, options: CsvOptions = {}) => {
    const notes: string[] = [];
    const table = await readCsv(bytesOf(text), { where: "file", onNote: (line) => void notes.push(line), ...options });
    return [table.columns.join("|"), ...table.values, ...notes];
  };
  const coders: CsvOptions["coders"] = (_, found) =>
    new Map([...found].map((k) => [k, { code: (word: string) => word.length, expected: "" }]));

  it("a header that begins with #, and words that do", async () => {
    expect(await read("#1,a\n5,6\n7,8\n")).toEqual(["#1|a", 5, 6, 7, 8]);
    expect(await read("tag,x\n#one,1\n#three,2\n", { coders })).toEqual(["tag|x", 4, 1, 6, 2]);
    expect(await read("#a,b\n1,2\n", { dialect: { comment: "none" } })).toEqual(["#a|b", 1, 2]);
  });
  it("a nameless column that does not count, a counter with a name of its own, and both when asked for", async () => {
    expect(await read(",a\n0,7\n2,8\n")).toEqual(["#1|a", 0, 7, 2, 8]);
    expect(await read("id,a\n0,7\n1,8\n")).toEqual(["id|a", 0, 7, 1, 8]);
    expect(await read(",a\n0,7\n1,8\n", { columns: ["a", "#1"] })).toEqual(["a|#1", 7, 0, 8, 1]);
  });
  it("a last column without a name but with values, or gaps with a name", async () => {
    expect(await read("a,b,\n1,2,3\n")).toEqual(["a|b|#3", 1, 2, 3]);
    const late = `a,b,\n${"1,2,\n".repeat(200)}1,2,3\n`;
    await expectRefusal(() => read(late), 'file:202:3: "3" in column #3 without a name, expected nothing');
    await expectRefusal(() => read("a,b,c\n1,2,\n"), 'an empty cell in column "c"');
  });
  it("commas that may stand between thousands or before decimals", async () => {
    await expectRefusal(() => read("a;b\n1,234;5,678\n"), /"1,234" in column "a".*say what they are/);
    expect(await read("a;b\n1,234;5,678\n", { dialect: { decimal: "comma" } })).toEqual([
      "a|b",
      Math.fround(1.234),
      Math.fround(5.678),
    ]);
    expect(await read("a;b\n1,234;5,678\n", { dialect: { thousands: "comma" } })).toEqual(["a|b", 1234, 5678]);
    await expectRefusal(
      () => read("a;b\n1,5;2\n1.5;2\n", { dialect: { decimal: "comma" } }),
      "as in the other numbers",
    );
    await expectRefusal(() => read("a\n1'234\n"), '"1\'234" in column "a", expected a number; write it without marks');
    await expectRefusal(() => read("a\n1.234.567\n"), "without marks between thousands");
    await expectRefusal(() => read("a\n12,34\n", { dialect: { thousands: "comma" }, delimiter: "tab" }), '"12,34"');
    await expectRefusal(
      () => read("a\n1\n", { dialect: { thousands: "comma", decimal: "comma" } }),
      "a comma for both",
    );
  });
});

describe("words for gaps", () => {
  const known =
    "NA N/A n.a. NaN nan -nan NULL null None ? <NA> NaT #N/A #NA #DIV/0! #VALUE! #REF! #NUM! #NAME? #NULL! 1.#QNAN -1.#IND 1.#IND";
  const marks = "- -- . .. * \u2013";
  const column = async (gap: string, options: CsvOptions = {}) =>
    Array.from(
      (await readCsv(bytesOf(`a,b\n1,2\n${gap},3\n4,5\n`), { missing: "keep", where: "file", ...options })).values,
    );

  it.each(`${known} ${marks}`.split(" "))("%s in a column of numbers", async (gap) => {
    expect(await column(gap)).toEqual([1, 2, Number.NaN, 3, 4, 5]);
    await expectRefusal(
      () => column(gap, { missing: "error" }),
      `${JSON.stringify(gap)} in column "a", expected a number; fill it`,
    );
  });

  const words = async (gap: string, gaps: readonly string[] = []) => {
    const seen: string[] = [];
    const coder = { code: (word: string) => seen.push(word), expected: "" };
    const text = bytesOf(`a,b\n+,2\n${gap},3\nred,5\n`);
    await readCsv(text, { missing: "keep", coders: () => new Map([[0, coder]]), dialect: { gaps } });
    return seen;
  };
  it("marks are levels in a column of words, known words are gaps there too", async () => {
    for (const gap of marks.split(" ")) expect(await words(gap)).toEqual(["+", gap, "red"]);
    for (const gap of known.split(" ")) expect(await words(gap)).toEqual(["+", "red"]);
  });
  it("begin a row though lines that begin with # are comments", async () => {
    const text = (gap: string) => bytesOf(`# a table, of two\n# columns\na,b\n${gap},2\n# more\n${gap},3\n4,5\n`);
    for (const gap of ["#N/A", "#DIV/0!"]) {
      const { values } = await readCsv(text(gap), { missing: "keep" });
      expect(Array.from(values)).toEqual([Number.NaN, 2, Number.NaN, 3, 4, 5]);
    }
    const named = await readCsv(text("#none"), { missing: "keep", dialect: { gaps: ["#none"] } });
    expect(Array.from(named.values)).toEqual([Number.NaN, 2, Number.NaN, 3, 4, 5]);
  });
  it("others by name: words in both, numbers by their value", async () => {
    for (const gap of ["-", "missing"]) expect(await words(gap, [gap])).toEqual(["+", "red"]);
    for (const gap of ["-999", "-999.0", "-9.99e2"]) {
      expect(await column(gap)).toEqual([1, 2, -999, 3, 4, 5]);
      expect(await column(gap, { dialect: { gaps: ["-999"] } })).toEqual([1, 2, Number.NaN, 3, 4, 5]);
    }
    expect(await column("missing", { dialect: { gaps: ["missing"] } })).toEqual([1, 2, Number.NaN, 3, 4, 5]);
    await expect(column("1", { dialect: { gaps: [" "] } })).rejects.toThrow('gap: " ", expected a word');
  });
  it("given columns: marks are gaps among numbers, words among words", async () => {
    const cells = async (text: string) => (await readCsvWords(bytesOf(text), { choose: () => [0] }))[0].cells;
    expect(await cells("a,b\n1,2\n-,3\n#N/A,4\n")).toEqual(["1", "", ""]);
    expect(await cells("a,b\n+,2\n-,3\n#N/A,4\n")).toEqual(["+", "-", ""]);
  });
});

describe("dates", () => {
  const dates = [
    "2020-01-01",
    "2020-01-01 00:00:00",
    "2020-01-01T10:00:00.5Z",
    "1/2/2020",
    "31.12.99",
    "2020/1/5",
    "5 Jan 2020",
    "Jan 5, 2020",
    "10:30",
    "10:30:00",
    "2020-01-01T10:00+02:00",
  ];
  it.each(dates)("%s is called a date", async (date) => {
    const text = `d\tx\n${`${date}\t1\n`.repeat(3)}`;
    await expectRefusal(
      () => readCsv(bytesOf(text), { where: "file" }),
      `${JSON.stringify(date)} in column "d", expected a number; it is a date or a time`,
    );
    // Nor is it taken for categories.
    let found: ReadonlySet<number> = new Set();
    const coders: CsvOptions["coders"] = (_, words) => {
      found = words;
      return new Map();
    };
    await expectRefusal(() => readCsv(bytesOf(text), { where: "file", coders }), "it is a date or a time");
    expect(found.size).toBe(0);
    expect((await readCsv(bytesOf(text), { text: "drop" })).columns).toEqual(["x"]);
  });
  it.each(["1-2", "1.2.3", "10:3", "may be", "2020-01", "12-345-67", "Mark 1, 2"])("%s is not", async (word) => {
    const text = `d\tx\n${`${word}\t1\n`.repeat(3)}`;
    await expectRefusal(
      () => readCsv(bytesOf(text), { where: "file" }),
      "leave the column out, or say that it holds words",
    );
  });
});

const delimiters: readonly Delimiter[] = ["comma", "tab", "semicolon", "pipe"];
it.each(delimiters)("finds %s though the others stand in quoted cells", async (delimiter) => {
  const mark = { comma: ",", tab: "\t", semicolon: ";", pipe: "|", blank: " " }[delimiter];
  const table = await readCsv(bytesOf(`"a,b;c|d"${mark}x\n1${mark}2\n3${mark}4\n`));
  expect(table.columns).toEqual(["a,b;c|d", "x"]);
});

it("2,000 mutants of dialects are read or refused in one line", async () => {
  const files = [
    "comments and decimal commas",
    "sep= and CRLF",
    "an index from 1",
    "three last delimiters",
    "names of rows without a head",
  ];
  const beginnings = files.map((name) => bytesOf(dialects[name].text.slice(0, 200)));
  await fuzz(beginnings, 2000, (bytes) => readCsv(cut(bytes, 7), { where: "file", missing: "keep", offsets: "find" }));
});
