/** `jko` on columns that are large beside their spread, such as seconds since 1970: in the user's units, in every format. */
import fs from "node:fs";
import { join } from "node:path";
import { createKey, io } from "jkoflow";
import { normal } from "jkoflow/random";
import { beforeAll, describe, expect, it } from "vitest";
import { openTable } from "../src/input/openTable.ts";
import { folder, jko, resultOf, TINY } from "./command.testing.ts";
import { readNpy } from "./npy.testing.ts";
import { shellOf } from "./shell.testing.ts";

const home = folder();
const ROWS = 200;
const BY = 1_700_000_000;
const [t, y] = ["t", "y"].map((name) => Array.from(normal(createKey(name), ROWS), (z) => Math.round(64 * z) / 64 + 0));
const k = t.map((z) => Math.round(10 * z) + 0);
const out = (name: string): string => join(home, name);

/** The table with an offset on its first two columns, in each format. */
function write(name: string, by: number): Readonly<Record<"csv" | "npy" | "fortran", string>> {
  const rows = t.map((x, i) => [x + by, k[i] + by, y[i] + x / 2]);
  const paths = { csv: out(`${name}.csv`), npy: out(`${name}.npy`), fortran: out(`${name}-fortran.npy`) };
  fs.writeFileSync(paths.csv, `x1,x2,x3\n${rows.map((row) => row.join(",")).join("\n")}\n`);
  fs.writeFileSync(paths.npy, io.writeNpy(Float64Array.from(rows.flat()), [ROWS, 3]));
  const columns = Float64Array.from([0, 1, 2].flatMap((c) => rows.map((row) => row[c])));
  const fortran = Buffer.from(io.writeNpy(columns, [ROWS, 3]));
  const at = fortran.indexOf("False,");
  fortran.write("True, ", at, "latin1");
  fs.writeFileSync(paths.fortran, fortran);
  return paths;
}
const [plain, large] = [write("plain", 0), write("large", BY)];
const scores = async (run: string, path: string): Promise<number[]> => {
  const { code, err } = await jko(`logprob ${out(run)} ${path} -o ${out("s.npy")} --force --seed 3`);
  expect(code, err).toBe(0);
  return [...readNpy(out("s.npy")).values];
};
const close = (found: readonly number[], wanted: readonly number[]): void => {
  expect(found).toHaveLength(wanted.length);
  expect(Math.max(...found.map((x, i) => Math.abs(x - wanted[i])))).toBeLessThan(1e-6);
};

beforeAll(async () => {
  for (const [name, { csv }] of Object.entries({ plain, large })) {
    const { code, err } = await jko(`fit ${csv} --out ${out(name)} --integer x2 ${TINY}`);
    expect(code, err).toBe(0);
    // Notes of one kind are one line; x2 is large too.
    expect(/"x1".* large beside .*spread: read as the difference from 1700000000/.test(err)).toBe(name === "large");
  }
});

describe("a table 1.7e9 from the origin", () => {
  it("has the scores of the table at the origin, in every format", async () => {
    const wanted = await scores("plain", plain.csv);
    for (const path of Object.values(large)) close(await scores("large", path), wanted);
    for (const path of Object.values(plain)) close(await scores("plain", path), wanted);
    const results = await Promise.all([
      jko(`evaluate ${out("plain")} ${plain.npy} --json`),
      jko(`evaluate ${out("large")} ${large.fortran} --json`),
    ]);
    const [a, b] = results.map((outcome) => Number(resultOf(outcome).testNll));
    expect(Math.abs(a - b)).toBeLessThan(1e-6);
  });

  it("has the samples of the table at the origin and the offset, with their decimals", async () => {
    for (const name of ["plain", "large"]) {
      for (const end of ["csv", "npy"]) await jko(`sample ${out(name)} -n 50 -o ${out(`${name}-sample.${end}`)}`);
    }
    const cells = (name: string): string[][] =>
      fs.readFileSync(out(`${name}-sample.csv`), "utf8").trim().split("\n").slice(1).map((line) => line.split(",")); // biome-ignore format: a line
    const [near, far] = [cells("plain"), cells("large")];
    expect(far).toHaveLength(50);
    for (const [i, [x1, x2, x3]] of far.entries()) {
      // float64 steps by 2.4e-7 there.
      expect(Math.abs(Number(x1) - BY - Number(near[i][0]))).toBeLessThan(1e-6);
      expect(x1.length).toBeLessThanOrEqual("1700000000.1234567".length);
      expect(x2).toBe(String(Number(near[i][1]) + BY));
      expect(x3).toBe(near[i][2]);
    }
    const array = readNpy(out("large-sample.npy"));
    expect([array.descr, array.shape]).toEqual(["<f8", [50, 3]]);
    expect(readNpy(out("plain-sample.npy")).descr).toBe("<f4");
    close([...array.values], far.flat().map(Number));
    close(await scores("large", out("large-sample.npy")), await scores("large", out("large-sample.csv")));
  });

  it("has bounds and messages in its own units", async () => {
    expect((await jko(`info ${out("large")}`)).out).toContain(`difference from ${BY}`);
    const bounded = await jko(
      `fit ${large.csv} --out ${out("bounded")} --bounds x1=${BY - 100}:${BY + 2} --validation ${large.npy} ${TINY}`,
    );
    const outside = t.findIndex((x) => x >= 2) + 1;
    expect([bounded.code, bounded.err]).toEqual([2, expect.stringMatching(
      new RegExp(`row ${outside}, column "x1": ${t[outside - 1] + BY}, expected a value above ${BY - 100} and below ${BY + 2}`))]); // biome-ignore format: a message
    const fraction = out("fraction.csv");
    fs.writeFileSync(fraction, `x1,x2,x3\n${BY},${BY + 0.5},1\n`);
    expect((await jko(`logprob ${out("large")} ${fraction} --strict`)).err).toContain(
      `column "x2": ${BY + 0.5}, expected a whole`,
    );
  });

  it("keeps given columns in float64 in arrays", async () => {
    const options = { missing: "error", header: "detect", delimiter: "detect", array: null } as const;
    for (const path of [large.npy, large.fortran, large.csv]) {
      const [cells] = await (await openTable(path, shellOf(), "several")).words({
        ...options,
        names: ["x1"],
        gapFix: undefined,
      });
      expect(cells.cells.map(Number)).toEqual(t.map((x) => x + BY));
    }
  });
});
