/** Tables that can be read and yet not be meant so: refused, or said aloud. */
import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { mergeConfig } from "../src/config/runConfig.ts";
import { loadProblem } from "../src/run/problem.ts";
import { folder, jko, TINY } from "./command.testing.ts";
import { shellOf } from "./shell.testing.ts";

const home = folder();
const write = (name: string, lines: readonly string[] | Uint8Array): string => {
  const path = join(home, name);
  fs.writeFileSync(path, lines instanceof Uint8Array ? lines : `${lines.join("\n")}\n`);
  return path;
};
const ROWS = 60;
const noise = (i: number): number => Number((Math.sin(12.9898 * i) * 43758.5453).toFixed(4)) % 3;
const rows = (cells: (i: number) => readonly (string | number)[]): string[] =>
  Array.from({ length: ROWS }, (_, i) => cells(i).join(","));

/** The one line on stderr, and that nothing was written. */
async function refused(words: string): Promise<string> {
  const out = join(home, "none");
  const { code, err } = await jko(`fit ${words} --out ${out} ${TINY}`);
  expect([code, fs.existsSync(out)]).toEqual([2, false]);
  expect(err.trim().split("\n")).toHaveLength(1);
  return err;
}

describe("jko fit", () => {
  it("refuses words that are not UTF-8: different ones would be one", async () => {
    const text = ["n,x", ...rows((i) => [i % 2 ? "caf\xe9" : "caf\xe8", noise(i)])].join("\n");
    const err = await refused(`${write("latin.csv", Buffer.from(text, "latin1"))} --columns-as auto`);
    expect(err).toContain("latin.csv:2:1:");
    expect(err).toContain("save the file as UTF-8");
  });

  it("reads columns that float32 would spoil, and refuses those that float64 does", async () => {
    const epoch = (start: number, spread: number) =>
      rows((i) => [start + Math.round(spread * noise(i)), noise(i + 100)]);
    const { train, notes } = await loadProblem(
      { train: write("minute.csv", ["a,b", ...epoch(1_700_000_000, 60)]) },
      mergeConfig({}, {}),
      shellOf(),
    );
    expect(Math.max(...train.values.map(Math.abs))).toBeLessThan(1000);
    expect(notes.join()).toContain('column "a" is large beside its spread');
    const lost = await refused(write("lost.csv", ["a,b", ...epoch(2 ** 60, 60_000)]));
    expect(lost).toMatch(/lost.csv: column "a": values up to 11529\d+ with a standard deviation of .*at most 2\^53/);
    expect(await refused(write("equal.csv", ["a,b", ...epoch(2 ** 60, 1)]))).toContain(
      "beyond 2^53 float64 has no units",
    );
  });

  it("takes no median of categories or integers", async () => {
    const path = write("gaps.csv", [
      "sex,k,x",
      ...rows((i) => [i % 7 ? "fm"[i % 2] : "", i % 11 ? i % 5 : "", noise(i)]),
    ]);
    for (const kinds of ["--columns-as auto", "--integer k --categorical sex"]) {
      expect(await refused(`${path} ${kinds} --missing median`)).toContain("--missing: median beside");
    }
  });

  it("takes a slip among numbers, and names of rows, for no categories", async () => {
    const slip = write("slip.csv", ["a,b", ...rows((i) => [i === 40 ? "oops" : noise(i), noise(i + 100)])]);
    expect(await refused(`${slip} --columns-as auto`)).toMatch(/column "a".*oops among \d+ different numbers/);
    const ids = write("ids.csv", ["id,b", ...rows((i) => [`row-${i}`, noise(i)])]);
    expect(await refused(`${ids} --columns-as auto`)).toContain('"id": 60 different words in 60 rows');
    expect((await jko(`fit ${slip} --categorical a --out ${join(home, "meant")} ${TINY}`)).code).toBe(0);
  });

  it("names the declared column that is not there", async () => {
    const path = write("words.csv", ["colour,island,x", ...rows((i) => ["rg"[i % 2], "ab"[i % 2], noise(i)])]);
    const err = await refused(`${path} --categorical colour,islnd`);
    expect(err).toContain('no column "islnd"');
    expect(err).toContain('did you mean "island"?');
  });
});

describe("a model with a schema", () => {
  it("scores rows with gaps it knows nothing of as NaN where that is asked for, and says how", async () => {
    const line = (i: number) => ["rg"[i % 2], i % 5, noise(i)];
    const run = join(home, "schema");
    const table = write("schema.csv", ["colour,k,x", ...rows(line)]);
    expect((await jko(`fit ${table} --columns-as auto --out ${run} ${TINY} --quiet`)).code).toBe(0);
    const gaps = write("schemaGaps.csv", ["colour,k,x", "r,1,0.5", "r,,0.5", ",2,0.5", "g,3,", "g,3,0.25"]);
    expect((await jko(`logprob ${run} ${gaps}`)).err).toContain("a missing value");
    const { code, out } = await jko(`logprob ${run} ${gaps} --missing nan`);
    expect(code).toBe(0);
    expect(
      out
        .trim()
        .split("\n")
        .slice(1)
        .map((score) => score === "nan"),
    ).toEqual([false, true, true, true, false]);
  });
});

describe("jko evaluate", () => {
  it("gives few rows their NLL without tests of fit, and one row no standard error", async () => {
    const table = write("few.csv", ["a,b", ...rows((i) => [noise(i), noise(i + 100)])]);
    const run = join(home, "few");
    expect((await jko(`fit ${table} --out ${run} ${TINY} --quiet`)).code).toBe(0);
    const five = write("five.csv", ["a,b", ...rows((i) => [noise(i), noise(i + 9)]).slice(0, 5)]);
    const all = await jko(`evaluate ${run} ${five} --all`);
    expect(all.code).toBe(0);
    expect(all.err).toContain("5 rows are too few for tests of fit");
    expect(all.out).toMatch(/^flow +NLL /m);
    const one = write("one.csv", ["a,b", "0.1,0.2"]);
    expect((await jko(`evaluate ${run} ${one}`)).out).toMatch(/^flow +NLL [\d.]+ \+- - nats/m);
    const none = write("gap.csv", ["a,b", "0.1,", "0.3,0.4"]);
    expect((await jko(`evaluate ${run} ${none}`)).err).not.toContain("--missing");
  });
});
