/** A run in which no block is kept, from fit to the last picture; and the note on odd values. */
import fs from "node:fs";
import { join } from "node:path";
import { createKey, fold } from "jkoflow";
import { normal } from "jkoflow/random";
import { describe, expect, it } from "vitest";
import { noBlock } from "../src/report/verdict.ts";
import { findOdd, oddNote } from "../src/run/oddNote.ts";
import { folder, jko } from "./command.testing.ts";

const home = folder();
function table(name: string, rows: number, change: (row: number, values: number[]) => number[]): string {
  const noise = normal(fold(createKey("small"), rows), 2 * rows);
  const lines = Array.from({ length: rows }, (_, i) => change(i, [...noise.subarray(2 * i, 2 * i + 2)]).join(","));
  const path = join(home, name);
  fs.writeFileSync(path, `x,y\n${lines.join("\n")}\n`);
  return path;
}

describe("a flow without blocks", () => {
  const rows = table("rows.csv", 120, (_, values) => values);
  const run = join(home, "none");
  /** A rate at which nothing is learnt. */
  const still = "--set learningRate=1e-12 --set hidden=[2] --set updates=4 --set evaluateEvery=2";
  const later = "--set stages=reparameterise,refine,remove,joint,refine-joint --set blocks=2";
  it("works to the end, stages and report included", async () => {
    const { code, out, err } = await jko(`fit ${rows} --out ${run} ${still} ${later}`);
    expect(err).not.toContain("error");
    expect(code).toBe(0);
    expect(out).toContain("flow: no block: the base alone, as no block lowered the held-out NLL");
    expect(out).toContain("The flow has no block: the base alone, as no block lowered the held-out NLL.");
    const kept = await jko(`fit ${rows} --out ${run}-flow --keep flow ${still}`);
    expect(kept.out).toContain("\nno block: the base alone, as no block lowered the held-out NLL (growth ended: ");
    const described = (await jko(`info ${run}-flow`)).out.replaceAll(/\s+/g, " ");
    expect(described).toContain("flow no block: the base alone, as no block lowered the held-out NLL");
  });
  for (const command of [
    "info RUN",
    "sample RUN -n 4",
    "logprob RUN ROWS -o OUT",
    "evaluate RUN ROWS",
    "plot RUN",
    "resume RUN",
  ]) {
    it(command, async () => {
      const words = command.replace("RUN", run).replace("ROWS", rows).replace("OUT", join(home, "scores.csv"));
      const { code, err } = await jko(words);
      expect(err).not.toContain("error");
      expect(code).toBe(0);
    });
  }
});

it("a flow without blocks behind margins says that these are a part of it", () => {
  expect(noBlock({ transform: "margins" })).toContain("no block: margins and base alone");
  expect(noBlock({ transform: "auto" })).toContain("no block: the base alone");
});

describe("the note on odd values", () => {
  const cell = (column: string, row: number, value: number, deviations: number) => ({ column, row, value, deviations });
  it("names column, value and row as they stand in the file, once for each file", async () => {
    const train = table("odd.csv", 400, (i, [x, y]) => [i === 5 ? 1e6 : x, y]);
    const test = table("oddTest.csv", 300, (i, [x, y]) => [x, i === 8 ? -2e5 : i === 9 ? 7e4 : y]);
    const words = `fit ${train} --test ${test} --out ${join(home, "odd")} --set learningRate=1e-12 --set hidden=[2] --set updates=2`;
    const { code, err } = await jko(`${words} --set blocks=1 --set retries=0`);
    expect(code).toBe(0);
    const notes = err.split("\n").filter((line) => line.includes("apart from the rest"));
    expect(notes).toHaveLength(2);
    expect(notes[0]).toMatch(
      /odd\.csv: column "x": 1 value apart from the rest, [\d,]+ robust deviations away \(1000000 in row 6\)$/,
    );
    expect(notes[1]).toMatch(
      /oddTest\.csv: column "y": 2 values apart .* the farthest [\d,]+ .* \(-200000 in row 9\)$/,
    );
  });
  it("is one line for many columns, and says which rows are counted", () => {
    const cells = ["a", "b", "c", "d", "e"].map((name, k) => cell(name, k, 31.8, 1234.4));
    expect(oddNote("t.csv", [], "kept")).toEqual([]);
    const [line, ...more] = oddNote("t.csv", cells, "dropped");
    expect(more).toEqual([]);
    expect(line).toBe(
      't.csv: column "a": 1 value apart from the rest, 1,234 robust deviations away (31.8 in row 1); ' +
        'column "b": 1 value apart from the rest, 1,234 robust deviations away (31.8 in row 2); ' +
        'column "c": 1 value apart from the rest, 1,234 robust deviations away (31.8 in row 3); ' +
        "2 more columns; rows are counted without those left out",
    );
  });
  it("has whole numbers as they were, and leaves codes of categories alone", () => {
    const noise = normal(createKey("codes"), 600);
    const values = noise.map((z, at) => (at === 20 ? 5000.25 : at === 41 ? 9000.5 : Math.floor(5 * z) + 0.25));
    const encoded = { values, rows: 300, columns: ["age", "colour"] };
    const schema = {
      columns: [
        { name: "age", kind: "integer" as const },
        { name: "colour", kind: "category" as const, levels: ["red"] },
      ],
    };
    expect(findOdd(encoded, schema).map(({ column, row, value }) => [column, row, value])).toEqual([["age", 10, 5000]]);
    expect(findOdd(encoded, undefined)).toHaveLength(2);
  });
});
