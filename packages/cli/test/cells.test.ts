/** `jko fit` without a flag on a table of rare classes, whole numbers, prices and gaps: nothing impossible is ever drawn. */
import fs from "node:fs";
import { join } from "node:path";
import { createKey } from "jkoflow";
import { exp, normal, uniform } from "jkoflow/random";
import { beforeAll, describe, expect, it } from "vitest";
import { folder, hashOf, jko, resultOf, TINY } from "./command.testing.ts";

const home = folder();
const ROWS = 1000;
const z = normal(createKey(11), 3 * ROWS);
const u = uniform(createKey(12), 2 * ROWS);
const HEADER = "lab,year,price,length,depth,kind,stay";
/** lab 0.4 % ones; price in cents, skewed; length and depth are empty together; stay whole, over 20 values. */
const lines = Array.from({ length: ROWS }, (_, i) => {
  const [a, b, c] = z.subarray(3 * i, 3 * i + 3);
  const kind = u[2 * i] < 0.5 ? "oak" : u[2 * i] < 0.9 ? "ash" : "yew";
  const gap = u[2 * i + 1] < 0.02;
  const length = gap ? "" : (40 + 3 * b + (kind === "oak" ? 4 : 0)).toFixed(1);
  const depth = gap ? "" : (17 + c + b / 3).toFixed(1);
  const price = (5 * exp(1.2 * a) + 0.01).toFixed(2);
  const stay = Math.floor(25 * exp(0.8 * c));
  return [i % 250 === 17 ? 1 : 0, 2007 + (i % 3), price, length, depth, kind, stay].join();
});
const write = (name: string, header: string, rows: readonly string[]): string => {
  const path = join(home, name);
  fs.writeFileSync(path, `${header}\n${rows.join("\n")}\n`);
  return path;
};
const table = write("table.csv", HEADER, lines);
const run = join(home, "run");
const cellsOf = (text: string): string[][] =>
  text
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","));
const data = cellsOf(`\n${lines.join("\n")}`);

beforeAll(async () => {
  const { code, err } = await jko(`fit ${table} --out ${run} ${TINY}`);
  expect(code).toBe(0);
  expect(err).toContain('note: columns "lab", "year" hold few whole numbers: taken as categories');
  expect(err).toContain('note: column "stay" holds whole numbers: taken as integers');
  expect(err).toContain(
    "scores are ln P(what is discrete in lab, year, length, depth, kind) + ln p(the rest, given that)",
  );
});

describe("a table that nobody declared", () => {
  it("is sampled without an impossible value, in the rates of the data, with its decimals", async () => {
    const n = 20_000;
    const out = join(home, "samples.csv");
    expect((await jko(`sample ${run} -n ${n} -o ${out}`)).code).toBe(0);
    const drawn = cellsOf(fs.readFileSync(out, "utf8"));
    expect(drawn).toHaveLength(n);
    const stays = data.map((cells) => Number(cells[6]));
    const longest = Math.max(...stays);
    const isPossible = ([lab, year, price, length, depth, kind, stay]: readonly string[]): boolean =>
      ["0", "1"].includes(lab) &&
      ["2007", "2008", "2009"].includes(year) &&
      /^\d+(\.\d{1,2})?$/.test(price) &&
      Number(price) > 0 &&
      (length === "") === (depth === "") &&
      /^(-?\d+(\.\d)?)?$/.test(length) &&
      ["oak", "ash", "yew"].includes(kind) &&
      /^\d+$/.test(stay) &&
      Number(stay) <= longest;
    expect(data.filter((cells) => !isPossible(cells.map((cell) => cell.replace(/\.0$/, ""))))).toEqual([]);
    expect(drawn.filter((cells) => !isPossible(cells))).toEqual([]);
    const share = (rows: readonly string[][], test: (cells: readonly string[]) => boolean): number =>
      rows.filter(test).length / rows.length;
    const tests: ((cells: readonly string[]) => boolean)[] = [
      (cells) => cells[0] === "1",
      (cells) => cells[3] === "",
      ...["2007", "2008", "2009"].map((year) => (cells: readonly string[]) => cells[1] === year),
      ...["oak", "ash", "yew"].map((kind) => (cells: readonly string[]) => cells[5] === kind),
    ];
    for (const test of tests) {
      const [p, q] = [share(data, test), share(drawn, test)];
      expect(Math.abs(p - q)).toBeLessThan(3 * Math.sqrt((p * (1 - p)) / ROWS));
    }
  });

  it("is sampled given the level of a category, which needed no declaration", async () => {
    const { out, code } = await jko(`sample ${run} -n 200 --given kind=yew --given lab=1`);
    expect(code).toBe(0);
    const rows = cellsOf(out);
    expect(rows.every(([lab, , , , , kind]) => lab === "1" && kind === "yew")).toBe(true);
    expect((await jko(`sample ${run} -n 2 --given kind=elm`)).err).toContain('"elm", expected one of oak, ash, yew');
  });

  it("is scored by row, whatever form a whole number has; the same in evaluate", async () => {
    const one = write("one.csv", HEADER, lines.slice(0, 40));
    const forms = write(
      "forms.csv",
      HEADER,
      lines.slice(0, 40).map((line) => line.replace(",2007,", ",2007.0,")),
    );
    const scores = async (path: string) => cellsOf((await jko(`logprob ${run} ${path}`)).out).map(([x]) => Number(x));
    const [first, second] = [await scores(one), await scores(forms)];
    expect(first.every(Number.isFinite)).toBe(true);
    expect(second).toEqual(first);
    const { testNll } = resultOf(await jko(`evaluate ${run} ${one} --json`)) as { testNll: number };
    expect(Math.abs(testNll + first.reduce((sum, x) => sum + x / 40, 0))).toBeLessThan(0.5); // another draw of noise
  });

  it("has a held-out NLL in training that is that of the report: the opening and the cells are in it", () => {
    const events = fs
      .readFileSync(join(run, "events.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const last = events.filter(({ event, accepted }) => event === "step" && accepted).at(-1);
    const { result } = JSON.parse(fs.readFileSync(join(run, "report.json"), "utf8"));
    // Training looks with few steps of the solver.
    if (last) expect(last.validationNll).toBeCloseTo(result.validationNll, 2);
    expect(result.byLabel).toBeUndefined();
  });

  it("interrupted and resumed has the same bits", async () => {
    const broken = join(home, "broken");
    let seen = 0;
    const { code } = await jko(`fit ${table} --out ${broken} ${TINY} --checkpoint-every 0.001 --json`, {
      onOut: (text, interrupt) => (seen += text.split('"update"').length - 1) > 5 && interrupt("SIGINT"),
    });
    expect(code).toBe(130);
    expect((await jko(`resume ${broken} --quiet --threads 1`)).code).toBe(0);
    expect(hashOf(join(broken, "model.safetensors"))).toBe(hashOf(join(run, "model.safetensors")));
  });

  it("with given categories has cells given these; beside a given number they stay in the flow, which is said", async () => {
    const by = join(home, "by");
    expect((await jko(`fit ${table} --condition kind --out ${by} ${TINY} --quiet`)).code).toBe(0);
    const { out } = await jko(`sample ${by} -n 100 --given kind=ash`);
    expect(
      cellsOf(out).every(
        (cells) => cells.length === 7 && cells.at(-1) === "ash" && (cells[3] === "") === (cells[4] === ""),
      ),
    ).toBe(true);
    expect((await jko(`logprob ${by} ${table} -o ${join(home, "by.npy")}`)).code).toBe(0);
    const { err, code } = await jko(`fit ${table} --condition price:number --out ${join(home, "number")} ${TINY}`);
    expect(code).toBe(0);
    expect(err).toContain('"price" is given as a number: categories and gaps of the other columns');
    const rows = cellsOf((await jko(`sample ${join(home, "number")} -n 300`)).out);
    expect(rows.every(([lab, year]) => ["0", "1"].includes(lab) && ["2007", "2008", "2009"].includes(year))).toBe(true);
  });

  it("in systems that take no conditions is dequantised, inside of what is possible", async () => {
    const other = join(home, "ffjord");
    expect((await jko(`fit ${table} --system ffjord --set updates=10 --out ${other} --quiet`)).code).toBe(0);
    const rows = cellsOf((await jko(`sample ${other} -n 300`)).out);
    for (const [lab, year, price, , , kind, stay] of rows) {
      expect(["0", "1"]).toContain(lab);
      expect(["2007", "2008", "2009"]).toContain(year);
      expect(Number(price)).toBeGreaterThan(0);
      expect(["oak", "ash", "yew"]).toContain(kind);
      expect(Number(stay)).toBeGreaterThanOrEqual(0);
    }
  });
});

describe("a table of continuous numbers", () => {
  it("has the model that it has as plain numbers, to the last byte", async () => {
    const plain = write(
      "plain.csv",
      "a,b",
      Array.from({ length: 300 }, (_, i) => `${z[2 * i]},${z[2 * i + 1]}`),
    );
    const hash = async (name: string, flags: string): Promise<string> => {
      const out = join(home, name);
      expect((await jko(`fit ${plain} --out ${out} ${TINY} --quiet ${flags}`)).code).toBe(0);
      return hashOf(join(out, "model.safetensors"));
    };
    expect(await hash("auto", "")).toBe(await hash("numbers", "--columns-as numbers"));
  });
});
