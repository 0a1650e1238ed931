/** Scoring rows that no row of the model can be: their own score is -inf, and all others keep theirs. */
import fs from "node:fs";
import { join } from "node:path";
import { createKey, io } from "jkoflow";
import { normal } from "jkoflow/random";
import { beforeAll, describe, expect, it } from "vitest";
import { eventsOf, folder, jko, resultOf, TINY } from "./command.testing.ts";
import { readNpy } from "./npy.testing.ts";
import { plain } from "./parquet.testing.ts";

const home = folder();
const ROWS = 240;
const noise = normal(createKey(12), 2 * ROWS);
const KINDS = ["ant", "bee", "cow"];
const HEADER = "kind,age,share,size,hue";
/** Given are size, a number, and hue, a category, in the conditional runs; else they are columns as others. */
const lines = Array.from({ length: ROWS }, (_, i) => {
  const share = 1 / (1 + Math.exp(-noise[2 * i]));
  const size = (noise[2 * i + 1] * 0.5).toFixed(3);
  return `${KINDS[i % 3]},${i % 60},${share.toFixed(5)},${size},${i % 2 === 0 ? "red" : "green"}`;
});
const write = (name: string, rows: readonly string[]): string => {
  const path = join(home, name);
  fs.writeFileSync(path, `${HEADER}\n${rows.join("\n")}\n`);
  return path;
};
const table = write("table.csv", lines);
const [run, conditional] = [join(home, "run"), join(home, "conditional")];
const DECLARED = "--categorical kind --integer age --bounds age=0:99 --bounds share=0:1";

beforeAll(async () => {
  const fits = [`--out ${run} ${DECLARED} --drop size,hue`, `--out ${conditional} ${DECLARED} --condition size,hue`];
  for (const words of fits) {
    const { code, err } = await jko(`fit ${table} ${words} ${TINY}`);
    expect([code, code === 0 ? "" : err]).toEqual([0, ""]);
  }
});

/** Rows 2, 4, 5, 7, 8 and 9 of the ten cannot be; the others are rows of the table at their places. */
const bad: readonly (readonly [row: number, line: string])[] = [
  [2, "dog,30,0.5,0.1,red"],
  [4, "bee,30.5,0.5,0.1,red"],
  [5, "bee,100,0.5,0.1,red"],
  [7, "bee,30,1,0.1,red"],
  [8, "dog,30,1.5,0.1,red"],
  [9, "elk,-1,0.25,0.1,red"],
];
const mixed = (): string[] => {
  const rows = lines.slice(0, 10);
  for (const [row, line] of bad) rows[row - 1] = line;
  return rows;
};
const scoresOf = (out: string): string[] => out.trim().split("\n").slice(1);
const clean = async (model = run): Promise<string[]> =>
  scoresOf((await jko(`logprob ${model} ${write("clean.csv", lines.slice(0, 10))}`)).out);
const isBad = (i: number): boolean => bad.some(([row]) => row === i + 1);

describe("rows without a density", () => {
  it("score -inf, the others as if they stood among rows that fit", async () => {
    const { code, out, err } = await jko(`logprob ${run} ${write("mixed.csv", mixed())}`);
    expect(code).toBe(0);
    const expected = (await clean()).map((score, i) => (isBad(i) ? "-inf" : score));
    expect(scoresOf(out)).toEqual(expected);
    const notes = err.split("\n").filter((line) => line.includes("scored -inf"));
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain('an unseen category in 3 rows (the first: row 2, column "kind": "dog")');
    expect(notes[0]).toContain('a fraction among whole numbers in 1 row (row 4, column "age": 30.5)');
    expect(notes[0]).toContain('outside of the bounds in 1 row (row 5, column "age": 100)');
    expect(notes[0]).toContain('on a bound in 1 row (row 7, column "share": 1)');
    const others = expected.filter((score) => score !== "-inf").map(Number);
    const mean = others.reduce((sum, score) => sum + score, 0) / others.length;
    expect(notes[0]).toContain(`the mean of the other 4 rows with a score is ${mean.toFixed(4)} nats`);
    const stdin = fs.readFileSync(join(home, "mixed.csv"));
    expect((await jko(`logprob ${run} -`, { stdin })).out).toBe(out);
  });

  it("score nan where asked to, count in --json, and are refused by --strict", async () => {
    const path = write("mixed.csv", mixed());
    const scored = await jko(`logprob ${run} ${path} --outside nan -o ${join(home, "nan.npy")} --json`);
    const { values } = readNpy(join(home, "nan.npy"));
    const isNaNs = [...values].map((value) => Number.isNaN(value));
    expect(isNaNs).toEqual(isNaNs.map((_, i) => isBad(i)));
    const { outside, meanLogProb, meanOfOthers } = resultOf(scored);
    expect(meanLogProb).toBe(null);
    expect(meanOfOthers).toBeCloseTo([...values].filter((x) => !Number.isNaN(x)).reduce((a, b) => a + b) / 4, 10);
    expect(outside).toMatchObject({
      rows: 6,
      reasons: [
        { reason: "an unseen category", rows: 3, first: { row: 1, column: "kind", value: '"dog"' } },
        { rows: 1 },
        { rows: 1 },
        { rows: 1 },
      ],
    });
    const { code, err } = await jko(`logprob ${run} ${path} --strict -o ${join(home, "strict.npy")} --quiet`);
    expect([code, err.trim().split("\n").length]).toEqual([2, 1]);
    expect(err).toContain('mixed.csv:3:1: "dog" in column "kind", expected one of');
    expect(fs.existsSync(join(home, "strict.npy"))).toBe(false);
  });

  it("lie below any threshold", async () => {
    const path = write("mixed.csv", mixed());
    for (const outside of ["-inf", "nan"]) {
      const { out, err } = await jko(`logprob ${run} ${path} --threshold 0.01 --outside ${outside}`);
      const low = scoresOf(out).map((line) => line.split(",")[1]);
      expect(low.filter((_, i) => isBad(i))).toEqual(["1", "1", "1", "1", "1", "1"]);
      expect(err).toContain("rows counted from 1: row 2 (-inf), row 4 (-inf)");
    }
  });

  it("may be all rows of a block, and a gap is still refused", async () => {
    const all = write("all.csv", ["dog,1,0.5,0,red", "elk,2,0.5,0,red"]);
    const { code, out, err } = await jko(`logprob ${run} ${all}`);
    expect([code, scoresOf(out)]).toEqual([0, ["-inf", "-inf"]]);
    expect(err).not.toContain("mean of the other");
    const gap = write("gap.csv", [lines[0], ",1,0.5,0,red", "dog,2,0.5,0,red"]);
    expect((await jko(`logprob ${run} ${gap}`)).err).toContain('row 2, column "kind": a missing value');
    expect(scoresOf((await jko(`logprob ${run} ${gap} --missing nan`)).out).slice(1)).toEqual(["nan", "-inf"]);
    const { code: judged, err: why } = await jko(`evaluate ${run} ${all}`);
    expect([judged, why]).toEqual([2, expect.stringContaining("no row that the model could have")]);
  });

  it("whole numbers as tables with gaps write them are what they are", async () => {
    const numbers = join(home, "numbers");
    const rows = Array.from({ length: 60 }, (_, i) => `${i % 3},${noise[i].toFixed(4)}`);
    const file = (name: string, cells: readonly string[]): string => {
      fs.writeFileSync(join(home, name), `code,x\n${cells.join("\n")}\n`);
      return join(home, name);
    };
    expect((await jko(`fit ${file("n.csv", rows)} --categorical code --out ${numbers} ${TINY}`)).code).toBe(0);
    const dotted = file(
      "d.csv",
      rows.slice(0, 9).map((row) => row.replace(",", ".0,")),
    );
    const expected = (await jko(`logprob ${numbers} ${file("w.csv", rows.slice(0, 9))}`)).out;
    expect((await jko(`logprob ${numbers} ${dotted}`)).out).toBe(expected);
    // A file of numbers: the categories 7 and 0.5 are not known, and infinity is a missing cell as it is in text.
    const npy = join(home, "n.npy");
    fs.writeFileSync(npy, io.writeNpy(Float32Array.of(0, 0.1, 7, 0.1, 0.5, 0.1), [3, 2]));
    const { out, err } = await jko(`logprob ${numbers} ${npy}`);
    expect(scoresOf(out).slice(1)).toEqual(["-inf", "-inf"]);
    expect(err).toContain('an unseen category in 2 rows (the first: row 2, column "code": "7")');
    fs.writeFileSync(npy, io.writeNpy(Float32Array.of(0, 0.1, Number.POSITIVE_INFINITY, 0.1), [2, 2]));
    expect((await jko(`logprob ${numbers} ${npy}`)).err).toContain("a missing value");
  });

  it("are found in Parquet files", async () => {
    const early = Array.from({ length: 20 }, (_, i) => `${Math.sin(i)},${Math.cos(3 * i)},${i}`);
    fs.writeFileSync(join(home, "early.csv"), `a,b,n\n${early.join("\n")}\n`);
    const model = join(home, "early");
    const fit = await jko(`fit ${join(home, "early.csv")} --integer n --bounds n=0:19 --out ${model} ${TINY}`);
    expect([fit.code, fit.code === 0 ? "" : fit.err]).toEqual([0, ""]);
    const path = join(home, "plain.parquet");
    fs.writeFileSync(path, plain); // n is 0, 1, ..., 39
    const scores = scoresOf((await jko(`logprob ${model} ${path}`)).out);
    expect(scores.map((score) => score === "-inf")).toEqual(Array.from({ length: 40 }, (_, i) => i >= 20));
  });

  it("are left out of what evaluate says, and told", async () => {
    const kept = lines.slice(0, 40).filter((_, i) => !isBad(i));
    const path = write("judged.csv", [...mixed(), ...lines.slice(10, 40)]);
    const { out, err } = await jko(`evaluate ${run} ${path}`);
    expect(err).toContain("6 rows without a density, so that the NLL of all rows is infinite");
    expect(err).toContain("all figures are of the other 34 rows");
    expect(out).toMatch(/no density +6 rows besides: NLL inf over all/);
    const result = resultOf(await jko(`evaluate ${run} ${path} --json`));
    expect(result).toMatchObject({ rows: 34, testNll: null, outside: { rows: 6 } });
    expect(kept).toHaveLength(34);
    // Scores of these rows with another draw of the noise: means of 34 rows that differ by a few hundredths.
    const own = scoresOf((await jko(`logprob ${run} ${path}`)).out).filter((score) => score !== "-inf");
    const mean = own.reduce((sum, score) => sum + Number(score), 0) / own.length;
    expect(Math.abs(Number(result.nllOfOthers) + mean)).toBeLessThan(0.3);
    expect((await jko(`evaluate ${run} ${path} --strict`)).code).toBe(2);
  });
});

describe("jko fit", () => {
  it("leaves such rows of its test and validation files out, and says so", async () => {
    const [clean, test] = [
      write("fine.csv", lines.slice(200)),
      write("odd.csv", [...lines.slice(200), bad[0][1], bad[2][1]]),
    ];
    const words = `fit ${table} ${DECLARED} --condition size,hue --report none ${TINY}`;
    const odd = await jko(`${words} --test ${test} --out ${join(home, "odd")} --json`);
    expect(odd.code).toBe(0);
    const notes = eventsOf(odd).filter(({ text }) => String(text).includes("without a density left out"));
    expect(notes.map(({ text }) => text)).toEqual([
      `${test}: 2 rows without a density left out: values that no row of the model can have, ` +
        'an unseen category in 1 row (row 41, column "kind": "dog"); outside of the bounds in 1 row (row 42, column "age": 100)',
    ]);
    const fine = await jko(`${words} --test ${clean} --out ${join(home, "fine")} --json`);
    const [one, other] = [resultOf(odd), resultOf(fine)];
    expect(one.rows).toMatchObject({ test: 40 });
    expect([one.testNll, one.modelHash]).toEqual([other.testNll, other.modelHash]);
  });
});

describe("given columns", () => {
  it("with a category that no training row has score -inf", async () => {
    const rows = lines.slice(0, 6);
    const expected = await clean(conditional);
    rows[2] = rows[2].replace(/,[a-z]+$/, ",blue");
    rows[3] = "dog,30,0.5,0.1,blue";
    const { out, err, code } = await jko(`logprob ${conditional} ${write("given.csv", rows)}`);
    expect(code).toBe(0);
    expect(scoresOf(out)).toEqual(expected.slice(0, 6).map((score, i) => (i === 2 || i === 3 ? "-inf" : score)));
    expect(err).toContain('an unseen category in 2 rows (the first: row 3, column "hue": "blue")');
    const judged = resultOf(await jko(`evaluate ${conditional} ${join(home, "given.csv")} --json`));
    expect(judged).toMatchObject({ rows: 4, outside: { rows: 2 } });
    const strict = await jko(`logprob ${conditional} ${write("hue.csv", [lines[0], rows[2]])} --strict`);
    expect([strict.code, strict.err]).toEqual([
      2,
      expect.stringContaining('column "hue": "blue", expected one of green, red'),
    ]);
  });

  it("are read from files of numbers beside columns with a schema", async () => {
    const all = Array.from({ length: 40 }, (_, i) => `${Math.sin(i)},${Math.cos(3 * i)},${i}`);
    fs.writeFileSync(join(home, "all.csv"), `a,b,n\n${all.join("\n")}\n`);
    fs.writeFileSync(join(home, "all.parquet"), plain);
    const model = join(home, "all");
    const declared = "--condition b --integer n --bounds n=0:39";
    expect((await jko(`fit ${join(home, "all.csv")} ${declared} --out ${model} ${TINY}`)).code).toBe(0);
    const [text, binary] = ["csv", "parquet"].map((kind) => jko(`logprob ${model} ${join(home, `all.${kind}`)}`));
    // The given column is a float64 in text and a float32 in Parquet.
    const [from, to] = [scoresOf((await text).out), scoresOf((await binary).out)];
    expect(to).toHaveLength(40);
    to.forEach((score, i) => {
      expect(Math.abs(Number(score) - Number(from[i]))).toBeLessThan(1e-4);
    });
  });

  it("far from the training rows are told, and only these", async () => {
    const far =
      /column "size" is given as 1000: in the training rows kept with the model it is from -\d\.\d+ to \d\.\d+/;
    expect((await jko(`sample ${conditional} -n 2 --given size=1000`)).err).toMatch(far);
    expect((await jko(`sample ${conditional} -n 2 --given size=0.2`)).err).toBe("");
    const rows = [...lines.slice(0, 4), "ant,3,0.5,-77,red", "ant,3,0.5,99,red"];
    const told = 'column "size" is given as -77 in row 5 (2 of 6 rows are as far off)';
    const path = write("far.csv", rows);
    expect((await jko(`logprob ${conditional} ${path}`)).err).toContain(told);
    expect((await jko(`evaluate ${conditional} ${path}`)).err).toContain(told);
    expect((await jko(`logprob ${conditional} ${table}`)).err).not.toContain("is given as");
    const notes = eventsOf(await jko(`logprob ${conditional} ${path} --json -o ${join(home, "far.npy")}`));
    expect(notes.filter(({ text }) => String(text).includes("is given as"))).toHaveLength(1);
  });
});
