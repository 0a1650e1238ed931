import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as tape from "./tape.ts";

/** The enumerations of the kernel's header: name to entries. Comments and macros are not read. */
function enumerations(): Map<string, Map<string, number>> {
  const text = readFileSync(new URL("../../../native/src/tape.h", import.meta.url), "utf8").replace(/\/\/.*$/gm, "");
  const found = new Map<string, Map<string, number>>();
  for (const [, name, body] of text.matchAll(/enum\s*(\w*)\s*\{([^}]*)\}/g)) {
    const entries = found.get(name) ?? new Map<string, number>();
    for (const entry of body.split(",").map((s) => s.trim())) {
      if (entry === "") continue;
      const [key, value] = entry.split("=").map((s) => s.trim());
      expect(Number.isInteger(Number(value)), `${key} has a number of its own`).toBe(true);
      entries.set(key, Number(value));
    }
    found.set(name, entries);
  }
  return found;
}

describe("tape.ts and the kernel's tape.h", () => {
  const header = enumerations();
  const object = (name: string, prefix = ""): Record<string, number> =>
    Object.fromEntries([...header.get(name)!].map(([key, value]) => [key.slice(prefix.length), value]));

  it("have the same bases, instructions, codes and job words", () => {
    expect(object("Base", "BASE_")).toEqual(tape.BASE);
    expect(object("Instruction")).toEqual(tape.INSTRUCTION);
    expect(object("Code")).toEqual(tape.CODE);
    expect(object("Job", "JOB_")).toEqual(tape.JOB);
  });

  it("have the same sizes", () => {
    const { ROWS_OF_TILE, NO_OPERAND, OPERATION_WORDS, SLOT_WORDS, ROW_UNIT, CHUNK_FLOATS, PHASES } = tape;
    const sizes = { ROWS_OF_TILE, NO_OPERAND, OPERATION_WORDS, SLOT_WORDS, ROW_UNIT, CHUNK_FLOATS, PHASES };
    expect(object("")).toEqual(sizes);
  });

  it("have no code twice", () => {
    for (const numbers of [tape.BASE, tape.INSTRUCTION, tape.CODE, tape.JOB].map((o) => Object.values(o))) {
      expect(new Set(numbers).size).toBe(numbers.length);
    }
  });
});
