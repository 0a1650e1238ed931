/** `jko` on texts in other dialects: fitted, resumed, scored and evaluated alike; what a run was told is known to its scoring. */
import fs from "node:fs";
import { join } from "node:path";
import { createKey, type io } from "jkoflow";
import { normal } from "jkoflow/random";
import { describe, expect, it } from "vitest";
import { mergeConfig } from "../src/config/runConfig.ts";
import { loadProblem } from "../src/run/problem.ts";
import { folder, hashOf, jko, resultOf, TINY } from "./command.testing.ts";
import { readNpy } from "./npy.testing.ts";
import { shellOf } from "./shell.testing.ts";

const home = folder();
const ROWS = 60;
const cells = Array.from(normal(createKey("cli dialects"), 2 * ROWS), (x) => (10 * x).toFixed(3));
const rows = Array.from({ length: ROWS }, (_, i) => cells.slice(2 * i, 2 * i + 2));
const write = (name: string, lines: readonly (readonly string[])[], mark = ","): string => {
  const path = join(home, name);
  fs.writeFileSync(path, `${lines.map((line) => line.join(mark)).join("\n")}\n`);
  return path;
};
const named = [["a", "b"], ...rows];
const run = (name: string): string => join(home, `run-${name}`);
const fit = (path: string, name: string, flags = "") => jko(`fit ${path} --out ${run(name)} ${TINY} ${flags}`);
const scores = async (model: string, path: string, flags = ""): Promise<number[]> => {
  const out = join(home, "scores.npy");
  const outcome = await jko(`logprob ${run(model)} ${path} -o ${out} --force ${flags}`);
  expect([outcome.code, outcome.err]).toEqual([0, expect.anything()]);
  return [...readNpy(out).values];
};
const comma = (cell: string): string => cell.replace(".", ",");
const base = write("base.csv", named);

/** The rows that a fit of a file would train on. */
const trainingRows = async (path: string, dialect: io.Dialect = {}) => {
  const { train, notes } = await loadProblem({ train: path }, mergeConfig({ dialect }, {}), shellOf());
  return { values: [...train.values], columns: train.columns, notes };
};

describe("a table in another dialect", () => {
  it("gives the training rows, the scores and the report of the plain one", async () => {
    expect((await fit(base, "base")).code).toBe(0);
    const wanted = await scores("base", base);
    const { values, columns } = await trainingRows(base);
    const others: Readonly<Record<string, readonly [path: string, note?: string]>> = {
      pipe: [write("pipe.txt", named, "|")],
      commas: [write("commas.csv", [["a", "b"], ...rows.map((row) => row.map(comma))], ";"), "decimal commas"],
      index: [write("index.csv", [["", "a", "b"], ...rows.map((row, i) => [String(i), ...row])]), "counts the rows"],
      end: [
        write(
          "end.csv",
          named.map((row) => [...row, ""]),
        ),
        "no name and no value",
      ],
      comments: [write("comments.csv", [["# from a tool"], ...named]), "left out as comments"],
    };
    for (const [name, [path, note]] of Object.entries(others)) {
      const found = await trainingRows(path);
      expect([name, found.columns, found.values]).toEqual([name, columns, values]);
      expect(found.notes.filter((line) => line.includes(note ?? path))).toHaveLength(note ? 1 : 0);
      expect(await scores("base", path)).toEqual(wanted);
    }
    const { testNll } = resultOf(await jko(`evaluate ${run("base")} ${others.commas[0]} --json`));
    expect(testNll).toBeCloseTo(-wanted.reduce((sum, x) => sum + x, 0) / ROWS, 9);
  });

  it("is read by flags, which are stored and known when the run is resumed and rows are scored", async () => {
    const quoted = rows.map((row) => row.map((cell) => `"${comma(cell)}"`));
    const told = write("told.csv", [
      ["a", "b"],
      ["% by hand"],
      ...quoted.map(([a, b], i) => [i % 9 === 4 ? "-99" : a, i % 7 === 3 ? "none given" : b]),
    ]);
    const { values } = await trainingRows(base);
    expect((await trainingRows(write("quoted.csv", [["a", "b"], ...quoted]), { decimal: "comma" })).values).toEqual(
      values,
    );
    const flags = (out: string): string[] => ["fit", told, "--out", run(out), "--missing", "drop", ...TINY.split(" ")];
    expect((await jko(flags("none"))).err).toContain("told.csv:2:2: 1 cell, expected 2");
    expect((await jko([...flags("none"), "--comment", "%"])).err).toContain(
      "say what the comma is: --decimal , or --thousands ,",
    );
    const most = ["--comment", "%", "--decimal", ","];
    expect((await jko([...flags("none"), ...most])).err).toContain("if such words stand for gaps: --gap WORD");
    const all = [...most, "--gap", "-99,none given"];
    expect((await jko([...flags("told"), ...all])).code).toBe(0);
    const { config } = JSON.parse(fs.readFileSync(join(run("told"), "config.json"), "utf8"));
    expect(config.dialect).toEqual({ decimal: "comma", comment: "%", gaps: ["-99", "none given"] });

    const isGap = rows.map((_, i) => i % 9 === 4 || i % 7 === 3);
    expect((await scores("told", told, "--missing nan")).map(Number.isNaN)).toEqual(isGap);
    const other = await jko(`logprob ${run("told")} ${base}`);
    expect([other.code, other.err]).toEqual([2, expect.stringContaining("if all decimals have points: --decimal .")]);
    expect(await scores("told", base, "--decimal .")).toHaveLength(ROWS);
    // Numbers for gaps are known in arrays too.
    const array = join(home, "array.npy");
    await jko(`sample ${run("base")} -n 3 -o ${array}`);
    const bytes = fs.readFileSync(array);
    bytes.writeFloatLE(-99, bytes.length - 8);
    fs.writeFileSync(array, bytes);
    expect((await scores("told", array, "--missing nan")).map(Number.isNaN)).toEqual([false, false, true]);

    let seen = 0;
    const { code } = await jko([...flags("broken"), ...all, "--checkpoint-every", "0.001", "--json"], {
      onOut: (text, interrupt) => (seen += text.split('"update"').length - 1) > 5 && interrupt("SIGINT"),
    });
    expect(code).toBe(130);
    expect((await jko(`resume ${run("broken")} --quiet`)).code).toBe(0);
    expect(hashOf(join(run("broken"), "model.safetensors"))).toBe(hashOf(join(run("told"), "model.safetensors")));
  });

  const refused: readonly (readonly [name: string, words: readonly string[], message: string])[] = [
    ["an unknown mark for decimals", ["--decimal", "x"], '--decimal: "x", expected point | comma'],
    [
      "a word for a comment",
      ["--comment", "rem"],
      '--comment: "rem", expected the character that begins comment lines',
    ],
    ["one mark for both", ["--decimal", ",", "--thousands", ","], "base.csv: a comma for both, expected another mark"],
    ["an unknown delimiter", ["--delimiter", "colon"], "expected comma | tab | semicolon | pipe | blank"],
  ];
  it.each(refused)("refuses %s", async (_, words, message) => {
    const { code, err } = await jko(["fit", base, "--out", run("none"), ...words]);
    expect([code, err.trim().split("\n").length]).toEqual([2, 1]);
    expect(err).toContain(message);
  });
  it("refuses flags of a text beside a toy", async () => {
    for (const flag of ["--decimal ,", "--thousands ,", "--comment #", "--gap x"]) {
      expect((await jko(`fit toy:moons --out ${run("none")} ${flag}`)).err).toContain("expected a table");
    }
  });
});

describe("messages", () => {
  it("call standard input by one name", async () => {
    const bytes = Buffer.from(
      "x,y\n1,2\n1,3\n1,4\n1,5\n1,6\n1,7\n1,8\n1,9\n1,9\n1,8\n1,5\n1,4\n1,3\n1,2\n1,3\n1,4\n1,5\n",
    );
    const constant = await jko(`fit - --out ${run("none")}`, { stdin: bytes });
    expect(constant.err).toContain(
      'error: stdin: column "x": a single value in all training rows, which has no density',
    );
    const few = await jko(`fit - --out ${run("none")}`, { stdin: Buffer.from("x,y\n1,2\n3,4\n5,6\n7,8\n") });
    expect(few.err).toMatch(/^error: stdin: \d+ training and/);
    const array = await jko(`fit ${base} --array a --out ${run("none")}`);
    expect(array.err).toContain("--array:");
  });
});
