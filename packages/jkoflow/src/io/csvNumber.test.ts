import { describe, expect, it } from "vitest";
import { classifyText } from "./csvNumber.ts";

describe("what a cell is that is no finite number", () => {
  it.each([
    ["", "missing"],
    [" NA ", "missing"],
    ["-Infinity", "infinite"],
    ["1,234", "comma"],
    ["-1,234,567.5", "comma"],
    ["1,23", "decimal comma"],
    ["0,5e-3", "decimal comma"],
    ["1,2,3", "text"],
    ["abc", "text"],
    [`1${",111".repeat(200)}`, "comma"],
  ])("%j is %s", (cell, fault) => expect(classifyText(cell)).toBe(fault));

  it("cells of 16 MB are text, whatever they hold: a regular expression would overflow its stack", () => {
    for (const cell of [
      `1${",111".repeat(4e6)}`,
      `${"1".repeat(8e6)},${"1".repeat(8e6)}`,
      " ".repeat(16e6).concat("x,1"),
    ]) {
      expect(classifyText(cell)).toBe("text");
    }
  });
});
