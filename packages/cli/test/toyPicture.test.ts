/** `toy:PATH.png`: rows from a picture. */
import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readToy } from "../src/input/toy.ts";
import { folder, jko } from "./command.testing.ts";
import { shellOf } from "./shell.testing.ts";

const home = folder();
const picture = join(home, "colours.png");
// Red, green, blue; black, white, clear.
const BYTES = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAYAAACddGYaAAAAG0lEQVR4nBXFsQEAAAxEQL//0CKKM8GHWLNYHXAACAFG7KBHAAAAAElFTkSuQmCC",
  "base64",
);
fs.writeFileSync(picture, BYTES);
fs.writeFileSync(join(home, "damaged.png"), BYTES.subarray(0, 60));

describe("toy:PATH.png", () => {
  it("gives the same rows for the same seed, most of them where the picture is dark", async () => {
    const rows = 1000;
    const { table, sha256, path } = await readToy(`toy:${picture}`, rows, 1, shellOf());
    expect(path).toBe(`toy:${picture}`);
    expect([table.rows, table.columns, table.values.length]).toEqual([rows, ["x1", "x2"], 2 * rows]);
    expect((await readToy(`toy:${picture}`, rows, 1, shellOf())).sha256).toBe(sha256);
    expect((await readToy(`toy:${picture}`, rows, 2, shellOf())).sha256).not.toBe(sha256);
    // Nothing is below at the right: white and clear.
    const { values } = table;
    const below = Array.from({ length: rows }, (_, i) => values[2 * i + 1] < -2 && values[2 * i] > 2);
    expect(below.filter(Boolean).length).toBeLessThan(20);
    // Black is below at the left: 1 of a mass of 3.
    const left = Array.from({ length: rows }, (_, i) => values[2 * i + 1] < 0 && values[2 * i] < -2);
    expect(left.filter(Boolean).length).toBeGreaterThan(250);
  });
  const cases: readonly (readonly [words: string, code: number, hint: string])[] = [
    [`fit toy:${join(home, "colors.png")}`, 2, "did you mean colours.png?"],
    [`fit toy:${join(home, "damaged.png")}`, 2, "the file is cut off"],
    [`fit toy:${picture} --rows 100 --print-config`, 0, ""],
  ];
  for (const [words, code, hint] of cases) {
    it(`jko ${words.replaceAll(home, "")}`, async () => {
      const outcome = await jko(words);
      expect(outcome.code, outcome.err).toBe(code);
      expect(outcome.err).toContain(hint);
    });
  }
});
