import { describe, expect, it } from "vitest";
import { chooseColumns, readCsvWords } from "./index.ts";

const bytes = (text: string): Uint8Array[] => [new TextEncoder().encode(text)];
const read = (text: string, ...columns: string[]) =>
  readCsvWords(bytes(text), { where: "t.csv", choose: (names) => chooseColumns(names, { columns }, "t.csv") });

describe("columns as words", () => {
  it("are read beside numbers, with quotes, blanks, missing values and a byte order mark", async () => {
    const text = '\uFEFFx,kind,y\n1, "a, b" ,2\n\n3,NA,4\n5, owl ,?\n';
    expect(await read(text, "y", "kind")).toEqual([
      { name: "y", cells: ["2", "4", ""] },
      { name: "kind", cells: ["a, b", "", "owl"] },
    ]);
  });

  it("are counted where there are no names", async () => {
    expect(await read("M,0.5\nF,0.25\nI,1\n", "#1")).toEqual([{ name: "x1", cells: ["M", "F", "I"] }]);
  });

  it("are refused as tables of numbers are", async () => {
    await expect(read("x,kind\n1,a\n2\n", "kind")).rejects.toThrow(/t.csv:3:2: 1 cell, expected 2/);
    await expect(read("x,kind\n1,a\n", "knd")).rejects.toThrow(/did you mean "kind"/);
  });
});
