/** `jko` on a table of integers, categories, bounded columns and missing cells: what comes out is what went in. */
import fs from "node:fs";
import { join } from "node:path";
import { createKey } from "jkoflow";
import { normal } from "jkoflow/random";
import { beforeAll, describe, expect, it } from "vitest";
import { folder, hashOf, jko, TINY } from "./command.testing.ts";

const home = folder();
const ROWS = 300;
const noise = normal(createKey(8), 3 * ROWS);
const HEADER = "age,colour,weight,share";
/** age whole, from 0; colour a word that is missing now and then; weight that is missing too; share between 0 and 1. */
const lines = Array.from({ length: ROWS }, (_, i) => {
  const [a, b, c] = noise.subarray(3 * i, 3 * i + 3);
  const age = Math.max(0, Math.round(30 + 12 * a));
  const colour = i % 11 === 4 ? "" : b > 0.5 ? '"deep, red"' : b > -0.2 ? "blue" : "green";
  const weight = i % 9 === 2 ? "NA" : (60 + 5 * b + c).toFixed(2);
  return `${age},${colour},${weight},${(1 / (1 + Math.exp(-c))).toFixed(5)}`;
});
const write = (name: string, rows: readonly string[]): string => {
  const path = join(home, name);
  fs.writeFileSync(path, `${HEADER}\n${rows.join("\n")}\n`);
  return path;
};
const table = write("table.csv", lines);
const run = join(home, "run");
const DECLARED = "--columns-as auto --missing indicator --bounds age=0: --bounds share=0:1";
const fit = (out: string, flags: string, more = "") => jko(`fit ${table} --out ${out} ${flags} ${TINY} ${more}`);

beforeAll(async () => {
  const { code, err } = await fit(run, DECLARED);
  expect(code).toBe(0);
  expect(err).toContain('note: column "colour" is categorical');
  expect(err).toContain('note: column "age" holds whole numbers: taken as integers');
  expect(err).toContain('note: column "weight" has missing cells');
  expect(err).toContain("lower bounds");
});

const cellsOf = (path: string): string[][] =>
  fs
    .readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => line.replace('"deep, red"', "deep red").split(","));

describe("a table with a schema", () => {
  it("is sampled in its own columns and types", async () => {
    const out = join(home, "samples.csv");
    expect((await jko(`sample ${run} -n 500 -o ${out}`)).code).toBe(0);
    const [header, ...rows] = cellsOf(out);
    expect(header.join(",")).toBe(HEADER);
    expect(rows).toHaveLength(500);
    for (const [age, colour, weight, share] of rows) {
      expect(age).toMatch(/^\d+$/);
      expect(["", "blue", "green", "deep red"]).toContain(colour);
      expect(weight).toMatch(/^(-?\d+(\.\d+)?)?$/);
      expect(Number(share) > 0 && Number(share) < 1).toBe(true);
    }
    expect(rows.some((cells) => cells[1] === "")).toBe(true);
    expect(rows.some((cells) => cells[2] === "")).toBe(true);
    // What was drawn can be scored: it is a table of the same schema.
    expect((await jko(`logprob ${run} ${out} -o ${join(home, "own.npy")}`)).code).toBe(0);
    expect((await jko(`sample ${run} -n 5 -o ${join(home, "samples.npy")}`)).err).toContain("words in column");
  });

  it("is scored by a bound that more draws raise, and says so", async () => {
    const means: number[] = [];
    for (const draws of [1, 8]) {
      const { out, code } = await jko(
        `logprob ${run} ${table} -o ${join(home, `s-${draws}.npy`)} --draws ${draws} --json`,
      );
      expect(code).toBe(0);
      const result = JSON.parse(out.trim().split("\n").at(-1)!);
      expect(result).toMatchObject({ rows: ROWS, draws, bound: expect.stringContaining("lower bounds") });
      means.push(result.meanLogProb);
    }
    expect(means[1]).toBeGreaterThan(means[0]);
    const { out } = await jko(`evaluate ${run} ${table} --json`);
    const { testNll } = JSON.parse(out.trim().split("\n").at(-1)!);
    // Another draw of the noise: the mean of 300 rows differs by little.
    expect(Math.abs(testNll + means[0])).toBeLessThan(0.5);
  });

  it("interrupted and resumed has the same bits", async () => {
    const broken = join(home, "broken");
    let seen = 0;
    const { code } = await jko(`fit ${table} --out ${broken} ${DECLARED} ${TINY} --checkpoint-every 0.001 --json`, {
      onOut: (text, interrupt) => (seen += text.split('"update"').length - 1) > 5 && interrupt("SIGINT"),
    });
    expect(code).toBe(130);
    expect((await jko(`resume ${broken} --quiet --threads 1`)).code).toBe(0);
    expect(hashOf(join(broken, "model.safetensors"))).toBe(hashOf(join(run, "model.safetensors")));
  });

  const malformed: readonly (readonly [name: string, row: string, message: string])[] = [
    ["an unknown category", "30,pink,60,0.5", 'bad.csv:3:2: "pink" in column "colour", expected one of'],
    ["a fraction", "30.5,blue,60,0.5", 'bad.csv: row 2, column "age": 30.5, expected a whole number'],
    ["a value outside of its bounds", "-1,blue,60,0.5", 'row 2, column "age": -1, expected a value at least 0'],
    ["a value on its bound", "30,blue,60,1", 'row 2, column "share": 1, expected a value above 0 and below 1'],
    ["a word", "30,blue,heavy,0.5", 'bad.csv:3:3: "heavy" in column "weight", expected a number'],
    ["a missing cell where none was", ",blue,60,0.5", 'row 2, column "age": a missing value'],
  ];
  it.each(malformed)("with --strict refuses %s in one line", async (_, row, message) => {
    const bad = write("bad.csv", [lines[0], row, ...lines.slice(2)]);
    const { code, err } = await jko(`logprob ${run} ${bad} -o ${join(home, "bad.npy")} --strict --quiet`);
    expect(code).toBe(2);
    expect(err.trim().split("\n")).toHaveLength(1);
    expect(err).toContain(message);
    expect(fs.existsSync(join(home, "bad.npy"))).toBe(false);
  });

  it("as numbers is refused with the flag to use", async () => {
    const { code, err } = await fit(join(home, "none"), "--columns-as numbers");
    expect(code).toBe(2);
    expect(err).toContain(
      'in column "colour", expected a number; for a column of categories name it: --categorical colour',
    );
    expect((await fit(join(home, "none"), "--bounds age")).err).toContain("--bounds");
    expect((await fit(join(home, "none"), `${DECLARED} --integer share`)).err).toContain('column "share"');
    expect(fs.existsSync(join(home, "none"))).toBe(false);
  });
});
