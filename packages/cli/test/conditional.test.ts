/** `jko` with given columns: --condition, --given, and the tables that hold them. */
import fs from "node:fs";
import { join } from "node:path";
import { createKey, data, io } from "jkoflow";
import { normal } from "jkoflow/random";
import { beforeAll, describe, expect, it } from "vitest";
import { folder, hashOf, jko, resultOf, TINY } from "./command.testing.ts";

const home = folder();
const ROWS = 300;
const KINDS = ["ant", "bee", "cow"];

/** Two columns around a mean of each kind, the kind itself, an age that shifts the first column, and words to leave out. */
function writeTable(path: string, missing: string[] = []): string {
  const noise = normal(createKey(3), 2 * ROWS);
  const lines = Array.from({ length: ROWS }, (_, i) => {
    const kind = i % 10 < 5 ? 0 : i % 10 < 8 ? 1 : 2;
    const age = 1 + (i % 40) / 7;
    const x = [3 * kind + age + noise[2 * i], -2 * kind + noise[2 * i + 1]].map((value) => value.toFixed(4));
    return `${x[0]},${missing[i] ?? KINDS[kind]},${x[1]},${age.toFixed(3)},row ${i}`;
  });
  fs.writeFileSync(path, `first,kind,second,age,name\n${lines.join("\n")}\n`);
  return path;
}

const table = writeTable(join(home, "table.csv"));
const run = join(home, "run");
const fit = (out: string, more = "") =>
  jko(`fit ${table} --condition kind,age --drop name --out ${out} ${TINY} --checkpoint-every 0.001 ${more}`);

beforeAll(async () => {
  const { code, err } = await fit(run);
  expect(code).toBe(0);
  expect(err).toMatch(/given kind: categories ant \(5\d %\), bee \(\d+ %\), cow \(\d+ %\)/);
  expect(err).toMatch(/given age: a number, mean \d/);
});

describe("fit --condition", () => {
  it("judges the flow label by label, beside baselines that are given the same", () => {
    const { result } = JSON.parse(fs.readFileSync(join(run, "report.json"), "utf8"));
    expect(result.byLabel.map(({ label }: { label: string }) => label).sort()).toEqual(KINDS);
    expect(result.byLabel.reduce((sum: number, { rows }: { rows: number }) => sum + rows, 0)).toBe(30);
    expect(result.columns).toBe(2);
    expect(result.baselines[0].name).toBe("Gaussian, linear in what is given");
    expect(fs.readFileSync(join(run, "report.html"), "utf8")).toContain("By label");
  });

  it("interrupted and resumed has the same bits", async () => {
    const broken = join(home, "broken");
    let seen = 0;
    const first = await jko(
      `fit ${table} --condition kind,age --drop name --out ${broken} ${TINY} --checkpoint-every 0.001 --json`,
      { onOut: (text, interrupt) => (seen += text.split('"update"').length - 1) > 8 && interrupt("SIGINT") },
    );
    expect(first.code).toBe(130);
    expect((await jko(`resume ${broken} --quiet --threads 1`)).code).toBe(0);
    expect(hashOf(join(broken, "model.safetensors"))).toBe(hashOf(join(run, "model.safetensors")));
  });

  it("another condition is another run", async () => {
    const { code, err } = await jko(`fit ${table} --condition kind --drop name,age --out ${run} ${TINY}`);
    expect(code).toBe(2);
    expect(err).toContain("a run with other data or settings");
  });

  it("refuses what gives nothing, in one line", async () => {
    const cases: readonly [string, RegExp][] = [
      ["--condition knd", /no column "knd".*did you mean "kind"/],
      ["--condition name", /240 categories, expected at most 200/],
      ["--condition kind:number", /"ant" in row 1, expected numbers/],
      ["--condition kind,age --set base=labels", /the numbers of column "age", expected labels only/],
    ];
    for (const [words, message] of cases) {
      const drop = words.includes("name") ? "kind,age" : words.includes("age") ? "name" : "name,age";
      const { code, err } = await jko(`fit ${table} ${words} --drop ${drop} --out ${join(home, "no")} --quiet ${TINY}`);
      expect([words, code]).toEqual([words, 2]);
      expect(err).toMatch(message);
      expect(err.trim().split("\n").length).toBe(1);
    }
    const toy = await jko(`fit toy:moons --condition label --out ${join(home, "no")} ${TINY}`);
    expect(toy.err).toContain("toys have none");
  });

  it("a category that fell out of the training rows is refused", async () => {
    // Eight categories of one row each: with seed 0 the split puts some of them into the other parts.
    const rare = writeTable(
      join(home, "rare.csv"),
      Array.from({ length: 8 }, (_, i) => `rare${i}`),
    );
    const { code, err } = await jko(`fit ${rare} --condition kind --drop name --out ${join(home, "rare")} ${TINY}`);
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/"rare\d" in validation or test rows and in no training row/),
    ]);
  });

  it("a score of a row without a given value names the way to score it NaN; an evaluation has none", async () => {
    const holes = writeTable(join(home, "scored.csv"), Object.assign([], { 4: "" }));
    const { code, err } = await jko(`logprob ${run} ${holes}`);
    expect(code).toBe(2);
    expect(err).toMatch(/row 5: no value of kind, expected one.*--missing nan/);
    expect((await jko(`evaluate ${run} ${holes}`)).err).not.toContain("--missing nan");
    expect((await jko(`logprob ${run} ${holes} --missing nan`)).code).toBe(0);
  });

  it("a missing given value is refused, or its row left out", async () => {
    const holes = writeTable(join(home, "holes.csv"), Object.assign([], { 4: "", 17: "NA" }));
    const words = `fit ${holes} --condition kind --drop name --out ${join(home, "holes")} ${TINY}`;
    expect((await jko(words)).err).toMatch(/row 5: no value of kind, expected one.*--missing drop/);
    const { code, err } = await jko(`${words} --missing drop`);
    expect(code).toBe(0);
    expect(err).toContain("left out 2 rows without a value of kind");
  });
});

describe("sample --given", () => {
  const rows = ({ out }: { out: string }) =>
    out
      .trim()
      .split("\n")
      .map((line) => line.split(","));

  it("writes the given columns beside the others", async () => {
    const drawn = rows(await jko(`sample ${run} -n 40 --given kind=cow --given age=2.5`));
    expect(drawn[0]).toEqual(["first", "second", "kind", "age"]);
    expect(new Set(drawn.slice(1).map((cells) => cells.slice(2).join()))).toEqual(new Set(["cow,2.5"]));
  });

  it("draws what is not given as it occurs", async () => {
    const drawn = rows(await jko(`sample ${run} -n 2000`)).slice(1);
    const share = drawn.filter((cells) => cells[2] === "ant").length / 2000;
    expect(Math.abs(share - 0.5)).toBeLessThan(0.08); // 240 training rows and 2000 draws: standard error 0.034
  });

  it("names the known categories and columns", async () => {
    const { code, err } = await jko(`sample ${run} -n 2 --given kind=dog`);
    expect([code, err]).toEqual([2, 'error: condition: column "kind": "dog", expected one of ant, bee, cow\n']);
    expect((await jko(`sample ${run} -n 2 --given knd=ant`)).err).toContain("expected one of kind, age");
    expect((await jko(`sample ${run} -n 2 --given kind`)).err).toContain("name=value");
  });

  it("so far out that no number comes of it is refused, and nothing written", async () => {
    const output = join(home, "far.csv");
    const { code, err } = await jko(`sample ${run} -n 3 --given kind=cow --given age=3.4e38 -o ${output} --quiet`);
    expect([code, err.trim().split("\n").at(-1)]).toEqual([2, expect.stringContaining("a value that is not finite")]);
    expect(fs.existsSync(output)).toBe(false);
  });
});

describe("a table with given columns", () => {
  it("is scored the same from a file and from standard input, whatever the order of columns", async () => {
    const scores = await jko(`logprob ${run} ${table}`);
    expect(scores.out.trim().split("\n").length).toBe(ROWS + 1);
    const stdin = fs.readFileSync(table);
    expect((await jko(`logprob ${run} -`, { stdin })).out).toBe(scores.out);
    const turned = join(home, "turned.csv");
    const lines = fs.readFileSync(table, "utf8").trim().split("\n");
    fs.writeFileSync(turned, lines.map((line) => line.split(",").reverse().join(",")).join("\n"));
    expect((await jko(`logprob ${run} ${turned}`)).out).toBe(scores.out);
  });

  it("is evaluated label by label", async () => {
    const { byLabel, testNll, rows } = resultOf(await jko(`evaluate ${run} ${table} --json`)) as {
      byLabel: { rows: number; nll: number }[];
      testNll: number;
      rows: number;
    };
    const sum = byLabel.reduce((total, { rows: n, nll }) => total + n * nll, 0);
    expect(sum / rows).toBeCloseTo(testNll, 10); // the labels part the rows
    expect((await jko(`evaluate ${run}`)).out).toMatch(/kind ant +NLL/);
  });

  it("without one, or with an unknown category or a hole in it, is told so", async () => {
    const without = join(home, "without.csv");
    fs.writeFileSync(without, "first,second,age\n1,2,3\n");
    expect((await jko(`logprob ${run} ${without}`)).err).toContain('no column "kind"');
    const other = join(home, "other.csv");
    fs.writeFileSync(other, "first,second,age,kind\n1,2,3,ant\n1,2,3,dog\n");
    const strict = await jko(`logprob ${run} ${other} --strict`);
    expect(strict.err).toContain('row 2, column "kind": "dog", expected one of ant');
    fs.writeFileSync(other, "first,second,age,kind\n1,2,3,ant\n1,2,3,\n");
    expect((await jko(`logprob ${run} ${other}`)).err).toContain("row 2: no value of kind");
    expect((await jko(`logprob ${run} ${other} --missing nan`)).out.trim().split("\n")[2]).toBe("nan");
  });

  it("may be of numbers alone", async () => {
    const path = join(home, "numbers.npy");
    const { points, given } = data.conditionalToys.unequal.sample(createKey(1), 400);
    const values = Float32Array.from({ length: 1200 }, (_, at) =>
      at % 3 === 2 ? Number(given.columns[0].values[(at - 2) / 3]) : points[2 * Math.floor(at / 3) + (at % 3)],
    );
    fs.writeFileSync(path, io.writeNpy(values, [400, 3]));
    const out = join(home, "numbers");
    const { code, err } = await jko(`fit ${path} --condition x3 --out ${out} ${TINY} --set base=labels`);
    expect(code).toBe(0);
    expect(err).toContain("given x3: categories 0 (");
    expect((await jko(`logprob ${out} ${path}`)).code).toBe(0);
    expect((await jko(`info ${out}`)).out).toContain("given x3");
    expect(fs.existsSync(join(out, "plots/density.svg"))).toBe(true);
  });
});
