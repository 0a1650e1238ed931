/** `jko sample --chains`: the rows of a plain sample with their log-densities, in the files that Stan, ArviZ and NumPy know. */
import fs from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { folder, jko, resultOf, smallTable, TINY } from "./command.testing.ts";
import { readNpy } from "./npy.testing.ts";

const home = folder();
const table = join(home, "run");
const flow = join(home, "flow");
const at = (name: string): string => join(home, name);

beforeAll(async () => {
  const fit = await jko(`fit ${smallTable(at("table.csv"), 60)} --out ${table} --quiet ${TINY}`);
  expect(fit).toMatchObject({ code: 0, err: "" });
  const words = "infer --columns theta.1,theta.2 --log-density -x1^2-x2^2 --time 0.2 --step 0.1 --report none --quiet";
  expect(await jko(`${words} --out ${flow} --set updates=3`)).toMatchObject({ code: 0, err: "" });
});

const numbers = (path: string): number[][] =>
  fs
    .readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.split(",").map(Number));

describe.each([
  ["a model of a table", () => table],
  ["a flow", () => flow],
])("draws of %s", (title, run) => {
  const name = title.at(-1)!;

  it("are the rows of a plain sample, a file a chain, with their log-densities", async () => {
    expect((await jko(`sample ${run()} -n 12 --seed 4 -o ${at(`plain-${name}.csv`)}`)).code).toBe(0);
    const drawn = await jko(`sample ${run()} -n 12 --seed 4 --chains 3 --json -o ${at(`draws-${name}.csv`)}`);
    const paths = [1, 2, 3].map((chain) => at(`draws-${name}-${chain}.csv`));
    expect(resultOf(drawn)).toMatchObject({ output: paths, rows: 12 });
    const draws = paths.flatMap(numbers);
    expect(draws.map((row) => row.slice(1))).toEqual(numbers(at(`plain-${name}.csv`)));
    const scored = await jko(`logprob ${run()} ${at(`plain-${name}.csv`)} -o ${at(`scores-${name}.npy`)}`);
    expect(scored.code).toBe(0);
    const { values } = readNpy(at(`scores-${name}.npy`));
    // Along the way and back again: to the error of an inverse.
    for (const [i, [lp]] of draws.entries())
      expect(Math.abs(lp - values[i])).toBeLessThan(1e-3 * (1 + Math.abs(values[i])));
  });

  it("are the same numbers as JSON and as NPY [chains, draws, columns]", async () => {
    for (const extension of ["json", "npy"]) {
      const { code } = await jko(`sample ${run()} -n 12 --seed 4 --chains 3 -o ${at(`${name}.${extension}`)}`);
      expect(code).toBe(0);
    }
    const rows = numbers(at(`plain-${name}.csv`));
    const { shape, values } = readNpy(at(`${name}.npy`));
    expect(shape).toEqual([3, 4, rows[0].length]);
    expect([...values]).toEqual(rows.flat().map(Math.fround));
    const { posterior, sample_stats } = JSON.parse(fs.readFileSync(at(`${name}.json`), "utf8"));
    const first = Object.values<number[][] | number[][][]>(posterior)[0]
      .flat()
      .map((x) => [x].flat()[0]);
    expect(first).toEqual(rows.map((row) => row[0]));
    expect(sample_stats.lp.map((chain: number[]) => chain.length)).toEqual([4, 4, 4]);
  });
});

describe("bad wishes are one line, and nothing is written", () => {
  it.each([
    ["-n 10 --chains 4 -o no.csv", "-n: 10 rows, expected a multiple of 4 chains; -n 12"],
    ["-n 12 --chains 4", "--chains: standard output, expected -o with a .csv"],
    ["-n 12 --chains 4 -o no.tsv", "--chains: "],
    ["-n 12 --chains 0 -o no.csv", '--chains: "0"'],
    ["-n 99999999 -o no.json", "-n: 99999999 rows as JSON, expected at most 5000000"],
    ["-n 4 --chains 2 -o no/where.csv", "no folder"],
  ])("%s", async (words, line) => {
    const before = fs.readdirSync(home);
    const { code, err } = await jko(`sample ${table} ${words.replace("no", at("no"))}`);
    expect([code, err]).toEqual([2, expect.stringContaining(line)]);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
    expect(fs.readdirSync(home)).toEqual(before);
  });

  it("a file of them that exists, without --force", async () => {
    fs.writeFileSync(at("old-2.csv"), "precious");
    const { code, err } = await jko(`sample ${table} -n 4 --chains 2 -o ${at("old.csv")}`);
    expect([code, err]).toEqual([2, expect.stringContaining("old-2.csv, which exists")]);
    expect(fs.readFileSync(at("old-2.csv"), "utf8")).toBe("precious");
    expect(fs.existsSync(at("old-1.csv"))).toBe(false);
    expect((await jko(`sample ${table} -n 4 --chains 2 -o ${at("old.csv")} --force`)).code).toBe(0);
    expect(numbers(at("old-2.csv"))).toHaveLength(2);
  });
});
