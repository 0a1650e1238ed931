/** `jko bands`: intervals from rows and from a path, what they are about, and bad input. */
import fs from "node:fs";
import { join } from "node:path";
import { createKey } from "jkoflow";
import { normal } from "jkoflow/random";
import { describe, expect, it } from "vitest";
import { folder, jko, resultOf } from "./command.testing.ts";

const place = folder();
const z = normal(createKey(5), 2002);
const write = (name: string, lines: readonly string[]): string => {
  const path = join(place, name);
  fs.writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
};
/** Rows of N(1, 1/3), and a path of the process that has it as its steady state, a value every 0.1. */
const rows = write("rows.csv", ["x", ...Array.from(z.subarray(0, 400), (v) => String(1 + v / Math.sqrt(3)))]);
const a = Math.exp(-0.15);
let at = 1;
const path = write("path.csv", [
  "x",
  ...Array.from(z, (v) => {
    at = 1 + a * (at - 1) + v * Math.sqrt((1 - a * a) / 3);
    return String(at);
  }),
]);
const two = write("two.csv", [
  "u,v",
  ...Array.from({ length: 60 }, (_, i) => `${z[2 * i]},${z[2 * i] / 2 + z[2 * i + 1]}`),
]);

const saw = write("saw.csv", ["x", ...Array.from({ length: 40 }, (_, i) => String(i % 2))]);

const START = "--temperature 0.5 --start normal:1:0.31622776601683794:-2";
interface Named {
  readonly name: string;
  readonly value: number;
  readonly standardError: number;
  readonly low: number;
  readonly high: number;
}
const intervals = (outcome: Awaited<ReturnType<typeof jko>>): readonly Named[] =>
  resultOf(outcome).intervals as unknown as readonly Named[];

describe("jko bands", () => {
  it("of rows: the law, its intervals by the standard errors of the theory, the centre, the time error", async () => {
    const outcome = await jko(`bands ${rows} --time 0.6 ${START}`);
    expect(outcome.code).toBe(0);
    expect(outcome.out).toContain("Estimated from 400 rows: mean ");
    expect(outcome.out).toContain("95 % intervals about the JKO scheme with a step of 0.01:");
    expect(outcome.out).toContain("note: the time error is above a tenth of the standard error of mean");
    const [mean, variance] = intervals(await jko(`bands ${rows} --time 0.6 ${START} --json`));
    // n Var is 2.487 and .0854 at the true parameters; the estimates are some percent off those.
    expect(Math.abs((mean.standardError * 20) / Math.sqrt(2.487) - 1)).toBeLessThan(0.15);
    expect(Math.abs((variance.standardError * 20) / Math.sqrt(0.0854) - 1)).toBeLessThan(0.2);
    expect((mean.high - mean.low) / mean.standardError).toBeCloseTo(2 * 1.959964, 5);
    expect(Math.abs(variance.value - 0.294764)).toBeLessThan(4 * variance.standardError);
  });

  it("of a path, about the limit; a known mean has no error", async () => {
    const asked = `bands ${path} --path 0.1 --time 0.6 ${START} --centre continuum`;
    const outcome = await jko(asked);
    expect(outcome.out).toContain("Estimated from 2,001 rows: mean ");
    expect(outcome.out).toContain("intervals about the true flow");
    expect(outcome.out).not.toContain("note:");
    const [free, known] = [intervals(await jko(`${asked} --json`)), intervals(await jko(`${asked} --mean 1 --json`))];
    expect(known[0].standardError).toBeLessThan(free[0].standardError);
    expect(Math.abs(known[1].value - 0.294764)).toBeLessThan(4 * known[1].standardError);
  });

  it("in two columns names every entry, and says that 60 rows are few", async () => {
    const { out } = await jko(`bands ${two} --time 1 --step 0.1`);
    for (const name of ["mean u", "mean v", "variance u", "covariance u, v", "variance v"])
      expect(out).toMatch(new RegExp(`^${name} `, "m"));
    expect(out).toContain("note: 60 rows: such intervals hold the truth less often");
  });

  it("writes the band of the density, which integrates to one, and a picture", async () => {
    const [csv, svg] = [join(place, "band.csv"), join(place, "band.svg")];
    await jko(`bands ${rows} --time 0.6 ${START} -o ${csv}`);
    await jko(`bands ${rows} --time 0.6 ${START} -o ${svg}`);
    const lines = fs.readFileSync(csv, "utf8").trim().split("\n").slice(1);
    const band = lines.map((line) => line.split(",").map(Number));
    const width = band[1][0] - band[0][0];
    expect(band.reduce((sum, [, density]) => sum + density * width, 0)).toBeCloseTo(1, 3);
    for (const [, density, low, high] of band) expect(low <= density && density <= high).toBe(true);
    expect(fs.readFileSync(svg, "utf8")).toContain("Density with a 95 % band");
    const again = await jko(`bands ${rows} --time 0.6 -o ${csv}`);
    expect([again.code, again.err]).toEqual([2, expect.stringContaining("which exists, expected a new file")]);
  });

  it.each([
    [`${two} --time 1 --path 0.1`, "2 columns, expected one column with --path"],
    [`${two} --time 1 -o ${join(place, "new.svg")}`, "-o: 2 columns, expected one column"],
    [`${rows} --time 1 -o ${join(place, "new.txt")}`, "expected a name that ends in .csv or .svg"],
    [`${rows} --time 1 --step 0.3`, "--time: 1 with a step of 0.3, expected a whole number of steps"],
    [`${rows} --time 1 --start normal:3`, "--start: 3 columns, expected 1"],
    [`${rows} --time 1 --level 95`, '--level: "95", expected a share between 0 and 1'],
    [`${rows} --time 1 --mean 0`, "--mean: no --path"],
    [`${saw} --time 1 --path 0.1`, "path: neighbours with a correlation of "],
    [`${rows}`, "--time"],
    [`${join(place, "none.csv")} --time 1`, "no such file"],
  ])("refuses %s in one line", async (words, says) => {
    const before = fs.readdirSync(place).sort();
    const { code, err, out } = await jko(`bands ${words}`);
    expect([code, out]).toEqual([2, ""]);
    expect(err.trim().split("\n")).toHaveLength(1);
    expect(err).toContain(says);
    expect(fs.readdirSync(place).sort()).toEqual(before);
  });
});
