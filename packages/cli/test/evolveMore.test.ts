/** Rows as a start, two steps extrapolated, problems by name, and forty bad inputs: one line each, code 2, nothing written. */
import fs from "node:fs";
import { join } from "node:path";
import { chain, createKey, problems } from "jkoflow";
import { beforeAll, describe, expect, it } from "vitest";
import { extrapolated } from "../src/evolution/finished.ts";
import { folder, hashOf, jko, resultOf } from "./command.testing.ts";

const TINY =
  "--set width=8 --set rank=2 --set updates=40 --set identityUpdates=40 --set batchSize=128 --set poolRows=1000 --set heldOutRows=1000 --threads 1";
const home = folder();
const write = (name: string, text: string): string => {
  const path = join(home, name);
  fs.writeFileSync(path, text);
  return path;
};
const wave = (i: number): number => ((i * 7919) % 1000) / 500 - 1;
const table = write(
  "rows.csv",
  `a,b\n${Array.from({ length: 200 }, (_, i) => `${wave(i).toFixed(3)},${wave(3 * i + 1).toFixed(3)}`).join("\n")}\n`,
);

describe("--accuracy", () => {
  const run = join(home, "two-steps");
  const words = `evolve ou:2 --time 0.1 --step 0.05 --accuracy --report quick --out ${run} ${TINY}`;
  let accuracy: Record<string, Record<string, number>> & { step?: number } = {};
  beforeAll(async () => {
    const outcome = await jko(`${words} --json`);
    expect([outcome.code, outcome.err]).toEqual([0, ""]);
    accuracy = resultOf(outcome).accuracy as typeof accuracy;
  });

  it("trains with half the step too, and extrapolates F, moments and log-densities", async () => {
    expect(accuracy.step).toBe(0.025);
    const { settings } = JSON.parse(fs.readFileSync(join(run, "config.json"), "utf8"));
    expect(settings).toMatchObject({ updates: 40, learningRateFloor: 0.002 }); // what was said, and what suits a comparison
    const { run: of, half, extrapolated } = accuracy.energy;
    expect(extrapolated).toBeCloseTo(2 * half - of, 12);
    for (const part of ["estimate", "momentError", "logDensityError"])
      expect(accuracy[part].half, part).toBeGreaterThan(0);
    const page = fs.readFileSync(join(run, "report.html"), "utf8");
    expect(page).toContain("With steps of 0.025 too: F extrapolated to");
  });

  it("densities of drawn rows, which are of one step alone, are not among what it can", () => {
    const plain = {
      system: "s",
      columns: ["x"],
      base: "standard",
      direction: "from base",
      parts: [],
      times: [0],
    } as const;
    const open = chain.openChain(plain);
    const both = extrapolated(open, open);
    const { values } = chain.need(open, "draw")(createKey(1), 3);
    expect(chain.need(both, "logProb")(Float32Array.from(values))).toEqual(
      chain.need(open, "logProb")(Float32Array.from(values)),
    );
    expect(() => chain.need(both, "draw")).toThrow("densities are extrapolated from two steps");
  });

  it("logprob gives 2 log q of the half step less log q", async () => {
    const points = write("points.csv", "x1,x2\n0.3,-0.2\n1,1\n");
    const scores = async (path: string, at: number): Promise<number[]> => {
      const { out, err, code } = await jko(`logprob ${path} ${points} --at ${at}`);
      expect([code, err]).toEqual([0, ""]);
      return out.trim().split("\n").slice(1).map(Number);
    };
    // The same run as one without a second step.
    const plain = join(home, "one-step");
    fs.cpSync(run, plain, { recursive: true });
    const { accuracy: _, ...record } = JSON.parse(fs.readFileSync(join(run, "config.json"), "utf8"));
    fs.writeFileSync(join(plain, "config.json"), JSON.stringify(record));
    const [both, coarse, fine] = [
      await scores(run, 0.05),
      await scores(plain, 0.05),
      await scores(join(run, "half"), 0.05),
    ];
    both.forEach((score, i) => {
      expect(score).toBeCloseTo(2 * fine[i] - coarse[i], 9);
    });
    expect((await jko(`sample ${run} -n 3 --at 0.05 --seed 2`)).out).toBe(
      (await jko(`sample ${join(run, "half")} -n 3 --at 0.05 --seed 2`)).out,
    );
    expect((await jko(`sample ${run} -n 3 --at 0.025`)).err).toContain(
      "expected a time of the scheme, a multiple of 0.05",
    );
  });

  it("is taken up again in the second training, which messages speak of by the run", async () => {
    const again = join(home, "broken-off");
    let sent = false; // of two steps the first training has; the second has four
    const onOut = (text: string, interrupt: (signal: string) => void): void => {
      if (sent || !text.includes('"step 3"')) return;
      sent = true;
      interrupt("SIGINT");
    };
    const { code, err } = await jko(`${words.replace(run, again)} --json`, { onOut });
    expect([code, err]).toEqual([130, expect.stringContaining(`go on with: jko resume ${again}\n`)]);
    expect((await jko(`sample ${again} -n 1`)).err).toContain(`finish it by jko resume ${again}`);
    expect((await jko(`resume ${again} --quiet`)).code).toBe(0);
    for (const name of ["model.safetensors", "half/model.safetensors"])
      expect(hashOf(join(again, name))).toBe(hashOf(join(run, name)));
  });
});

describe("rows as a start", () => {
  const run = join(home, "from-rows");
  it("are fitted by a mixture, which is said; columns are those of the table", async () => {
    const words = `evolve --start ${table} --potential a^2/2+b^2 --time 0.1 --step 0.05 --report quick --out ${run} ${TINY}`;
    const { code, err, out } = await jko(words);
    expect(code).toBe(0);
    expect(err).toMatch(
      /note: the start is (one Gaussian|a mixture of \d+ Gaussians) fitted to 200 rows; log-density of 40/,
    );
    expect(out).toContain("this run");
    expect((await jko(`sample ${run} -n 2 --at 0`)).out.split("\n")[0]).toBe("a,b");
    expect(fs.readFileSync(join(run, "report.html"), "utf8")).toContain("Note: the start is");
    const { startRows } = JSON.parse(fs.readFileSync(join(run, "config.json"), "utf8")).problem;
    expect(startRows).toEqual({ path: table, sha256: hashOf(table) });
  });

  it("that have changed are another problem", async () => {
    const text = fs.readFileSync(table, "utf8");
    fs.writeFileSync(table, `${text}0.1,0.2\n`);
    const { code, err } = await jko(`sample ${run} -n 2`);
    fs.writeFileSync(table, text);
    expect([code, err]).toEqual([2, expect.stringContaining(`${table}: other bytes than when the run began`)]);
  });
});

describe("problems by name", () => {
  it.each(["evolve", "infer"] as const)("jko %s list says what is known of each", async (verb) => {
    const catalogue = verb === "evolve" ? problems.namedProblems : problems.namedTargets;
    const { out, code } = await jko(`${verb} list`);
    expect(code).toBe(0);
    for (const [name, { says, oracle }] of Object.entries(catalogue)) {
      expect(out, name).toContain(says);
      if (oracle !== undefined) expect(out, name).toContain(`known: ${oracle}`);
    }
    const commands = [...out.matchAll(/jko (.*)$/gm)].map(([, words]) => words);
    expect(commands.length).toBe(Object.keys(catalogue).length);
    for (const words of commands) expect((await jko(`${words} --print-config`)).code, words).toBe(0);
    const { problems: list } = resultOf(await jko(`${verb} list --json`)) as { problems: { name: string }[] };
    expect(list.map(({ name }) => name)).toEqual(Object.keys(catalogue));
  });
});

describe("bad input", () => {
  const few = write("few.csv", "a,b\n1,2\n3,4\n");
  const words = write("words.csv", `a,b\n${"1,x\n2,y\n".repeat(20)}`);
  const gap = write("gap.csv", `a,b\n${"1,2\n3,\n".repeat(20)}`);
  const flat = write("flat.csv", `a,b\n${Array.from({ length: 50 }, (_, i) => `${i},7`).join("\n")}\n`);
  const empty = write("empty.csv", "");
  const module = write("parts.mjs", `export const problem = { start: "normal:1", potental: "x^2" };`);
  const falls = write("falls.mjs", `export const problem = { start: "normal:1", potential: "-x^4" };`);
  const startless = write("startless.mjs", `export const problem = { potential: "x^2" };`);
  it.each<[words: string, message: string]>([
    [`evolve --start ${few} --potential x`, `${few}: 2 rows of 2 columns, expected at least 20`],
    [`evolve --start ${words} --potential x`, `${words}`],
    [`evolve --start ${gap} --potential x`, `${gap}`],
    [`evolve --start ${flat} --potential x`, `${flat}: a column "b" that is constant or follows from the others`],
    [`evolve --start ${empty} --potential x`, `${empty}`],
    ["evolve --start missing.csv --potential x", "missing.csv: no such file"],
    [`evolve --start ${table}`, "jko evolve: a functional that is 0"],
    [`evolve --start ${table} --columns a,c --potential x`, "c"],
    [`evolve --start ${table} --potential z`, '--potential: at character 1: "z", expected a, b, x, y'],
    [`evolve ou:2 --start ${table}`, '--start: it beside "ou:2", which has its own'],
    ["evolve --start normal:2:x --potential x", '--start: "normal:2:x", expected a standard deviation above 0'],
    ["evolve --start normal:2:1:3 --potential x", '--start: "normal:2:1:3", expected a mean of 2 numbers'],
    ["evolve --start normal:0 --potential x", '--start: "normal:0", expected a dimension from 1 to 64'],
    ["evolve --start uniform:2 --potential x", '--start: "uniform:2", expected normal:D'],
    ["evolve --start normal:1 --potential -x^4", '--potential: "-x^4", which falls without end'],
    ["evolve --start normal:1 --potential -20*x^2", "h = 0.05 has a minimum of; take a smaller step"],
    ["evolve --start normal:1 --potential log(x)", '--potential: "log(x)", which has no finite value at'],
    ["evolve --start normal:1 --potential sin(x", "--potential: at character 6: the end"],
    ["evolve --start normal:1 --potential pow(x)", "expected a comma and an exponent"],
    ["evolve --start normal:1 --potential cosh(x)", '"cosh", expected a function: exp, log, sqrt, sin, cos'],
    ["evolve --start normal:1 --interaction x^3", '--interaction: "x^3", which is'],
    ["evolve --start normal:1 --interaction -r^4", '--interaction: "-r^4", which falls without end'],
    ["evolve --start normal:1 --internal rho", '--internal: "rho", which is not displacement convex'],
    ["evolve --start normal:1 --diffusion much", '--diffusion: "much", expected a number from 0'],
    ["evolve --start normal:1 --potential x^2 --time -1", '--time: "-1", expected a number above 0'],
    ["evolve --start normal:1 --potential x^2 --time 1e9", "--step: 0.05, which makes"],
    ["evolve --start normal:2 --columns a --potential a", "--columns"],
    ["evolve --start normal:2 --columns a,a --potential a", "--columns"],
    ["evolve ou:", 'problem: "ou:", expected ou:d'],
    ["evolve OU:2", 'problem: "OU:2"'],
    ["evolve ou:0", 'problem: "ou:0", expected ou:d'],
    ["evolve ou:2 --report some", '--report: "some", expected none'],
    ["evolve ou:2 --seed -1", "--seed"],
    ["evolve ou:2 --set updates", "--set"],
    ["evolve ou:2 --set convexity=2", "jko-icnn:convexity: 2"],
    [`evolve ${module}`, `${module}:potental: a part that is not known, expected title, columns, start`],
    [`evolve ${falls}`, `${falls}:potential: "-x^4", which falls without end`],
    [`evolve ${startless}`, `${startless}:start: nothing, expected a start such as normal:2`],
    ["infer list:2", 'problem: "list:2", expected banana'],
    ["infer --columns a,b --log-density a^2+c", '"c" behind "a^2+", expected a, b'],
    ["infer --log-density -x^2", "--start: nothing, expected a start such as normal:2, or columns"],
    ["infer --start normal:1 --log-density x^4", '--log-density: "x^4", which falls without end'],
    ["infer banana:3", 'problem: "banana:3", expected banana:2'],
    ["infer banana --potential x", "unknown option"],
  ])("%s", async (given, message) => {
    const out = join(home, "nothing");
    const before = fs.readdirSync(home);
    const outcome = await jko(`${given} --out ${out}`);
    expect([outcome.code, outcome.out]).toEqual([2, ""]);
    expect(outcome.err).toMatch(/^error: [^\n]+\n$/);
    expect(outcome.err).toContain(message);
    expect(fs.readdirSync(home)).toEqual(before);
  });
});
